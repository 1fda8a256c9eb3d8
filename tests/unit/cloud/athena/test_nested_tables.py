"""Arrays, maps and structs in tables: reached by name, taken apart, written as Athena writes them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.unit.cloud.athena.fakes import Athena

COLUMNS = (
    "id bigint, cliente struct<nombre:string,direccion:struct<ciudad:string,cp:int>>, etiquetas array<string>, "
    "precios map<string,double>, lineas array<struct<sku:string,cantidad:int>>"
)
JSON_TABLE = f"CREATE EXTERNAL TABLE pedidos ({COLUMNS}) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://data/pedidos/'"
PARQUET_TABLE = f"CREATE EXTERNAL TABLE pedidos ({COLUMNS}) STORED AS PARQUET LOCATION 's3://data/pedidos/'"
LINES = (
    '{"id": 1, "cliente": {"nombre": "Ana", "direccion": {"ciudad": "Málaga", "cp": 29001}}, "etiquetas": ["a", null, "b"], '
    '"precios": {"x": 1.5, "y": null}, "lineas": [{"sku": "s1", "cantidad": 2}, {"sku": "s2"}]}\n'
    '{"id": 2, "cliente": null, "etiquetas": [], "precios": {}, "lineas": null}\n'
)


def parquet_file() -> bytes:
    import pyarrow
    from pyarrow import parquet

    line = pyarrow.struct([("sku", pyarrow.string()), ("cantidad", pyarrow.int32())])
    address = pyarrow.struct([("ciudad", pyarrow.string()), ("cp", pyarrow.int32())])
    client = pyarrow.struct([("nombre", pyarrow.string()), ("direccion", address)])
    table = pyarrow.table({
        "id": pyarrow.array([1, 2], pyarrow.int64()),
        "cliente": pyarrow.array([{"nombre": "Ana", "direccion": {"ciudad": "Málaga", "cp": 29001}}, None], client),
        "etiquetas": pyarrow.array([["a", None, "b"], []], pyarrow.list_(pyarrow.string())),
        "precios": pyarrow.array([[("x", 1.5), ("y", None)], []], pyarrow.map_(pyarrow.string(), pyarrow.float64())),
        "lineas": pyarrow.array([[{"sku": "s1", "cantidad": 2}, {"sku": "s2"}], None], pyarrow.list_(line)),
    })  # fmt: skip
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


@pytest.fixture(params=["json", "parquet"])
def pedidos(request: Any, athena: Athena) -> Athena:
    """The same two rows in both formats."""
    athena.put("pedidos/a", LINES if request.param == "json" else parquet_file())
    athena.ok(JSON_TABLE if request.param == "json" else PARQUET_TABLE)
    return athena


def test_nested_values_are_written_as_athena_writes_them(pedidos: Athena) -> None:
    assert pedidos.ok("SELECT * FROM pedidos ORDER BY id") == [
        ["1", "{nombre=Ana, direccion={ciudad=Málaga, cp=29001}}", "[a, null, b]", "{x=1.5, y=null}",
         "[{sku=s1, cantidad=2}, {sku=s2, cantidad=null}]"],
        ["2", None, "[]", "{}", None],
    ]  # fmt: skip


def test_fields_are_reached_by_name_whatever_the_case(pedidos: Athena) -> None:
    sql = 'SELECT cliente.nombre, CLIENTE.Direccion.CIUDAD, p.cliente."direccion".cp, db.pedidos.id FROM db.pedidos p ORDER BY id'
    assert "cannot be resolved" in pedidos.fails(sql)
    sql = sql.replace("db.pedidos.id", "p.id")
    assert pedidos.ok(sql) == [["Ana", "Málaga", "29001", "1"], [None, None, None, "2"]]


def test_elements_and_keys(pedidos: Athena) -> None:
    sql = "SELECT etiquetas[1], element_at(precios, 'x'), lineas[2].sku, cardinality(lineas) FROM pedidos WHERE id = 1"
    assert pedidos.ok(sql) == [["a", "1.5", "s2", "2"]]
    assert "Key not present in map: z" in pedidos.fails("SELECT precios['z'] FROM pedidos")
    assert pedidos.ok("SELECT try(etiquetas[9]), precios['x'] FROM pedidos WHERE id = 1") == [[None, "1.5"]]


def test_arrays_of_structs_are_taken_apart(pedidos: Athena) -> None:
    sql = "SELECT id, l.sku, l.cantidad FROM pedidos CROSS JOIN UNNEST(lineas) AS l(sku, cantidad)"
    assert pedidos.ok(sql) == [["1", "s1", "2"], ["1", "s2", None]]
    sql = "SELECT id, sku, n FROM pedidos LEFT JOIN UNNEST(lineas) WITH ORDINALITY AS l(sku, cantidad, n) ON true ORDER BY 1, 3"
    assert pedidos.ok(sql) == [["1", "s1", "1"], ["1", "s2", "2"], ["2", None, None]]


def test_maps_and_arrays_side_by_side(pedidos: Athena) -> None:
    sql = "SELECT id, k, v, e FROM pedidos, UNNEST(precios, etiquetas) AS u(k, v, e)"
    assert pedidos.ok(sql) == [["1", "x", "1.5", "a"], ["1", "y", None, None], ["1", None, None, "b"]]


def test_filters_on_fields_and_elements(pedidos: Athena) -> None:
    assert pedidos.ok("SELECT id FROM pedidos WHERE cliente.direccion.cp = 29001") == [["1"]]
    assert pedidos.ok("SELECT id FROM pedidos WHERE contains(etiquetas, 'b')") == [["1"]]
    assert pedidos.ok("SELECT id FROM pedidos WHERE any_match(lineas, l -> l.cantidad > 1)") == [["1"]]
    assert pedidos.ok("SELECT cliente.nombre, count(*) FROM pedidos GROUP BY cliente.nombre ORDER BY 2, 1") == [
        ["Ana", "1"], [None, "1"],
    ]  # fmt: skip


def test_a_nested_column_becomes_json(pedidos: Athena) -> None:
    sql = "SELECT CAST(cliente AS json), CAST(precios AS json), json_format(CAST(lineas AS json)) FROM pedidos WHERE id = 1"
    assert pedidos.ok(sql) == [
        ['{"nombre":"Ana","direccion":{"ciudad":"Málaga","cp":29001}}', '{"x":1.5,"y":null}',
         '[{"sku":"s1","cantidad":2},{"sku":"s2","cantidad":null}]'],
    ]  # fmt: skip


def test_a_struct_is_spread_with_a_star(pedidos: Athena) -> None:
    assert pedidos.ok("SELECT id, cliente.* FROM pedidos WHERE id = 1") == [["1", "Ana", "{ciudad=Málaga, cp=29001}"]]


def test_only_the_columns_an_unnest_needs_are_read(athena: Athena) -> None:
    athena.put("pedidos/a", parquet_file())
    athena.ok(PARQUET_TABLE)
    whole = athena.run("SELECT * FROM pedidos").scanned_bytes
    part = athena.run("SELECT e FROM pedidos CROSS JOIN UNNEST(etiquetas) AS t(e)")
    assert part.rows == [["a"], [None], ["b"]]
    assert 0 < part.scanned_bytes < whole
