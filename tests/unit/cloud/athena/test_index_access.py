"""Parquet columns by place: parquet.column.index.access."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.unit.cloud.athena.fakes import Athena


def parquet(columns: dict[str, Any]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as writer

    out = io.BytesIO()
    writer.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize("clause", ["SERDE", "TBLPROPERTIES"])
def test_parquet_by_place_when_the_table_says_so(lake: Athena, clause: str) -> None:
    # https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html#index-access
    said = "('parquet.column.index.access'='true')"
    form = "STORED AS PARQUET"
    if clause == "SERDE":
        library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
        form = f"ROW FORMAT SERDE '{library}' WITH SERDEPROPERTIES {said} {form}"
    lake.put("t/a", parquet({"id": [1, 2], "name": ["a" * 50, "b" * 50]}))
    tail = f"TBLPROPERTIES {said}" if clause == "TBLPROPERTIES" else ""
    lake.ok(f"CREATE EXTERNAL TABLE t (clave bigint, nombre string, id int) {form} LOCATION 's3://data/t/' {tail}")
    assert lake.ok("SELECT clave, substr(nombre, 1, 1), id FROM t ORDER BY 1") == [["1", "a", None], ["2", "b", None]]
    narrow, both, none = (lake.run(f"SELECT {what} FROM t").scanned_bytes for what in ("clave", "*", "id"))
    assert 0 == none < narrow < both
    assert lake.run("SELECT nombre FROM t WHERE clave > 5").scanned_bytes == 0


def test_a_partition_of_a_table_by_place_may_name_its_columns_otherwise(lake: Athena) -> None:
    lake.put("t/d=1/a", parquet({"x": [7], "y": ["b"]}))
    head = "CREATE EXTERNAL TABLE t (id bigint, name string) PARTITIONED BY (d string) STORED AS PARQUET"
    lake.ok(f"{head} LOCATION 's3://data/t/' TBLPROPERTIES ('parquet.column.index.access'='true')")
    lake.ok("MSCK REPAIR TABLE t")
    lake.ok("ALTER TABLE t CHANGE COLUMN name nombre string")
    assert lake.ok("SELECT id, nombre, d FROM t") == [["7", "b", "1"]]
