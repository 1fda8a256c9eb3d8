"""Scripts of files, arguments and plain Spark input and output, run unmodified through StartJobRun."""

from __future__ import annotations

import bz2
import gzip
import json
from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import SCRIPTS, Aws, Bench, ordered

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-io")


LOGS = {
    "a/one.log": "INFO - hello ñ\nERROR - bad - worse\n\n",
    "a/two.log": "INFO - two\n",
    "b/three.log": "WARN - three",
    "c/four.log.gz": "INFO - zipped\n",
}


@pytest.fixture(scope="module")
def io(bench: Bench) -> str:
    for name, text in LOGS.items():
        bench.put(f"io/logs/{name}", gzip.compress(text.encode()) if name.endswith(".gz") else text)
    bench.put_json("io/json/x/1.json", [{"a": 1}])
    bench.put_json("io/json/y/2.json", [{"a": 2, "b": "ñ"}])
    bench.put_json("io/json/w/no.json", [{"never": 1}])
    bench.put_json("io/json/z.json", [{"c": True}])
    bench.put("io/parts/k=1/a.csv", "v,w\n1,x\n")
    bench.put("io/parts/k=2/b.csv", "v,w\n2,y\n3,z\n")
    bench.put("io/parts/k=2/c.txt", "v,w\n9,no\n")
    return bench.run("spark_io", {"--base": bench.uri("io")})


def messages() -> list[tuple[str, str]]:
    lines = [line for text in LOGS.values() for line in text.splitlines() if line.strip()]
    return [(line.split(" - ", 1)[0], line.split(" - ", 1)[1]) for line in lines]


def test_classes_of_the_script_travel_to_the_executors(bench: Bench, io: str) -> None:
    levels = [level for level, _ in messages()]
    counts = sorted((level, levels.count(level)) for level in set(levels))
    assert f"lines {len(levels)} {counts}" in io
    assert f"tuples {sorted(len(message) for _, message in messages())}" in io
    expected = [{"level": level, "size": len(message), "message": message} for level, message in messages()]
    assert bench.rows("io/out/levels/", "parquet") == ordered([*expected, *expected])


def test_save_modes(io: str) -> None:
    assert "exists already" in io
    assert "written twice" not in io
    assert f"appended {2 * len(messages())}" in io


def test_text_files_and_globs(bench: Bench, io: str) -> None:
    text = b"".join(data for _, data in bench.files("io/out/text/")).decode()
    assert sorted(text.split()) == ["ERROR", "INFO", "WARN"]
    assert f"whole {[('one.log', len(LOGS['a/one.log'])), ('two.log', len(LOGS['a/two.log']))]}" in io
    assert "globbed 3 ['a', 'b', 'c']" in io
    assert "parts [('v', 'int'), ('w', 'string'), ('k', 'int')] 1" in io
    assert "recursive 3" in io
    assert f"text {len(LOGS['a/one.log'])}" in io
    assert "names ['one.log', 'two.log']" in io
    assert "fs True False" in io
    assert "missing True" in io


ITEMS: Rows = [
    {"n": 1, "kind": "a", "place": {"city": "León", "zip": "1"}},
    {"n": 13, "kind": "b", "place": {"city": "x"}},
    {"n": 14, "kind": "b", "place": {"city": "y"}},
    {"n": 2, "kind": "c", "place": {"city": "z"}},
    {"n": 3, "kind": "b", "place": {"city": "ávila"}},
    {"n": 4, "kind": "a", "place": None},
    {"n": 5, "kind": "a", "place": {"zip": "5"}},
]


def test_a_fluent_chain_into_a_catalog_table(bench: Bench) -> None:
    bench.put_json("fluent/in/i.json", ITEMS)
    bench.create_table(
        "items", "fluent/in/", "json", [("n", "int"), ("kind", "string"), ("place", "struct<city:string,zip:string>")]
    )
    facts = {"useGlueParquetWriter": "true"}
    columns = [("n", "bigint"), ("town", "string")]
    bench.create_table("items_out", "fluent/out/", "parquet", columns, [("kind", "string")], facts)
    printed = bench.run("fluent_chain", {"--db": bench.database, "--table": "items", "--target": "items_out"})
    assert "errors 2 rows 2" in printed
    assert bench.rows("fluent/out/", "parquet") == ordered(
        [{"n": 1, "town": "LEÓN", "kind": "a"}, {"n": 3, "town": "ÁVILA", "kind": "b"}]
    )
    assert bench.partitions("items_out") == [("a",), ("b",)]


ARGUMENTS = {
    "--config": '{"a b": "it\'s", "ñ": ["x", {"y": "\\"q\\""}]}',
    "--empty": "",
    "--dash": "-5",
    "--unicode": "ñ ü 漢 $HOME `ls`",
    "--path": "s3://b/a b/*.json",
    "--twice": "2",
}


def test_arguments_arrive_as_they_were_given(bench: Bench) -> None:
    given = {**ARGUMENTS, "--with-hyphen": "a=b"}
    job = bench.create_job("arguments_echo", {"--twice": "1", "--maybe": "true"})
    printed = bench.printed(bench.succeed(job, given))
    expected = {name.removeprefix("--").replace("-", "_"): value for name, value in given.items()}
    assert f"echo {json.dumps(expected, ensure_ascii=False, sort_keys=True)}" in printed
    assert "parsed ['x', {'y': '\"q\"'}]" in printed
    assert "reserved ['JOB_ID', 'JOB_NAME', 'JOB_RUN_ID', 'TempDir'] None" in printed
    assert "run True True" in printed
    assert "optional True False" in printed


def test_a_script_from_windows_at_an_awkward_key(bench: Bench) -> None:
    source = (SCRIPTS / "arguments_echo.py").read_text(encoding="utf-8")
    key = "mis scripts ñ/copia (1).py"
    bench.put(key, b"\xef\xbb\xbf" + source.replace("\n", "\r\n").encode())
    command = {"Name": "glueetl", "ScriptLocation": bench.uri(key), "PythonVersion": "3"}
    job = bench.create_job("arguments_echo", Command=command)
    printed = bench.printed(bench.succeed(job, {**ARGUMENTS, "--with-hyphen": "1"}))
    assert "parsed ['x', {'y': '\"q\"'}]" in printed


@pytest.fixture(scope="module")
def awkward(aws: Aws) -> tuple[Bench, str]:
    """A bucket of odd keys, and a second one for what comes out."""
    import io as stream

    import pyarrow as pa
    import pyarrow.parquet

    source, target = Bench(aws, "scripts-odd-in"), Bench(aws, "scripts-odd-out")
    source.put_json("top.json", [{"n": 0}])
    source.put_json("año 2024/ventas + más/50% off/a.json", [{"n": 1, "t": "ñ"}])
    source.put("console/", b"")
    source.put("console/_$folder$", b"")
    source.put("console/empty.csv", b"")
    source.put("console/only header.csv", "a,b\n")
    source.put("console/data.csv", "a,b\n\n1,x\n\n2,y")
    source.put("console/.hidden.csv", "a,b\n9,hidden\n")
    source.put("headers/1.csv", "a,b\n1,x\n")
    source.put("headers/2.csv", "b,a,c\ny,2,new\n")
    source.put("mixed/plain.csv", "a\n1\n")
    source.put("mixed/zipped.csv.gz", gzip.compress(b"a\n2\n"))
    source.put("mixed/zipped.csv.bz2", bz2.compress(b"a\n3\n"))
    out = stream.BytesIO()
    pyarrow.parquet.write_table(pa.table({"a": [1, 2]}), out)
    source.put("pq/", b"")
    source.put("pq/one.parquet", out.getvalue())
    source.put("pq/_SUCCESS", b"")
    return target, target.run("awkward_paths", {"--bucket": source.bucket, "--out": target.bucket})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("root", [{"n": 0}]),
        ("rootslash", [{"n": 0}]),
        ("blank", [{"n": 1, "t": "ñ"}]),
        ("console", [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]),
        ("headers", [{"a": "1", "b": "x"}, {"a": "2", "b": "y", "c": "new"}]),
        ("mixed", [{"a": "1"}, {"a": "2"}, {"a": "3"}]),
        ("parquet", [{"a": 1}, {"a": 2}]),
        ("twice", [{"n": 0}, {"n": 1, "t": "ñ"}]),
    ],
)
def test_awkward_keys_and_objects_that_are_no_data(awkward: tuple[Bench, str], name: str, expected: Rows) -> None:
    target, printed = awkward
    assert target.rows(f"{name}/", "json") == ordered(expected)
    assert f"{name} {len(expected)}" in printed.splitlines()


def test_awkward_targets_and_empty_frames(awkward: tuple[Bench, str]) -> None:
    target, printed = awkward
    assert target.rows("with blank/ñ/", "json") == ordered([{"n": 1, "k": "a b"}, {"n": 2, "k": "ñ/+%"}])
    assert "empty False False False" in printed
    assert target.files("nothing/") == []
