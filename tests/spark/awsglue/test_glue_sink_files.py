"""Files that sinks write. Sources: DG aws-glue-programming-etl-connect-s3-home.html (compression, partitionKeys),
aws-glue-programming-etl-format-csv-home.html, …-format-parquet-home.html (glueparquet), …-partitions.html; glue-runtime.md section 3."""

from __future__ import annotations

import bz2
import gzip
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def files(folder: Path) -> list[str]:
    found = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in found if not path.endswith(".crc"))


def text_of(folder: Path) -> str:
    return "".join((folder / name).read_text(encoding="utf-8") for name in files(folder))


@pytest.fixture
def write(glue_context: Any, tmp_path: Path) -> Any:
    """A function that writes a DataFrame or frame to `out` and gives the folder."""

    def done(source: Any, kind: str, *, connection: dict[str, Any] | None = None, **options: Any) -> Path:
        from awsglue.dynamicframe import DynamicFrame

        frame = (
            source
            if isinstance(source, DynamicFrame)
            else DynamicFrame.fromDF(source.coalesce(1), glue_context, "made")
        )
        paths = {"path": str(tmp_path / "out"), **(connection or {})}
        glue_context.write_dynamic_frame.from_options(frame, "s3", paths, kind, options)
        return tmp_path / "out"

    return done


AWKWARD = ["plain", 'say "hi"', "a,b", "a;b", "line\nbreak", "", " blanks ", "ñandú €", "back\\slash", "'quoted'", None]


@pytest.mark.parametrize(
    "options", [{}, {"separator": ";"}, {"separator": "\t"}, {"quoteChar": "'"}, {"separator": "|", "quoteChar": '"'}]
)
def test_csv_text_round_trips(glue_context: Any, spark: Any, write: Any, options: dict[str, Any]) -> None:
    df = spark.createDataFrame([(place, text, "x") for place, text in enumerate(AWKWARD)], "id int, s string, e string")
    folder = write(df, "csv", **options)
    read = glue_context.create_dynamic_frame.from_options(
        "s3", {"paths": [str(folder)]}, "csv", {"withHeader": True, "multiLine": True, **options}
    )
    assert [row["s"] for row in read.toDF().orderBy(read.toDF()["id"].cast("int")).collect()] == AWKWARD


def test_csv_without_quotes(spark: Any, write: Any) -> None:
    """quoteChar -1 "turns off quoting entirely"."""
    df = spark.createDataFrame([(1, 'say "hi"', "a,b"), (2, None, " x ")], "id int, s string, t string")
    assert text_of(write(df, "csv", quoteChar=-1)) == 'id,s,t\n1,say "hi",a,b\n2,, x \n'


def test_csv_without_quotes_cannot_hold_line_breaks(spark: Any, write: Any, tmp_path: Path) -> None:
    df = spark.createDataFrame([("a\nb",)], "s string")
    with pytest.raises(Exception, match="quoteChar -1 cannot write a value that holds a line break"):
        write(df, "csv", quoteChar="-1")
    assert not files(tmp_path / "out")


@pytest.mark.parametrize(("header", "first"), [(True, "id,s"), ("false", "1,x"), (False, "1,x")])
def test_write_header(spark: Any, write: Any, header: Any, first: str) -> None:
    assert text_of(write(spark.sql("select 1 as id, 'x' as s"), "csv", writeHeader=header)).splitlines()[0] == first


def test_csv_of_every_type(spark: Any, write: Any) -> None:
    df = spark.sql(
        "select true as b, cast(1.50 as decimal(9,2)) as m, date'2024-02-29' as d, timestamp'2024-01-01 10:00:00.5' as t, "
        "array(1, 2) as a, named_struct('x', 1, 't', timestamp'2024-01-01 10:00:00') as s, map('k', 'v') as p, "
        "cast('hi' as binary) as y, null as n"
    )
    row = text_of(write(df, "csv")).splitlines()[1]
    assert row == (
        'true,1.50,2024-02-29,2024-01-01 10:00:00.5,"[1,2]","{""x"":1,""t"":""2024-01-01 10:00:00""}","{""k"":""v""}",aGk=,'
    )


def test_json_of_every_type(spark: Any, write: Any) -> None:
    df = spark.sql(
        "select 1L as l, 1.5D as f, cast(1.50 as decimal(9,2)) as m, date'2024-02-29' as d, timestamp'2024-01-01 10:00:00' as t, "
        "array(named_struct('t', timestamp'2024-01-01 10:00:00')) as a, cast(null as string) as n, 'ñ' as s, map('k', 1) as p"
    )
    text = text_of(write(df, "json"))
    assert '"m":1.50' in text
    assert json.loads(text, parse_float=Decimal) == {
        "l": 1, "f": Decimal("1.5"), "m": Decimal("1.50"), "d": "2024-02-29", "t": "2024-01-01 10:00:00",
        "a": [{"t": "2024-01-01 10:00:00"}], "s": "ñ", "p": {"k": 1},
    }  # fmt: skip


def test_json_with_choices_leaves_null_fields_out(frame: Any, write: Any) -> None:
    made = frame(
        '{"a": 1, "n": null, "s": {"x": 1, "y": null}}', '{"a": "x", "l": [1, null]}', '{"a": 12345678901234567890}'
    )
    assert [json.loads(line) for line in text_of(write(made, "json")).splitlines()] == [
        {"a": 1, "s": {"x": 1}}, {"a": "x", "l": [1, None]}, {"a": 12345678901234567890},
    ]  # fmt: skip


def test_choices_in_csv_and_parquet(frame: Any, write: Any, spark: Any, tmp_path: Path) -> None:
    made = frame('{"a": 1}', '{"a": "x"}')
    assert text_of(write(made, "csv")).splitlines() == ["a", "1", "x"]
    write(made, "parquet", connection={"path": str(tmp_path / "p")})
    assert [tuple(row["a"]) for row in spark.read.parquet(str(tmp_path / "p")).collect()] == [(1, None), (None, "x")]


@pytest.mark.parametrize(
    ("kind", "codec", "ending", "unpack"),
    [
        ("json", "gzip", ".gz", gzip.decompress), ("csv", "gzip", ".gz", gzip.decompress), ("json", "bzip2", ".bz2", bz2.decompress),
        ("csv", "BZIP2", ".bz2", bz2.decompress), ("json", "none", "", bytes), ("csv", "uncompressed", "", bytes),
        ("json", "snappy", ".snappy", None), ("glueparquet", "gzip", "-gzip.parquet", None),
        ("glueparquet", "snappy", "-snappy.parquet", None), ("glueparquet", "uncompressed", "-00000.parquet", None),
        ("glueparquet", "none", "-00000.parquet", None), ("parquet", "gzip", ".gz.parquet", None), ("orc", "snappy", ".snappy.orc", None),
        ("orc", "none", ".orc", None), ("avro", "deflate", ".avro", None), ("avro", "none", ".avro", None),
    ],
)  # fmt: skip
def test_compression(
    glue_context: Any, spark: Any, write: Any, kind: str, codec: str, ending: str, unpack: Any
) -> None:
    folder = write(spark.sql("select 'x' as a"), kind, connection={"compression": codec})
    (name,) = files(folder)
    plain = name.replace("-gz.parquet", "-gzip.parquet")
    assert plain.endswith(ending), name
    if unpack is not None:
        assert b"x" in unpack((folder / name).read_bytes())
        return
    back = glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(folder)]}, kind.removeprefix("glue"))
    assert [row["a"] for row in back.toDF().collect()] == ["x"]


@pytest.mark.parametrize("kind", ["json", "parquet", "glueparquet", "orc"])
def test_lzo_is_refused(spark: Any, write: Any, tmp_path: Path, kind: str) -> None:
    with pytest.raises(NotImplementedError, match=rf'compression "lzo".*Compressions of {kind} files'):
        write(spark.sql("select 1 as a"), kind, connection={"compression": "lzo"})
    assert not (tmp_path / "out").exists()


def test_a_compression_that_a_format_cannot_have(spark: Any, write: Any) -> None:
    with pytest.raises(ValueError, match="Compressions of parquet files: snappy, gzip"):
        write(spark.sql("select 1 as a"), "parquet", connection={"compression": "bzip2"})


@pytest.mark.parametrize("kind", ["json", "csv", "parquet", "glueparquet", "orc", "avro"])
def test_partition_values_with_awkward_letters(glue_context: Any, spark: Any, write: Any, kind: str) -> None:
    values = ["a/b", "50%", "año nuevo", "x=y", "q?", None]
    df = spark.createDataFrame(
        [(place, text, place % 2) for place, text in enumerate(values)], "v int, k string, n int"
    )
    folder = write(df, kind, connection={"partitionKeys": ["n", "k"]})
    places = sorted(name.rpartition("/")[0] for name in files(folder))
    assert places == sorted([
        "n=0/k=a%2Fb", "n=1/k=50%25", "n=0/k=año nuevo", "n=1/k=x%3Dy", "n=0/k=q%3F", "n=1/k=__HIVE_DEFAULT_PARTITION__",
    ])  # fmt: skip
    if kind in ("parquet", "glueparquet", "orc"):
        read = spark.read.format(kind.removeprefix("glue")).load(str(folder))
        assert sorted((row["v"], row["k"], row["n"]) for row in read.collect()) == [
            (i, k, i % 2) for i, k in enumerate(values)
        ]


@pytest.mark.parametrize(
    ("keys", "said"),
    [(["nothing"], "not fields of the frame"), (["id", "v"], "nothing is left"), ([1], '"partitionKeys" is a list')],
)
def test_partition_keys_that_cannot_be(spark: Any, write: Any, tmp_path: Path, keys: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        write(spark.sql("select 1 as id, 2 as v"), "json", connection={"partitionKeys": keys})
    assert not (tmp_path / "out").exists()


def test_a_choice_cannot_be_a_partition_key(frame: Any, write: Any) -> None:
    with pytest.raises(ValueError, match="resolve the choice first"):
        write(frame('{"k": 1, "v": 1}', '{"k": "x", "v": 2}'), "json", connection={"partitionKeys": ["k"]})


@pytest.mark.parametrize("keys", [[], ["k"]])
@pytest.mark.parametrize("kind", ["json", "csv", "parquet", "glueparquet", "orc", "avro"])
def test_append_leaves_earlier_files_and_nothing_temporary(spark: Any, write: Any, kind: str, keys: list[str]) -> None:
    df = spark.sql("select 1 as v, 'x' as k")
    first = set(files(write(df, kind, connection={"partitionKeys": keys})))
    folder = write(df, kind, connection={"partitionKeys": keys})
    both = set(files(folder))
    assert first < both
    assert len(both) == 2 * len(first)
    names = [name.rpartition("/")[2] for name in both]
    assert not [name for name in names if name.startswith(("_", "."))]
    assert not [path for path in folder.rglob("*") if path.is_dir() and path.name.startswith(("_", "."))]


@pytest.mark.parametrize("kind", ["json", "csv", "parquet", "glueparquet", "orc", "avro"])
@pytest.mark.parametrize("keys", [[], ["k"]])
def test_an_empty_frame_writes_nothing(spark: Any, write: Any, tmp_path: Path, kind: str, keys: list[str]) -> None:
    write(spark.sql("select 1 as v, 'x' as k where false"), kind, connection={"partitionKeys": keys})
    assert not (tmp_path / "out").exists() or not files(tmp_path / "out")


@pytest.mark.parametrize("kind", ["json", "csv", "glueparquet", "avro"])
@pytest.mark.parametrize("keys", [[], ["k"]])
def test_a_failure_in_a_python_function_leaves_nothing(
    glue_context: Any, frame: Any, write: Any, tmp_path: Path, kind: str, keys: list[str]
) -> None:
    from awsglue.dynamicframe import DynamicFrame

    good = frame('{"v": 1, "k": "a"}', '{"v": 0, "k": "b"}')
    broken = good.toDF().selectExpr("k", "if(v = 0, cast(raise_error('boom') as int), v) as v")
    with pytest.raises(Exception, match="boom"):
        write(DynamicFrame.fromDF(broken, glue_context), kind, connection={"partitionKeys": keys})
    assert not (tmp_path / "out").exists() or not files(tmp_path / "out")
    assert not list(tmp_path.rglob(".spark-staging*"))


def test_storage_that_refuses_the_last_step_leaves_nothing(
    spark: Any, write: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    from awsglue._folder import Folder

    taken: list[str] = []
    take_in = Folder.take_in

    def refusing(self: Any, other: Any, source: str, name: str) -> None:
        if len(taken) == 1:
            raise OSError("the storage is full")
        taken.append(name)
        take_in(self, other, source, name)

    monkeypatch.setattr(Folder, "take_in", refusing)
    with pytest.raises(OSError, match="full"):
        write(spark.sql("select id as v, id % 3 as k from range(9)"), "json", connection={"partitionKeys": ["k"]})
    assert len(taken) == 1
    assert not files(tmp_path / "out")


def test_two_sinks_of_one_name_both_write_and_are_told_once(
    glue_context: Any, spark: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.sql("select 1 as v"), glue_context)
    for name in ("a", "b", "c"):
        glue_context.write_dynamic_frame.from_options(
            frame=made, connection_type="s3", connection_options={"path": str(tmp_path / name)}, format="json",
            transformation_ctx="the_sink",
        )  # fmt: skip
    assert [len(files(tmp_path / name)) for name in ("a", "b", "c")] == [1, 1, 1]
    assert capsys.readouterr().err.count('transformation_ctx="the_sink"') == 1


def test_a_collection_is_written_by_name(glue_context: Any, spark: Any, tmp_path: Path) -> None:
    from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection

    frames = {
        name: DynamicFrame.fromDF(spark.sql(f"select '{name}' as v"), glue_context, name)
        for name in ("root", "root_items")
    }
    done = glue_context.write_dynamic_frame.from_options(
        DynamicFrameCollection(frames, glue_context), "s3", {"path": str(tmp_path / "out")}, "json"
    )
    assert [name.partition("/")[0] for name in files(tmp_path / "out")] == ["root", "root_items"]
    assert sorted(done.keys()) == ["root", "root_items"]


def test_what_a_sink_gives_back(glue_context: Any, spark: Any, tmp_path: Path) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.sql("select 1 as v"), glue_context, "sales")
    sink = glue_context.getSink("s3", path=str(tmp_path / "out"))
    sink.setFormat("json")
    given = sink.writeFrame(made)
    assert (given.name, given.count()) == ("sales_errors", 0)
    assert sink.writeDataFrame(spark.sql("select 1 as v"), glue_context).count() == 0
    with pytest.raises(TypeError, match=r"not a DataFrame; use DynamicFrame\.fromDF"):
        sink.write(spark.sql("select 1 as v"))
    with pytest.raises(ValueError, match='needs a "path"'):
        glue_context.write_dynamic_frame.from_options(made, "s3", {"paths": ["x"]}, "json")


def test_spigot(glue_context: Any, frame: Any, tmp_path: Path) -> None:
    """DG Spigot: `topk` records (default 100) of a `prob` share (default 1), as JSON, below the path; the frame passes on."""
    from awsglue.transforms import Spigot

    made = frame(*(f'{{"v": {number}}}' for number in range(150)))
    assert Spigot.apply(made, str(tmp_path / "a"), {}).count() == 150
    assert len(text_of(tmp_path / "a").splitlines()) == 100
    Spigot.apply(made, str(tmp_path / "b"), {"topk": 5})
    assert [json.loads(line) for line in text_of(tmp_path / "b").splitlines()] == [{"v": number} for number in range(5)]
    Spigot.apply(made, str(tmp_path / "c"), {"prob": 0.5, "topk": 1000})
    assert 0 < len(text_of(tmp_path / "c").splitlines()) < 150
    with pytest.raises(ValueError, match='"prob"'):
        Spigot.apply(made, str(tmp_path / "d"), {"prob": 2})


def test_parquet_keeps_types(spark: Any, write: Any) -> None:
    df = spark.sql(
        "select cast(1.5 as decimal(9,2)) as m, date'2024-02-29' as d, timestamp'2024-01-01 10:00:00.123456' as t, array(1) as a"
    )
    back = spark.read.parquet(str(write(df, "glueparquet", compression="gzip", blockSize=1048576, pageSize=65536)))
    assert back.dtypes == df.dtypes
    assert str(back.collect()[0]["t"]) == "2024-01-01 10:00:00.123456"


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_names_are_those_of_glue(spark: Any, write: Any, kind: str) -> None:
    assert re.fullmatch(r"run-\d{13}-part-r-00000", files(write(spark.sql("select 1 as v"), kind))[0])
