"""Scripts as Glue Studio generates them, run unmodified through StartJobRun; expected rows computed in plain Python."""

from __future__ import annotations

import decimal
from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import Aws, Bench, ordered

Rows = list[dict[str, Any]]

ORDERS = (
    ["order_id,shop_id,amount,status,comment", 'o1,1,10.5,paid,"two\nlines, ""quoted"""', "o2,1,99.999,paid,ñandú"],
    ["order_id,shop_id,amount,status,comment", "o3,2,7,void,x", "o4,2,8,paid,y", "o4,2,8,paid,y", "o5,3,1,paid,no such shop"],
)  # fmt: skip
SHOPS: Rows = [{"id": 1, "name": "Peña & Hijos"}, {"id": 2, "name": "Sur/Este"}]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-studio")


@pytest.fixture(scope="module")
def ranked(bench: Bench) -> str:
    bench.put("landing/orders/2024/a.csv", "\n".join(ORDERS[0]) + "\n")
    bench.put("landing/orders/2025/b.csv", "\r\n".join(ORDERS[1]) + "\r\n")
    bench.put_json("shops/shops.json", SHOPS)
    bench.create_table("shops", "shops/", "json", [("id", "int"), ("name", "string")])
    places = {"--LANDING": bench.uri("landing"), "--CURATED": bench.uri("curated"), "--DB": bench.database}
    return bench.run("studio_trusted_sql", places)


def test_the_sql_node_joins_two_sources_and_partitions_the_result(bench: Bench, ranked: str) -> None:
    two = decimal.Decimal("0.01")
    expected = [
        {"order_id": "o1", "amount": decimal.Decimal("10.5").quantize(two), "comment": 'two\nlines, "quoted"',
         "place": 2, "shop": "Peña & Hijos"},
        {"order_id": "o2", "amount": decimal.Decimal("100.00"), "comment": "ñandú", "place": 1, "shop": "Peña & Hijos"},
        {"order_id": "o4", "amount": decimal.Decimal("8.00"), "comment": "y", "place": 1, "shop": "Sur/Este"},
    ]  # fmt: skip
    found = bench.rows("curated/ranked/", "parquet")
    assert ordered({**row, "place": 1 if row["order_id"] == "o4" else row["place"]} for row in found) == ordered(
        expected
    )


def test_the_sink_registers_the_table_and_its_partitions(bench: Bench, ranked: str) -> None:
    assert bench.columns("ranked") == [
        ("order_id", "string"),
        ("amount", "decimal(10,2)"),
        ("comment", "string"),
        ("place", "int"),
    ]
    assert bench.partitions("ranked") == [("Peña & Hijos",), ("Sur/Este",)]
    assert bench.table("ranked")["Parameters"]["classification"] in ("parquet", "glueparquet")


PEOPLE: Rows = [
    {"id": 1, "name": "Ana", "age": 17, "address": {"city": "León", "street": "Mayor 1"}},
    {"id": 2, "name": "Ana", "age": 18, "address": {"city": "León", "street": 'Nº "2"'}},
    {"id": 3, "name": "ana", "age": 65, "address": {"city": "Ávila"}},
    {"id": 4, "name": "Bo", "age": 66, "address": {"street": "x"}},
    {"id": 5, "name": "Cy", "address": {"city": "Vic", "street": "y"}},
    {"id": 6, "name": "Di", "age": 29},
]


@pytest.fixture(scope="module")
def splits(bench: Bench) -> str:
    bench.put_json("split/people/people.json", PEOPLE)
    return bench.run("split_and_spigot", {"--base": bench.uri("split")})


def cut(rows: Rows, *names: str) -> Rows:
    return [{name: row[name] for name in names if name in row} for row in rows]


def test_split_fields_parts_the_columns(bench: Bench, splits: str) -> None:
    def address(row: dict[str, Any], name: str) -> dict[str, Any]:
        return {"address": {name: row["address"][name]}} if name in row.get("address", {}) else {}

    def bare(rows: Rows) -> Rows:
        return ordered({k: v for k, v in row.items() if v not in ({}, None)} for row in rows)

    names = [{"name": row["name"], **address(row, "city")} for row in PEOPLE]
    rest = [{**cut([row], "id", "age")[0], **address(row, "street")} for row in PEOPLE]
    assert bare(bench.rows("split/out/names/", "json")) == ordered(names)
    assert bare(bench.rows("split/out/rest/", "json")) == ordered(rest)
    assert "split fields ['names', 'rest'] 2" in splits


def test_split_rows_ands_its_comparisons(bench: Bench, splits: str) -> None:
    working = [row for row in PEOPLE if 17 < row.get("age", 0) <= 65]
    assert bench.rows("split/out/working/", "json") == ordered(working)
    assert bench.rows("split/out/others/", "json") == ordered(row for row in PEOPLE if row not in working)
    assert "ana 2 not_ana 4" in splits


def test_spigot_samples_and_passes_all_on(bench: Bench, splits: str) -> None:
    sample = bench.rows("split/sample/", "json")
    assert "passed 6" in splits
    assert len(sample) == 3
    assert all(row in PEOPLE for row in sample)


def test_selections_and_custom_code_over_a_collection(bench: Bench, splits: str) -> None:
    assert bench.rows("split/out/select/", "json") == ordered(cut(PEOPLE, "id", "address"))
    young = [{**row, "name": row["name"].upper()} for row in PEOPLE if row.get("age", 99) < 30]
    assert bench.rows("split/out/young/", "json") == ordered(young)
    assert "missing key: 0" in splits


def test_collections_are_mapped_and_written(bench: Bench, splits: str) -> None:
    assert "mapped [('others', 3), ('working', 3)]" in splits
    found = bench.rows("split/collection/", "json")
    assert found == ordered(cut(PEOPLE, "id", "name", "age"))


CURRENT: Rows = [
    {"sku": "ñ-1", "shop": 1, "price": 1.5},
    {"sku": "ñ-1", "shop": 2, "price": 2.5},
    {"sku": "b", "shop": 1, "price": 3.5},
    {"sku": "b", "shop": 1, "price": 3.75},
    {"sku": "B", "shop": 1, "price": 4.5},
]
CHANGES: Rows = [
    {"sku": "ñ-1", "shop": 2, "price": 20.5, "note": 'cheap, "new"'},
    {"sku": "b", "shop": 1, "price": 30.5},
    {"sku": "b", "shop": 1, "price": 31.5, "tags": ["x"]},
    {"sku": "new", "shop": 9, "price": 0.0},
]


@pytest.fixture(scope="module")
def prices(bench: Bench) -> str:
    bench.put_json("prices/current/a.json", CURRENT)
    bench.put_json("prices/changes/a.json", CHANGES)
    return bench.run("upsert_prices", {"--base": bench.uri("prices/")})


def test_merge_keeps_the_staged_and_the_unmatched(bench: Bench, prices: str) -> None:
    keys = {(row["sku"], row["shop"]) for row in CHANGES}
    expected = [*CHANGES, *(row for row in CURRENT if (row["sku"], row["shop"]) not in keys)]
    assert bench.rows("prices/merged/", "json") == ordered(expected)
    assert f"merged {len(expected)}" in prices


def test_union_keeps_every_record(bench: Bench, prices: str) -> None:
    assert bench.rows("prices/union/", "json") == ordered([*CURRENT, *CHANGES])


def test_a_job_with_the_default_quality_rule_of_glue_studio(bench: Bench) -> None:
    rows = [{"user": "ñ", "score": 1, "other": True}, {"user": "b", "score": 2}]
    bench.put_json("quality/in/a.json", rows)
    bench.run("studio_quality_gate", {"--source": bench.uri("quality/in/"), "--target": bench.uri("quality/out/")})
    assert bench.rows("quality/out/", "parquet") == ordered({"user": r["user"], "score": r["score"]} for r in rows)


ONLINE: Rows = [
    {"order": "o1", "client": "ñ1", "amount": 10.5, "coupon": "", "score": -1, "gone": None},
    {"order": "o2", "client": "c2", "amount": 1.25, "coupon": " ", "score": -1, "gone": None},
    {"order": "o1", "client": "ñ1", "amount": 10.5, "coupon": "null", "score": -1, "gone": None},
]
SHOP: Rows = [
    {"order": "s1", "client": "ñ1", "amount": 0.05},
    {"order": "s2", "client": "stranger", "amount": 5.0},
    {"order": "o2", "client": "c2", "amount": 1.25},
]


@pytest.fixture(scope="module")
def totals(bench: Bench) -> str:
    bench.put_json("totals/online/2024/a.json", ONLINE)
    bench.put_json("totals/shop/b.json", SHOP)
    bench.put("totals/clients/c.csv", 'id;full name\nñ1;"Ana" Ruiz\nc2;O\'Hara\nc3;nobody\n')
    return bench.run("studio_aggregate", {"--base": bench.uri("totals")})


def test_helpers_that_walk_the_schema_find_empty_columns(totals: str) -> None:
    assert "dropping ['coupon', 'score', 'gone']" in totals


def test_aggregated_columns_are_renamed_and_joined_under_quoted_names(bench: Bench, totals: str) -> None:
    names = {"ñ1": '"Ana" Ruiz', "c2": "O'Hara"}
    expected = []
    for client, name in names.items():
        amounts = [row["amount"] for row in [*ONLINE, *SHOP] if row["client"] == client]
        total = {"client": client, "name": name, "total": sum(amounts), "orders": len(amounts)}
        expected.append({**total, "biggest": round(max(amounts) + 1e-9, 1), "source": "Change_node11"})
    assert bench.rows("totals/out/totals/", "json") == ordered(expected)


def test_a_distinct_union_is_partitioned_into_csv(bench: Bench, totals: str) -> None:
    rows = {(row["order"], row["client"], str(row["amount"])) for row in [*ONLINE, *SHOP]}
    found = [(row["order"], row["client"], row["amount"]) for row in bench.rows("totals/out/distinct/", "csv")]
    assert sorted(found) == sorted(rows)
    assert "filtered 2" in totals


LOANS = "id,name,country,score\n1,Ana,ES,10\n2,Bo,PT,98\n2,Cy,FR,50\n4,Ana,ES,x\n5,Ñu,ES,101\n6,Zo,PT,99\n"


def test_quality_rules_have_outcomes_by_rule_and_by_row(bench: Bench) -> None:
    bench.put("loans/in/l.csv", LOANS)
    job = bench.create_job("quality_rules")
    printed = bench.printed(bench.succeed(job, {"--base": bench.uri("loans"), "--strict": "no"}))
    assert "keys ['originalData', 'rowLevelOutcomes', 'ruleOutcomes']" in printed
    passed = [
        "RowCount > 3",
        "ColumnCount = 4",
        'IsComplete "id"',
        'Completeness "score" >= 0.5',
        'ColumnExists "name"',
    ]
    failed = [
        'IsUnique "id"',
        'IsComplete "score"',
        'ColumnValues "country" in ["ES", "PT"]',
        'ColumnValues "score" between 0 and 100',
    ]
    lines = [
        line.removeprefix("rule ").replace('","', '", "') for line in printed.splitlines() if line.startswith("rule ")
    ]
    assert sorted(lines) == sorted(
        [*(f"{rule} -> Passed" for rule in passed), *(f"{rule} -> Failed" for rule in failed)]
    )
    assert "rows 6 good 2" in printed
    good = [
        {"id": 1, "name": "Ana", "country": "ES", "score": 10.0},
        {"id": 6, "name": "Zo", "country": "PT", "score": 99.0},
    ]
    assert bench.rows("loans/good/", "json") == ordered(good)
    assert """only [('IsUnique "name"', 'Failed')]""" in printed
    strict = bench.run_job(job, {"--base": bench.uri("loans"), "--strict": "yes"})
    assert strict["JobRunState"] == "FAILED"
    assert "The job failed due to failing DQ rules for node: typed" in strict["ErrorMessage"]
