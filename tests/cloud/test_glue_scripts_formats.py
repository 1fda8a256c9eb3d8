"""Scripts about formats and types, run unmodified through StartJobRun; expected rows computed in plain Python."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import Aws, Bench, ordered

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-formats")


SOURCE: Rows = [
    {
        "id": 1,
        "text": "a \"quoted\" | bar, and 'single'",
        "country": "España",
        "value": 1.5,
        "day": dt.date(2024, 2, 29),
    },
    {"id": 2, "text": "ñandú", "country": "Côte d'Ivoire/N", "value": None, "day": dt.date(2024, 1, 1)},
    {"id": 3, "text": "back\\slash", "country": "España", "value": -1e-7, "day": dt.date(1999, 12, 31)},
    {"id": 4, "text": "a=b%20c", "country": "Östlich =1%", "value": 12345678.25, "day": None},
]


@pytest.fixture(scope="module")
def formats(bench: Bench) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, SOURCE[0], lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in SOURCE:
        writer.writerow({k: "n/a" if v is None else v for k, v in row.items()})
    bench.put("formats/in/2024/a.csv", out.getvalue())
    return bench.run("formats_and_codecs", {"--in": bench.uri("formats/in/"), "--out": bench.uri("formats/out/")})


def as_text(rows: Rows) -> Rows:
    """Rows with dates as ISO text and without nulls, as JSON has them."""
    return ordered(
        {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in row.items() if v is not None} for row in rows
    )


def in_folders(rows: Rows, *keys: str) -> Rows:
    default = "__HIVE_DEFAULT_PARTITION__"
    return [{**row, **{key: default if row[key] is None else str(row[key]) for key in keys}} for row in rows]


@pytest.mark.parametrize("name", ["json_parts", "json_bzip2"])
def test_json(bench: Bench, formats: str, name: str) -> None:
    keys = ("country", "day") if name == "json_parts" else ()
    assert as_text(bench.rows(f"formats/out/{name}/", "json")) == as_text(in_folders(SOURCE, *keys))


@pytest.mark.parametrize(
    ("name", "keys"),
    [("parquet_snappy", ()), ("parquet_gzip", ("country",)), ("gp_default", ("country",)), ("gp_none", ())],
)
def test_parquet(bench: Bench, formats: str, name: str, keys: tuple[str, ...]) -> None:
    assert bench.rows(f"formats/out/{name}/", "parquet") == ordered(in_folders(SOURCE, *keys))


def test_orc(bench: Bench, formats: str) -> None:
    assert bench.rows("formats/out/orc/", "orc") == ordered(SOURCE)


@pytest.mark.parametrize(
    ("name", "dialect", "magic"),
    [
        ("csv_plain", {}, b"id"),
        ("csv_gzip", {"delimiter": "|", "quotechar": "'"}, b"\x1f\x8b"),
        ("csv_nohead", {"delimiter": "\t", "quoting": csv.QUOTE_NONE, "fieldnames": list(SOURCE[0])}, b"BZh"),
    ],
)
def test_csv(bench: Bench, formats: str, name: str, dialect: dict[str, Any], magic: bytes) -> None:
    from tests.cloud.glue_scripts.support.bench import _plain

    files = bench.files(f"formats/out/{name}/")
    assert all(data[: len(magic)].strip(b'"').startswith(magic.strip(b'"')) for _, data in files)
    rows = [row for key, data in files for row in csv.DictReader(io.StringIO(_plain(key, data).decode()), **dialect)]
    found = [
        {
            "id": int(row["id"]), "text": row["text"], "country": row["country"],
            "value": float(row["value"]) if row["value"] not in ("", '""') else None,
            "day": dt.date.fromisoformat(row["day"]) if row["day"] not in ("", '""') else None,
        }
        for row in rows
    ]  # fmt: skip
    assert ordered(found) == ordered(SOURCE)


def test_nothing_but_data_is_left(bench: Bench, formats: str) -> None:
    names = [key.rsplit("/", 1)[1] for key in bench.keys("formats/out/")]
    assert all(name.startswith(("run-", "part-")) for name in names), names


def test_all_of_them_are_read_back(formats: str) -> None:
    text = "[('country', 'string'), ('day', 'string'), ('id', 'string'), ('text', 'string'), ('value', 'string')]"
    typed = "[('country', 'string'), ('day', 'date'), ('id', 'int'), ('text', 'string'), ('value', 'double')]"
    lines = dict(line.split(" 4 ", 1) for line in formats.splitlines() if " 4 " in line)
    assert lines["csv_plain"] == lines["csv_gzip"] == text
    assert lines["csv_nohead"] == str([(f"col{n}", "string") for n in range(5)])
    assert lines["json_bzip2"] == typed.replace("date", "string")
    assert lines["json_parts"] == "[('id', 'int'), ('text', 'string'), ('value', 'double')]"
    assert lines["parquet_snappy"] == lines["orc"] == typed


PRICES = """sku,price,changed_at,who
a,1.10,2024-01-01T23:30:00-05:00,"Núñez, ""N"" jr"
a,1.20,2024-01-01T23:30:00-05:00,Abel
b,2.00,2024-01-02T03:00:00Z,"two
lines"
b,1.00,2024-01-01 21:59:59,old
c,9.99,2023-12-31T00:00:00Z,too old
"""
PRICES_2 = "sku,price,changed_at,who\nd,4.44,2024-01-02T12:00:00-05:00,\n"


def test_spark_overwrites_only_the_partitions_it_writes(bench: Bench) -> None:
    bench.put("prices/1.csv", PRICES)
    bench.put("prices/2.csv", PRICES_2)
    job = bench.create_job("latest_price")
    common = {"--target": bench.uri("latest"), "--cutoff": "2024-01-01 00:00:00"}
    bench.succeed(job, {**common, "--source": bench.uri("prices/1.csv")})

    def row(sku: str, price: str, at: str, who: str | None, day: str, hour: int) -> dict[str, Any]:
        return {"sku": sku, "price": Decimal(price), "changed_at": at, "who": who, "day": day, "hour": hour}

    first = [
        row("a", "1.20", "2024-01-02 04:30:00", "Abel", "2024-01-01", 23),
        row("b", "2.00", "2024-01-02 03:00:00", "two\nlines", "2024-01-01", 22),
    ]
    assert in_utc(bench.rows("latest/", "parquet")) == ordered(first)
    second = [row("d", "4.44", "2024-01-02 17:00:00", None, "2024-01-02", 12)]
    bench.succeed(job, {**common, "--source": bench.uri("prices/2.csv")})
    assert in_utc(bench.rows("latest/", "parquet")) == ordered([*first, *second])


def in_utc(rows: Rows) -> Rows:
    """Rows with their times as text in UTC."""

    def text(value: dt.datetime) -> str:
        return str(value.astimezone(dt.timezone.utc).replace(tzinfo=None) if value.tzinfo else value)

    return ordered({**row, "changed_at": text(row["changed_at"])} for row in rows)


@pytest.fixture(scope="module")
def odd(bench: Bench) -> str:
    return bench.run("odd_types", {"--out": bench.uri("odd")})


def test_every_spark_type_goes_through_a_frame_and_back(odd: str) -> None:
    for line in ("same rows True", "same types True", "from parquet True"):
        assert line in odd
    names = [line.split()[2] for line in odd.splitlines() if line.startswith("type ")]
    assert names == [
        "long", "array", "array", "map", "decimal", "date", "timestamp", "binary", "boolean", "byte", "short", "float", "struct", "null",
    ]  # fmt: skip


def test_python_functions_see_each_value_as_its_own_type(odd: str) -> None:
    values = "id=1, tags=3, money=True, born=True, year=2024, raw=3, k=1.5, dot='dot', deep='p'"
    assert f"kinds 1 0 [Row({values})]" in odd


def test_frames_of_an_rdd(odd: str) -> None:
    assert "rdd [(1, 'Ana'), (2, 'Íñigo')]" in odd
    assert "|-- a: long\n|-- b: string" in odd


EVENTS: Rows = [
    {
        "id": 1,
        "ts": 1704067200123,
        "mail": " ANA @X.example ",
        "device": {"kind": "Phone"},
        "steps": ["a", 'b"ñ'],
        "secret": 1,
    },
    {"id": 2, "ts": 1709251199999, "mail": "bo@x.example", "device": {"os": "z"}, "steps": ["x;y"]},
    {"id": 3, "ts": 1711846800000, "mail": None, "device": None, "steps": []},
]


def test_one_file_with_a_name_of_its_own(bench: Bench) -> None:
    bench.put_json("single/events/e.json", EVENTS)
    printed = bench.run("single_file_report", {"--bucket": bench.bucket})

    def row(event: dict[str, Any]) -> dict[str, str]:
        at = dt.datetime.fromtimestamp(event["ts"] / 1000, tz=dt.timezone.utc)
        kind = ((event["device"] or {}).get("kind") or "unknown").lower()
        return {
            "id": str(event["id"]), "mail": "".join((event["mail"] or "").split()).lower(), "at": at.strftime("%Y-%m-%d %H:%M:%S"),
            "when": at.isoformat(), "level": "A" if kind == "phone" else "B",
            "path": ">".join(f"{n}:{name}" for n, name in enumerate(event["steps"])),
        }  # fmt: skip

    text = bench.files("single/report final.csv")[0][1].decode()
    assert list(csv.DictReader(io.StringIO(text), delimiter=";")) == [row(event) for event in EVENTS]
    sizes = [len(json.dumps([{"n": n, "name": name} for n, name in enumerate(event["steps"])])) for event in EVENTS]
    assert (
        f"avro {[(event['id'], size, len(event['steps'])) for event, size in zip(EVENTS, sizes, strict=True)]}"
        in printed
    )
    assert "pandas 3 ['A', 'B', 'B']" in printed
    assert bench.rows("single/levels/", "csv") == ordered(
        [{"id": "1", "level": "A"}, {"id": "2", "level": "B"}, {"id": "3", "level": "B"}]
    )


# The guide's example of a malformed record: reading goes on two lines after the one that is cut off.
CUT_OFF = """{"id": 1, "name": "george", "height": 178}
{"id": 2, "name": "benjamin", "surname": "franklin",
{"id": 3, "name": "alexander", "height": 171}
{"id": 4, "name": "john", "height": 190}
"""
OPTION_FILES: dict[str, list[str]] = {
    "escaper": ['a,b\n1,"he said \\"hi\\""\n2,tab\\there\n3,"back\\\\slash"\n4,"x\\,y"\n'],
    "multiline": ['a,b\r\n1,"two\nlines"\r\n2,"com,ma"\r\n'],
    "noheader": ["uno\t1\ndos\t2\n", "tres\t3\n"],
    "skip": ["skipped,line\n1,x\n2,y\n"],
    "noquotes": ["a|b\n1|\"open\n2|it's\n"],
    "fast": ['a,b\n1,"say ""ñ"", please"\n2,plain\n'],
    "semicolon": ["a;b\n1;'it''s; \"fine\"'\n2;x,y\n"],
    "multijson": ['{\n "a": 1,\n "b": {"c": "x\\ny"}\n}\n', '{"a": 2}\n{\n"a": 3\n}\n'],
    "pathjson": ['{"meta": 1, "items": [\n {"a": 1, "b": [1, 2]},\n {"a": 2}\n]}\n'],
    "badjson": [CUT_OFF],
}
OPTION_ROWS: dict[str, Rows] = {
    "escaper": [
        {"a": "1", "b": 'he said "hi"'},
        {"a": "2", "b": "tab\there"},
        {"a": "3", "b": "back\\slash"},
        {"a": "4", "b": "x,y"},
    ],
    "multiline": [{"a": "1", "b": "two\nlines"}, {"a": "2", "b": "com,ma"}],
    "noheader": [{"col0": "uno", "col1": "1"}, {"col0": "dos", "col1": "2"}, {"col0": "tres", "col1": "3"}],
    "skip": [{"col0": "1", "col1": "x"}, {"col0": "2", "col1": "y"}],
    "noquotes": [{"a": "1", "b": '"open'}, {"a": "2", "b": "it's"}],
    "fast": [{"a": "1", "b": 'say "ñ", please'}, {"a": "2", "b": "plain"}],
    "semicolon": [{"a": "1", "b": 'it\'s; "fine"'}, {"a": "2", "b": "x,y"}],
    "multijson": [{"a": 1, "b": {"c": "x\ny"}}, {"a": 2}, {"a": 3}],
    "pathjson": [{"a": 1, "b": [1, 2]}, {"a": 2}],
    "badjson": [{"id": 1, "name": "george", "height": 178}, {"id": 4, "name": "john", "height": 190}],
}


@pytest.fixture(scope="module")
def options(bench: Bench) -> str:
    for name, texts in OPTION_FILES.items():
        for number, text in enumerate(texts):
            bench.put(f"options/{name}/{number}.txt", text)
    return bench.run("reader_options", {"--base": bench.uri("options")})


@pytest.mark.parametrize("name", OPTION_ROWS)
def test_reader_options(bench: Bench, options: str, name: str) -> None:
    assert bench.rows(f"options/out/{name}/", "json") == ordered(OPTION_ROWS[name])
    assert f"{name} {len(OPTION_ROWS[name])} {1 if name == 'badjson' else 0}" in options.splitlines()
