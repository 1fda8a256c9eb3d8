"""Whole Glue scripts about choice types, run unmodified through StartJobRun; expected rows computed in plain Python."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import Aws, Bench, ordered

Rows = list[dict[str, Any]]

VISITS = """clinic id,clinic name,clinic city,average charge,seen
1001,"Clínica ""Sur"", S.A.",Málaga,"$1,234.50",2024-02-29
1002,Norte,Bilbao,$10.00,2023-01-01
n/a,Este,Alicante,$3.25,2024-12-31
1004,Oeste,A Coruña,,not a date
999999999999,Centro,Madrid,$0.99,2020-06-15
ID-7,Sin,Ávila,$1.00,2020-06-16
"""


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-choices")


@pytest.fixture(scope="module")
def clinic(bench: Bench) -> str:
    bench.put("visits/part-1.csv", VISITS)
    columns = [
        ("clinic id", "bigint"),
        ("clinic name", "string"),
        ("clinic city", "string"),
        ("average charge", "string"),
        ("seen", "string"),
    ]
    bench.create_table("visits", "visits/", "csv", columns)
    return bench.run("clinic_choices", {"--database": bench.database, "--output_bucket": bench.bucket})  # fmt: skip


def visits() -> Rows:
    return list(csv.DictReader(io.StringIO(VISITS)))


def number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def test_a_value_that_does_not_convert_makes_a_choice(clinic: str) -> None:
    assert "|-- clinic id: choice\n|    |-- long\n|    |-- string\n|-- clinic name: string" in clinic
    assert "not castable: 2" in clinic


def test_cast_gives_null_for_what_is_no_number(bench: Bench, clinic: str) -> None:
    found = bench.rows("clean/cast/", "json")
    assert ordered({"id": row.get("clinic id"), "name": row["clinic name"]} for row in found) == ordered(
        {"id": number(row["clinic id"]), "name": row["clinic name"]} for row in visits()
    )


def test_make_cols_makes_a_column_for_each_type(bench: Bench, clinic: str) -> None:
    found = bench.rows("clean/cols/", "json")
    pairs = {row["clinic name"]: (row.get("clinic id_long"), row.get("clinic id_string")) for row in found}
    assert pairs == {
        row["clinic name"]: (number(row["clinic id"]), None if row["clinic id"].isdigit() else row["clinic id"])
        for row in visits()
    }
    assert "|-- clinic id_long: long" in clinic
    assert "|-- clinic id_string: string" in clinic
    assert "|  2|" in clinic


def test_make_struct_keeps_both_under_one_name(bench: Bench, clinic: str) -> None:
    found = {row["clinic name"]: row["clinic id"] for row in bench.rows("clean/struct/", "json")}
    assert {name: {k: v for k, v in one.items() if v is not None} for name, one in found.items()} == {
        row["clinic name"]: {"long": number(row["clinic id"])} if row["clinic id"].isdigit() else {"string": row["clinic id"]}
        for row in visits()
    }  # fmt: skip
    assert "|ID-7|\n| n/a|" in clinic


def test_project_leaves_one_type(clinic: str) -> None:
    assert "|-- clinic id: string" in clinic


def test_the_tidy_table_is_nested_and_typed(bench: Bench, clinic: str) -> None:
    def day(text: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return None

    def money(text: str) -> float | None:
        return float(text.replace("$", "").replace(",", "")) if text else None

    assert bench.rows("clean/tidy/", "parquet") == ordered(
        {
            "clinic": {"name": row["clinic name"], "id": int(row["clinic id"]), "address": {"city": row["clinic city"]}},
            "charge": money(row["average charge"]), "seen_on": day(row["seen"]),
        }
        for row in visits() if row["clinic id"].isdigit()
    )  # fmt: skip


ITEMS: Rows = [
    {"id": 1, "price": 10, "stamp": 1, "lines": [{"qty": 1, "sku": "a"}, {"qty": "2", "sku": "b"}]},
    {"id": 2, "price": 9.5, "stamp": 4000000000, "lines": [{"qty": 5}]},
    {"id": 3, "price": "12", "stamp": 5},
    {"id": 4, "price": "free", "stamp": 7, "lines": [{"qty": 3, "sku": None}]},
    {"id": 5, "stamp": 4000000001},
    {"id": 6, "price": None, "stamp": 8},
]


@pytest.fixture(scope="module")
def mixed(bench: Bench) -> str:
    bench.put_json("mixed/in/a.json", ITEMS)
    return bench.run("mixed_choices", {"--base": bench.uri("mixed")})


def bare(value: Any) -> Any:
    """Without nulls, at any depth: a sink may leave them out."""
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if v is not None}
    return [bare(one) for one in value] if isinstance(value, list) else value


def kind(value: Any) -> str:
    if isinstance(value, int):
        return "int" if -(2**31) <= value < 2**31 else "long"
    return {float: "double", str: "string"}[type(value)]


def with_lines(row: dict[str, Any], change: Any) -> dict[str, Any]:
    lines = [{**line, "qty": change(line["qty"])} for line in row.get("lines", [])]
    return {"lines": lines} if "lines" in row else {}


def test_mixed_json_is_a_choice_by_value(bench: Bench, mixed: str) -> None:
    assert "|-- price: choice\n|    |-- int\n|    |-- double\n|    |-- string" in mixed.replace(
        "|    |-- double\n|    |-- int", "|    |-- int\n|    |-- double"
    )
    assert "toDF ['double', 'int', 'string']" in mixed
    short = {"int": "i", "double": "d", "string": "s"}
    expected = [
        {"id": row["id"], **({short[kind(row["price"])]: row["price"]} if row.get("price") is not None else {})}
        for row in ITEMS
    ]
    assert bare(bench.rows("mixed/unpacked/", "json")) == ordered(expected)
    assert "projected double" in mixed
    assert "both refused" in mixed  # fmt: skip


def test_specs_cast_each_path_also_inside_arrays(bench: Bench, mixed: str) -> None:
    def price(value: Any) -> Any:
        try:
            return None if value is None else float(value)
        except ValueError:
            return None

    expected = [
        {"id": row["id"], "price": price(row.get("price")), "stamp": row["stamp"], **with_lines(row, int)}
        for row in ITEMS
    ]
    assert ordered(bare(bench.rows("mixed/cast/", "json"))) == ordered(bare(expected))


def test_specs_make_columns_and_structs(bench: Bench, mixed: str) -> None:
    def columns(row: dict[str, Any]) -> dict[str, Any]:
        price = row.get("price")
        return {} if price is None else {f"price_{kind(price)}": price}

    expected = [
        {"id": row["id"], **columns(row), "stamp": {kind(row["stamp"]): row["stamp"]}, **with_lines(row, str)}
        for row in ITEMS
    ]
    assert ordered(bare(bench.rows("mixed/cols/", "json"))) == ordered(bare(expected))
    assert "flat ['id', 'price_double', 'price_int', 'price_string', 'stamp_int', 'stamp_long']" in mixed


def test_one_choice_for_every_column(bench: Bench, mixed: str) -> None:
    expected = [
        {"id": row["id"], "price": str(row["price"]) if row.get("price") is not None else None, "stamp": str(row["stamp"]),
         **with_lines(row, str)}
        for row in ITEMS
    ]  # fmt: skip
    assert ordered(bare(bench.rows("mixed/strings/", "json"))) == ordered(bare(expected))


def test_project_keeps_the_values_of_its_type(bench: Bench, mixed: str) -> None:
    found = {row["id"]: row.get("stamp") for row in bench.rows("mixed/project/", "json")}
    assert found[2] == 4000000000
    assert found[5] == 4000000001
    assert len(found) == len(ITEMS)


def test_python_functions_see_the_value_of_a_choice(bench: Bench, mixed: str) -> None:
    assert "text prices 2" in mixed
    expected = [bare(row) for row in ITEMS if isinstance(row.get("price"), str)]
    assert ordered(bare(bench.rows("mixed/texts/", "json"))) == ordered(expected)


TICKETS = {
    "north": "ticket no,opened,severity,título,cost,closed\n"
    "1,2024-01-01 10:00:00,3,No arranca,10.5,yes\n2,2024-01-02 11:30:00,1,Pantalla azul,unknown,yes\n",
    "south": "ticket no,opened,severity,título,cost,closed\n"
    "3,2024-02-30 00:00:00,2,Ratón,0.25,no\n4,2024-03-01 23:59:59,5,Teclado ñ,7,no\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def tickets(bench: Bench) -> None:
    for region, text in TICKETS.items():
        bench.put(f"tickets/{region}/data.csv", text)
    columns = [
        ("ticket no", "bigint"),
        ("opened", "string"),
        ("severity", "bigint"),
        ("título", "string"),
        ("cost", "double"),
        ("closed", "string"),
    ]
    bench.create_table("tickets", "tickets/", "csv", columns, [("partition_0", "string")])
    for region in TICKETS:
        bench.add_partition("tickets", [region], f"tickets/{region}/")
    out = [
        ("ticket_no", "bigint"),
        ("opened", "timestamp"),
        ("severity", "bigint"),
        ("title", "string"),
        ("cost", "double"),
        ("region", "string"),
    ]
    bench.create_table("tickets_out", "tickets_out/", "json", out)
    bench.run(
        "legacy_datasink",
        {"--TempDir": bench.uri("tmp"), "--db": bench.database, "--out": bench.uri("tickets_parquet")},
    )


def expected_tickets() -> Rows:
    def moment(text: str) -> str | None:
        return None if text.startswith("2024-02-30") else text

    return [
        {
            "ticket_no": int(row["ticket no"]), "opened": moment(row["opened"]), "severity": int(row["severity"]), "title": row["título"],
            "cost": None if row["cost"] == "unknown" else float(row["cost"]), "region": region,
        }
        for region, text in TICKETS.items() for row in csv.DictReader(io.StringIO(text))
    ]  # fmt: skip


def test_the_old_console_script_writes_to_the_table(bench: Bench, tickets: None) -> None:
    found = bare(bench.rows("tickets_out/", "json"))
    for row in found:
        if "opened" in row:
            row["opened"] = row["opened"][:19].replace("T", " ")
    # "match_catalog attempts to cast each ChoiceType": severity was mapped to string and is no choice, so it stays one.
    expected = bare([{**row, "severity": str(row["severity"])} for row in expected_tickets()])
    assert ordered(found) == ordered(expected)


def test_the_old_console_script_writes_parquet(bench: Bench, tickets: None) -> None:
    found = bench.rows("tickets_parquet/", "parquet")
    assert all(isinstance(row["opened"], dt.datetime) for row in found if row["opened"] is not None)
    for row in found:
        row["opened"] = row["opened"] and row["opened"].strftime("%Y-%m-%d %H:%M:%S")
    closed = {1: "yes", 2: "yes", 3: "no", 4: "no"}
    assert ordered(found) == ordered(
        {**row, "severity": str(row["severity"]), "closed": closed[row["ticket_no"]]} for row in expected_tickets()
    )
