"""The shops: a small Parquet file with honest types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Store:
    """One shop; `share` is its part of the sales, `area_m2` its floor."""

    id: str
    name: str
    city: str
    province: str
    opened: date
    area_m2: int
    latitude: float
    longitude: float
    share: float


STORES = (
    Store("T01", "Gran Vía", "Madrid", "Madrid", date(2009, 3, 14), 820, 40.4203, -3.7058, 0.22),
    Store("T02", "Lavapiés", "Madrid", "Madrid", date(2016, 9, 1), 310, 40.4087, -3.7012, 0.10),
    Store("T03", "Gràcia", "Barcelona", "Barcelona", date(2011, 5, 20), 640, 41.4036, 2.1565, 0.18),
    Store("T04", "Ruzafa", "València", "Valencia", date(2014, 11, 7), 420, 39.4620, -0.3740, 0.13),
    Store("T05", "Triana", "Sevilla", "Sevilla", date(2013, 2, 28), 450, 37.3828, -6.0030, 0.12),
    Store("T06", "Casco Viejo", "Bilbao", "Bizkaia", date(2015, 6, 18), 380, 43.2590, -2.9230, 0.09),
    Store("T07", "La Malagueta", "Málaga", "Málaga", date(2018, 4, 12), 290, 36.7190, -4.4090, 0.09),
    Store("T08", "Riazor", "A Coruña", "A Coruña", date(2020, 10, 3), 260, 43.3680, -8.4110, 0.07),
)


def write_stores(path: Path) -> None:
    """Write id_tienda, nombre, ciudad, provincia, apertura (date), metros2 (int), latitud, longitud: one row a shop."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "id_tienda": pa.array([store.id for store in STORES], pa.string()),
            "nombre": pa.array([store.name for store in STORES], pa.string()),
            "ciudad": pa.array([store.city for store in STORES], pa.string()),
            "provincia": pa.array([store.province for store in STORES], pa.string()),
            "apertura": pa.array([store.opened for store in STORES], pa.date32()),
            "metros2": pa.array([store.area_m2 for store in STORES], pa.int32()),
            "latitud": pa.array([store.latitude for store in STORES], pa.float64()),
            "longitud": pa.array([store.longitude for store in STORES], pa.float64()),
        }
    )
    pq.write_table(table, path, compression="snappy")
