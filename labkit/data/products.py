"""The shop's products: JSON lines, nested, and mixed the way documents of several suppliers are."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Department, category, and what it sells with its price in euros.
_SHELVES: tuple[tuple[str, str, tuple[tuple[str, float], ...]], ...] = (
    (
        "Alimentación",
        "Despensa",
        (("Café molido", 4.35), ("Aceite de oliva", 9.9), ("Arroz bomba", 3.2), ("Atún en aceite", 2.75)),
    ),
    (
        "Alimentación",
        "Dulces",
        (("Turrón de almendra", 7.5), ("Piñones garrapiñados", 5.6), ("Mermelada de higo", 3.4)),
    ),
    (
        "Alimentación",
        "Bebidas",
        (("Agua con gas", 0.85), ("Zumo de piña", 1.95), ("Horchata", 2.6), ("Cerveza sin alcohol", 1.1)),
    ),
    (
        "Hogar",
        "Cocina",
        (("Sartén de 24 cm", 22.5), ("Cuchillo jamonero", 34.0), ("Paño de algodón", 4.5), ("Exprimidor", 27.9)),
    ),
    (
        "Hogar",
        "Jardín",
        (
            ("Maceta de barro", 6.8),
            ("Semillas de albahaca", 1.75),
            ("Manguera de 15 m", 24.9),
            ("Tijera de podar", 13.2),
        ),
    ),
    ("Hogar", "Baño", (("Toalla de baño", 12.95), ("Champú de aceite de argán", 5.4), ("Jabón de Alepo", 3.9))),
    (
        "Moda",
        "Abrigo",
        (("Bufanda de lana", 17.5), ("Jersey de punto", 39.95), ("Guantes de piel", 24.5), ("Paraguas", 14.9)),
    ),
    (
        "Moda",
        "Verano",
        (("Bañador", 21.9), ("Sombrero de paja", 15.5), ("Sandalias", 32.0), ("Abanico pintado", 11.25)),
    ),
    (
        "Ocio",
        "Juguetes",
        (
            ("Peonza de madera", 5.25),
            ("Muñeca de trapo", 18.9),
            ("Tren eléctrico", 64.0),
            ("Rompecabezas de España", 12.5),
        ),
    ),
    (
        "Ocio",
        "Papelería",
        (
            ("Cuaderno cuadriculado", 2.2),
            ("Pluma estilográfica", 29.5),
            ("Acuarelas", 9.75),
            ("Señalador de libro", 1.3),
        ),
    ),
    (
        "Ocio",
        "Deporte",
        (("Balón de fútbol", 19.95), ("Esterilla", 16.4), ("Bidón de 750 ml", 7.9), ("Raqueta de pádel", 74.0)),
    ),
    ("Electrónica", "Sonido", (("Auriculares", 44.9), ("Altavoz portátil", 36.5), ("Radio de cocina", 28.75))),
)
_TAGS = ("nuevo", "oferta", "ecológico", "hecho en España", "frágil", "regalo", "últimas unidades")
_SUPPLIERS = (
    ("Almacenes Peña", "ES"),
    ("Distribuciones Ibáñez", "ES"),
    ("Comércio do Minho", "PT"),
    ("Maison Lefèvre", "FR"),
)


@dataclass(frozen=True)
class Product:
    """One thing on the shelves; `price` in euros."""

    id: str
    name: str
    department: str
    category: str
    price: float


def build_products() -> list[Product]:
    """The assortment, always the same."""
    flat = [(department, category, *item) for department, category, items in _SHELVES for item in items]
    return [
        Product(f"P{number:03}", name, department, category, price)
        for number, (department, category, name, price) in enumerate(flat, start=1)
    ]


def write_products(path: Path, products: list[Product], rng: random.Random) -> dict[str, int]:
    """Write one JSON object a line; return how many of each irregularity are in the file."""
    found = {"etiquetas_texto": 0, "precio_texto": 0, "proveedor_texto": 0, "sin_peso": 0}
    lines = []
    for product in products:
        document = _build_document(product, rng)
        found["etiquetas_texto"] += isinstance(document["etiquetas"], str)
        found["precio_texto"] += isinstance(document["precio"], str)
        found["proveedor_texto"] += isinstance(document["proveedor"], str)
        found["sin_peso"] += "peso_kg" not in document
        lines.append(json.dumps(document, ensure_ascii=False))
    path.write_bytes(("\n".join(lines) + "\n").encode())
    return found


def _build_document(product: Product, rng: random.Random) -> dict[str, Any]:
    tags: Any = rng.sample(_TAGS, rng.randint(0, 3))
    supplier, country = rng.choice(_SUPPLIERS)
    document: dict[str, Any] = {
        "id_producto": product.id,
        "nombre": product.name,
        "categoria": {"departamento": product.department, "nombre": product.category},
        "etiquetas": ", ".join(tags) if tags and rng.random() < 0.1 else tags,
        # A whole number of euros is written as one by many programs: 34 and not 34.0.
        "precio": int(product.price) if product.price.is_integer() else product.price,
        "proveedor": {
            "nombre": supplier,
            "pais": country,
            "contacto": {"telefono": f"+34 9{rng.randint(10**7, 10**8 - 1)}"},
        },
        "peso_kg": round(rng.uniform(0.05, 4), 3),
    }
    if rng.random() < 0.12:
        document["precio"] = f"{product.price:.2f}".replace(".", ",") + " €"
    if rng.random() < 0.1:
        document["proveedor"] = supplier
    if rng.random() < 0.15:
        del document["peso_kg"]
    return document
