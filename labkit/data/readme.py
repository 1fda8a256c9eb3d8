"""The data set's README, written by the generator from what it counted, so that it is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.data.dirt import KINDS
from labkit.data.stores import STORES

_TEXT = """\
# Datos del laboratorio · the lab's data

Una tienda inventada, año {year}. Hecho por `labkit data --rows {rows} --seed {seed}`: no lo edite, genérelo.
An invented shop, year {year}. Made by `labkit data --rows {rows} --seed {seed}`: generate it, do not edit it.

## `ventas_{year}_01.csv` … `ventas_{year}_12.csv` · sales

Una fila: una línea de un tique. {rows} filas, UTF-8, coma. · One row: one line of a ticket. {rows} rows, UTF-8, comma.

| columna | tipo · type | |
|---|---|---|
| id_venta | texto · text | `V0000001` |
| fecha | fecha · date | `{year}-01-15` |
| id_tienda | texto · text | → tiendas |
| id_cliente | texto · text | → clientes |
| id_producto | texto · text | → productos |
| cantidad | número · number | unidades · units |
| precio_unitario | número · number | euros |
| canal | texto · text | tienda, web, app, teléfono |

Suciedad plantada, una por fila · planted dirt, one a row:

| qué | what | filas · rows | etl/sales_etl.py |
|---|---|---:|---|
{dirt}

Aceptadas {accepted} · rechazadas {rejected}. · Accepted {accepted}, rejected {rejected}.

## `productos.jsonl` · products

Un objeto JSON por línea: un producto. {products} líneas. · One JSON object a line: one product. {products} lines.
`id_producto`, `nombre`, `categoria` {{departamento, nombre}}, `etiquetas` [texto], `precio` (entero o decimal · int or double),
`proveedor` {{nombre, pais, contacto {{telefono}}}}, `peso_kg`.

| irregularidad · irregularity | líneas · lines |
|---|---:|
{product_faults}

## `clientes.csv` · customers

Una fila: un cliente inventado. {customers} filas, UTF-8, punto y coma, comillas dobles. · One row: one invented customer. {customers} rows,
UTF-8, semicolon, double quotes. `id_cliente`, `nombre`, `apellidos`, `email`, `ciudad`, `fecha_alta` (dd/mm/aaaa), `notas`.

| irregularidad · irregularity | filas · rows |
|---|---:|
{customer_faults}

## `tiendas.parquet` · shops

Una fila: una tienda. {stores} filas, limpias. · One row: one shop. {stores} rows, clean.
`id_tienda`, `nombre`, `ciudad`, `provincia`, `apertura` (date), `metros2` (int), `latitud`, `longitud` (double).

## `practice/` · bicycle trips for practising Spark

`viajes.csv`: un viaje por fila, algunos dos veces (la segunda con la llegada corregida); `abono` puede estar vacío y `km` llevar coma.
`viajes.csv`: one trip a row, some twice (the second with the arrival corrected); `abono` may be empty, `km` may have a comma.
`estaciones.jsonl`: una estación por línea · one station a line: `id`, `nombre`, `barrio`, `plazas`, `coordenadas` {{lat, lon}},
`servicios` [texto].
"""


@dataclass(frozen=True)
class Facts:
    """What the generator wrote and counted."""

    rows: int
    seed: int
    year: int
    dirt: Mapping[str, int]
    products: int
    product_faults: Mapping[str, int]
    customers: int
    customer_faults: Mapping[str, int]


def write_readme(path: Path, facts: Facts) -> None:
    """Write the README in Spanish and English."""
    rejected = sum(facts.dirt.get(kind.name, 0) for kind in KINDS if kind.reason)
    dirt = [
        f"| {kind.spanish} | {kind.english} | {facts.dirt.get(kind.name, 0)} | {f'`{kind.reason}`' if kind.reason else 'ok'} |"
        for kind in KINDS
    ]
    text = _TEXT.format(
        year=facts.year,
        rows=facts.rows,
        seed=facts.seed,
        dirt="\n".join(dirt),
        accepted=facts.rows - rejected,
        rejected=rejected,
        products=facts.products,
        product_faults=_build_lines(facts.product_faults),
        customers=facts.customers,
        customer_faults=_build_lines(facts.customer_faults),
        stores=len(STORES),
    )
    path.write_bytes(text.encode())


def _build_lines(faults: Mapping[str, int]) -> str:
    return "\n".join(f"| {name} | {count} |" for name, count in faults.items())
