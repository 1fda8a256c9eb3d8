"""Whole Glue scripts over nested JSON, run unmodified through StartJobRun; the expected rows are computed in plain Python."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import Aws, Bench, ordered

Rows = list[dict[str, Any]]

MUSICIANS: Rows = [
    {
        "id": "m1", "name": "Zoë Núñez", "birth_year": 1990, "teacher": None,
        "name_parts": {"given": "Zoë", "family": "Núñez"}, "links": ["https://a.example", "https://b.example"],
        "contacts": [{"kind": "mail", "value": "zoe@x.example"}, {"kind": "phone", "value": "+34 600"}],
    },
    {
        "id": "m2", "name": 'Ann "Ace" O\'Neil', "birth_year": 1985, "teacher": None,
        "name_parts": {"given": "Ann", "family": "O'Neil"}, "contacts": [{"kind": "mail", "value": "ann,ace@x.example"}],
    },
    {"id": "m3", "name": "Li 李", "birth_year": 2001, "teacher": None, "name_parts": {"given": "Li"}, "links": ["https://c.example"]},
    {"id": "m4", "name": "never engaged", "birth_year": 1970, "teacher": None, "links": ["https://d.example"]},
]  # fmt: skip
ENGAGEMENTS: Rows = [
    {"musician_id": "m1", "ensemble_id": "e1", "part": "viola", "since": "2019-01-01"},
    {"musician_id": "m1", "ensemble_id": "e2", "part": "viola", "since": "2020-05-05"},
    {"musician_id": "m2", "ensemble_id": "e1", "part": "oboe d'amore", "since": "2011-11-11"},
    {"musician_id": "m3", "ensemble_id": "e2", "part": "timpani", "since": "2022-02-02"},
    {"musician_id": "m3", "ensemble_id": "unknown", "part": "timpani", "since": "2022-02-02"},
]
ENSEMBLES: Rows = [
    {"id": "e1", "name": "Orquesta Niño", "former_names": ["Coro A"], "seats": 40},
    {"id": "e2", "name": "Quartet", "former_names": ["Trio"], "seats": 4},
]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-nested")


@pytest.fixture(scope="module")
def orchestra(bench: Bench) -> str:
    for name, rows in (("musicians", MUSICIANS), ("engagements", ENGAGEMENTS), ("ensembles", ENSEMBLES)):
        bench.put_json(f"orchestra/{name}/data.json", rows)
    bench.crawl("orchestra/")
    target = {"--source_db": bench.database, "--target": bench.uri("out"), "--TempDir": bench.uri("tmp/")}
    return bench.run("orchestra_history", target)


def joined() -> Rows:
    people = {one["id"]: one for one in MUSICIANS}
    places = {one["id"]: one for one in ENSEMBLES}
    return [
        {**people[one["musician_id"]], **one, "ens_name": places[one["ensemble_id"]]["name"], "seats": places[one["ensemble_id"]]["seats"]}
        for one in ENGAGEMENTS
        if one["ensemble_id"] in places
    ]  # fmt: skip


def test_chained_joins_keep_the_engagements_that_match_on_both_sides(bench: Bench, orchestra: str) -> None:
    names = ("id", "name", "ens_name", "part", "since")
    assert bench.rows("out/history/", "parquet") == ordered({name: row[name] for name in names} for row in joined())
    assert [line for line in orchestra.splitlines() if line.startswith("Count:")] == [
        "Count: 4",
        "Count: 5",
        "Count: 4",
    ]


def test_the_result_is_written_by_spark_in_partitions(bench: Bench, orchestra: str) -> None:
    expected = [{"id": row["id"], "ens_name": row["ens_name"], "part": row["part"]} for row in joined()]
    assert bench.rows("out/by_part/", "parquet") == ordered(expected)


def test_the_schemas_printed_are_those_of_the_records(orchestra: str) -> None:
    assert "|-- contacts: array\n|    |-- element: struct\n|    |    |-- kind: string" in orchestra
    assert "|-- teacher: null" in orchestra
    assert "|-- birth_year: int" in orchestra


def test_relationalize_makes_one_table_of_each_array(bench: Bench, orchestra: str) -> None:
    tables = ["hist_root", "hist_root_contacts", "hist_root_links"]
    assert f"tables {tables}" in orchestra
    root = bench.rows("out/relational/hist_root/", "parquet")
    assert len(root) == 4
    children = {name: bench.rows(f"out/relational/hist_root_{name}/", "parquet") for name in ("contacts", "links")}

    def elements(name: str, key: Any) -> list[Any]:
        found = sorted((row for row in children[name] if row["id"] == key), key=lambda row: row["index"])
        assert [row["index"] for row in found] == list(range(len(found)))
        return [{k: v for k, v in row.items() if k not in ("id", "index")} for row in found]

    rebuilt = [
        {
            "id": row["id"], "part": row["part"], "ens_name": row["ens_name"], "given": row["name_parts.given"],
            "family": row["name_parts.family"],
            "contacts": [(c["contacts.val.kind"], c["contacts.val.value"]) for c in elements("contacts", row["contacts"])],
            "links": [c["links.val"] for c in elements("links", row["links"])],
        }
        for row in root
    ]  # fmt: skip
    expected = [
        {
            "id": row["id"], "part": row["part"], "ens_name": row["ens_name"], "given": row["name_parts"]["given"],
            "family": row["name_parts"].get("family"),
            "contacts": [(c["kind"], c["value"]) for c in row.get("contacts", [])], "links": row.get("links", []),
        }
        for row in joined()
    ]  # fmt: skip
    assert ordered(rebuilt) == ordered(expected)
    assert len(children["contacts"]) == sum(len(row["contacts"]) for row in expected)
    keys = [row["contacts"] for row in root if row["contacts"] is not None]
    assert len(set(keys)) == len(keys) == 3


MAPPED = """id|a.b|unit price|Born|at|flag|n
1|'x|y'|12.345|2024-02-29|2024-02-29 13:45:10|true|12
2|'it''s'|abc|31/12/2024|2024-12-31T23:59:59Z|maybe|300
3000000000|ñandú|-7|1969-12-31|1969-12-31 23:59:59.5|false|70000
x|"q"|99999999999|1900-01-01|yesterday|TRUE|-1
"""


@pytest.fixture(scope="module")
def casts(bench: Bench) -> str:
    bench.put("casts/in/a.csv", MAPPED)
    return bench.run("mapping_casts", {"--source": bench.uri("casts/in/"), "--target": bench.uri("casts/out")})


def test_apply_mapping_nests_and_casts(bench: Bench, casts: str) -> None:
    utc = dt.timezone.utc

    def row(
        id_: int | None,
        name: str,
        price: str | None,
        born: str | None,
        at: Any,
        flag: Any,
        text: str,
        n: tuple[Any, ...],
    ) -> dict[str, Any]:
        return {
            "key": {"id": id_}, "weird.name": name, "price": price and Decimal(price),
            "dates": {"born": born and dt.date.fromisoformat(born), "at": at},
            "flag": flag, "flag_text": text, "tiny": n[0], "small": n[1], "big": n[2], "real": n[3],
        }  # fmt: skip

    expected = [
        row(1, "x|y", "12.345", "2024-02-29", "2024-02-29 13:45:10", True, "true", (12, 12, 12, 12.0)),
        row(2, "it's", None, None, "2024-12-31 23:59:59", None, "maybe", (None, 300, 300, 300.0)),
        row(3000000000, "ñandú", "-7.000", "1969-12-31", "1969-12-31 23:59:59.5", False, "false", (None, None, 70000, 70000.0)),
        row(None, '"q"', None, "1900-01-01", None, True, "TRUE", (-1, -1, -1, -1.0)),
    ]  # fmt: skip
    found = bench.rows("casts/out/mapped/", "parquet")
    for one in found:
        at = one["dates"]["at"]
        naive = at.astimezone(utc).replace(tzinfo=None) if at is not None and at.tzinfo else at
        one["dates"]["at"] = (
            None if naive is None else str(naive).rstrip("0").removesuffix(".") if "." in str(naive) else str(naive)
        )
    assert ordered(found) == ordered(expected)
    assert "|-- key: struct\n|    |-- id: long\n|-- weird.name: string\n|-- price: decimal" in casts
    assert "|-- tiny: byte\n|-- small: short\n|-- big: long\n|-- real: float\n" in casts
    assert "nope" not in casts


def test_apply_mapping_takes_apart_again(bench: Bench, casts: str) -> None:
    assert bench.rows("casts/out/again/", "json") == ordered(
        [
            {"id": "1", "born on": "2024-02-29", "weird": "x|y", "price": 12.345},
            {"id": "2", "weird": "it's"},
            {"id": "3000000000", "born on": "1969-12-31", "weird": "ñandú", "price": -7.0},
            {"born on": "1900-01-01", "weird": '"q"'},
        ]
    )


DEVICES: Rows = [
    {
        "serial": "d-1", "site": {"name": "Peña/2", "geo": {"lat": 40.5, "lon": -3}}, "payload": '{"t": 1, "u": [1, 2]}',
        "ports": [{"no": 1, "vlans": [10, 20]}, {"no": 2, "vlans": [30]}],
    },
    {"serial": "d-2", "site": {"name": "plain"}, "payload": "{oops", "ports": [{"no": 1, "vlans": [10]}, {"no": 7}]},
    {"serial": "d-3", "payload": '{"t": 3, "v": {"w": "ñ"}}'},
]  # fmt: skip


@pytest.fixture(scope="module")
def devices(bench: Bench) -> str:
    bench.put("dev/devices/all.json", json.dumps({"export": {"at": "now", "devices": DEVICES}}, indent=2))
    return bench.run("flatten_devices", {"--base": bench.uri("dev"), "--TempDir": bench.uri("tmp/")})


def test_unnest_flattens_structs_and_leaves_arrays(bench: Bench, devices: str) -> None:
    expected = []
    for one in DEVICES:
        flat = {k: v for k, v in one.items() if k != "site"}
        site = one.get("site", {})
        if "name" in site:
            flat["site.name"] = site["name"]
        for name, value in site.get("geo", {}).items():
            flat[f"site.geo.{name}"] = value
        expected.append(flat)
    assert bench.rows("dev/out/unnested/", "json") == ordered(expected)
    assert "|-- ports: array\n|    |-- element: struct" in devices


def test_unbox_parses_in_place_and_keeps_the_failures_as_errors(bench: Bench, devices: str) -> None:
    assert "boxed 2 bad 1" in devices
    assert bench.rows("dev/out/boxed/", "json") == ordered(
        [
            {"serial": "d-1", "payload": {"t": 1, "u": [1, 2]}},
            {"serial": "d-3", "payload": {"t": 3, "v": {"w": "ñ"}}},
        ]
    )


def test_explode_and_a_partitioned_glueparquet(bench: Bench, devices: str) -> None:
    expected = []
    for one in DEVICES:
        site = one.get("site", {}).get("name", "__HIVE_DEFAULT_PARTITION__")
        for port in one.get("ports") or [{}]:
            expected += [
                {"serial": one["serial"], "site": site, "no": port.get("no"), "vlan": vlan}
                for vlan in port.get("vlans") or [None]
            ]
    assert bench.rows("dev/out/long/", "parquet") == ordered(expected)


def test_relationalize_recurses_into_nested_arrays(bench: Bench, devices: str) -> None:
    tables = [line.split()[1] for line in devices.splitlines() if line.startswith("table ")]
    assert tables[0] == "devices"
    assert sorted(tables) == ["devices", "devices_ports", "devices_ports.val.vlans"]
    ports = bench.rows("dev/out/rel/devices_ports/", "json")
    vlans = bench.rows("dev/out/rel/devices_ports.val.vlans/", "json")
    rebuilt = []
    for row in bench.rows("dev/out/rel/devices/", "json"):
        own = sorted((p for p in ports if p["id"] == row.get("ports")), key=lambda p: p["index"])
        for port in own:
            nested = [v for v in vlans if v["id"] == port.get("ports.val.vlans")]
            found = [v["ports.val.vlans.val"] for v in sorted(nested, key=lambda v: v["index"])]
            rebuilt.append(
                {"serial": row["serial"], "site": row.get("site.name"), "no": port["ports.val.no"], "vlans": found}
            )
    assert ordered(rebuilt) == ordered(
        {"serial": one["serial"], "site": one.get("site", {}).get("name"), "no": port["no"], "vlans": port.get("vlans", [])}
        for one in DEVICES
        for port in one.get("ports", [])
    )  # fmt: skip


DOCUMENTS: Rows = [
    {
        "_id": {"$oid": "5f"}, "a.b": 1, "Total": 1.5, "two words": "x y", "deep": {"er": {"est": 7}, "n": 1},
        "list": [{"x": 1}, {"y": "2"}],
    },
    {
        "_id": {"$oid": "60"}, "a.b": 2, "Total": 3.5, "two words": 'ñ\n"q"\u2028', "deep": {"er": {"est": 8}, "n": 2},
        "list": [],
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def documents(bench: Bench) -> str:
    bench.put_json("mongo/in/d.json", DOCUMENTS)
    return bench.run("mongo_export", {"--base": bench.uri("mongo")})


@pytest.mark.parametrize("name", ["as_is", "mapped"])
def test_field_names_stay_as_they_are(bench: Bench, documents: str, name: str) -> None:
    assert bench.rows(f"mongo/out/{name}/", "json") == ordered(DOCUMENTS)


def test_mapping_of_awkward_names(bench: Bench, documents: str) -> None:
    expected = [
        {
            "id": one["_id"]["$oid"], "a_b": one["a.b"], "total": one["Total"],
            "two_words": one["two words"], "flat": {"value": one["deep"]["er"]["est"]},
        }
        for one in DOCUMENTS
    ]  # fmt: skip
    assert bench.rows("mongo/out/fields/", "json") == ordered(expected)
    names = ["Total", "_id.$oid", "a.b", "deep.er.est", "deep.n", "list", "two words"]
    assert f"flat {names}" in documents


def test_renames_and_drops_of_awkward_names(bench: Bench, documents: str) -> None:
    expected = [
        {
            "_id": {"oid": one["_id"]["$oid"]}, "c.d": one["a.b"], "two words": one["two words"],
            "deep": {"n": one["deep"]["n"]},
        }
        for one in DOCUMENTS
    ]  # fmt: skip
    assert bench.rows("mongo/out/renamed/", "json") == ordered(expected)
