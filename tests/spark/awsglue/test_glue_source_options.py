"""Options of S3. Sources: DG aws-glue-programming-etl-connect-s3-home.html; grouping-input-files.html; glue-runtime.md section 2."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

# Seconds each; other modules of the folder show with every change that Spark starts and runs.
pytestmark = pytest.mark.slow


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A tree of JSON files, each with its own path as value."""
    for name in ("a.json", "b.txt", "2023/c.json", "2023/07/d.json", "2024/e.json", "tmp/f.json"):
        file = tmp_path / "lake" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'{{"p": "{name}"}}\n')
    return tmp_path / "lake"


@pytest.fixture
def names(glue_context: Any, lake: Path) -> Any:
    def read(paths: Any = None, **options: Any) -> list[str]:
        given = {"paths": [str(lake)] if paths is None else paths, **options}
        frame = glue_context.create_dynamic_frame.from_options("s3", given, "json")
        return sorted(row["p"] for row in frame.toDF().collect()) if frame.count() else []

    return read


def test_paths_are_a_list_or_one_path_with_or_without_a_slash(names: Any, lake: Path) -> None:
    assert names(str(lake)) == ["a.json", "b.txt"]
    assert names([f"{lake}/"]) == ["a.json", "b.txt"]
    assert names([f"{lake}/a.json", f"{lake}/2023"]) == ["2023/c.json", "a.json"]
    assert names([f"{lake}/2023/07/d.json", f"{lake}/2023/07"]) == ["2023/07/d.json"]


def test_recurse(names: Any) -> None:
    assert len(names(recurse=True)) == 6
    assert len(names(recurse="true")) == 6
    assert len(names(recurse=False)) == 2


@pytest.mark.parametrize(
    ("globs", "left"),
    [
        ('["**.txt"]', ["2023/07/d.json", "2023/c.json", "2024/e.json", "a.json", "tmp/f.json"]),
        ('["*.json"]', ["2023/07/d.json", "2023/c.json", "2024/e.json", "b.txt", "tmp/f.json"]),
        ('["2023/**"]', ["2024/e.json", "a.json", "b.txt", "tmp/f.json"]),
        ('["2023/*"]', ["2023/07/d.json", "2024/e.json", "a.json", "b.txt", "tmp/f.json"]),
        ('["202[34]/**", "tmp/?.json"]', ["a.json", "b.txt"]),
        ('["[!2]*/**"]', ["2023/07/d.json", "2023/c.json", "2024/e.json", "a.json", "b.txt"]),
        ('["**.{txt,json}"]', []),
        ('["{2023,tmp}/**"]', ["2024/e.json", "a.json", "b.txt"]),
        ("[]", ["2023/07/d.json", "2023/c.json", "2024/e.json", "a.json", "b.txt", "tmp/f.json"]),
    ],
)
def test_exclusions_are_globs(names: Any, globs: str, left: list[str]) -> None:
    assert names(recurse=True, exclusions=globs) == left


def test_exclusions_may_be_whole_paths(names: Any, lake: Path) -> None:
    assert names(recurse=True, exclusions=f'["file://{lake}/2023/**", "**/tmp/**"]') == [
        "2024/e.json",
        "a.json",
        "b.txt",
    ]


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        ("*.csv", ["a.csv"], ["x/a.csv", "a.csv.gz"]),
        ("**.csv", ["a.csv", "x/y/a.csv"], ["a.csvx"]),
        ("**/_tmp/**", ["x/_tmp/a"], ["_tmpx/a"]),
        ("data-[0-9][0-9]", ["data-07"], ["data-7", "data-077"]),
        ("[!a-c]x", ["dx"], ["ax", "/x"]),
        ("a.{gz,bz2}", ["a.gz", "a.bz2"], ["a.zip"]),
        ("v\\*", ["v*"], ["v1"]),
        ("año?", ["año1"], ["año", "año/"]),
        ("a+b(c)", ["a+b(c)"], ["aab"]),
    ],
)
def test_globs(runtime_on_path: None, glob: str, yes: list[str], no: list[str]) -> None:
    pattern = importlib.import_module("awsglue._selection").glob_pattern(glob)
    assert all(pattern.fullmatch(name) for name in yes)
    assert not any(pattern.fullmatch(name) for name in no)


@pytest.mark.parametrize("globs", ['["**.txt"', "**.txt", '["a[b"]', '["a{b"]'])
def test_exclusions_that_are_none_are_named(names: Any, globs: str) -> None:
    with pytest.raises(ValueError, match="exclusions"):
        names(exclusions=globs)


def test_options_that_only_change_speed_are_taken(names: Any) -> None:
    options = {
        "groupFiles": "inPartition", "groupSize": "1048576", "maxBand": "900000", "maxFilesInBand": 1000, "isFailFast": True,
        "useS3ListImplementation": True,
    }  # fmt: skip
    assert names(**options) == ["a.json", "b.txt"]


def test_bounded_files_and_size_take_the_oldest_first(names: Any, lake: Path) -> None:
    import os

    for age, name in enumerate(("tmp/f.json", "2024/e.json", "a.json", "b.txt", "2023/c.json", "2023/07/d.json")):
        os.utime(lake / name, (1_700_000_000 + age, 1_700_000_000 + age))
    assert names(recurse=True, boundedFiles="2") == ["2024/e.json", "tmp/f.json"]
    assert names(recurse=True, boundedSize="45") == ["2024/e.json", "tmp/f.json"]
    assert names(recurse=True, boundedSize=1) == ["tmp/f.json"]
    assert len(names(recurse=True, boundedSize="1000000", boundedFiles="5")) == 5


@pytest.mark.parametrize("paths", [None, [], "", [1], {"a": 1}])
def test_paths_that_are_none_are_named(glue_context: Any, paths: Any) -> None:
    with pytest.raises(ValueError, match='"paths"'):
        glue_context.create_dynamic_frame.from_options("s3", {"paths": paths}, "json")


@pytest.mark.parametrize("kind", ["parquet", "orc"])
def test_columnar_files(glue_context: Any, spark: Any, tmp_path: Path, kind: str) -> None:
    """`format="parquet"|"orc"` is Spark's own reader; its options go into connection_options."""
    spark.sql("select 1 as a").write.format(kind).save(str(tmp_path / "in" / "x=1"))
    spark.sql("select 2 as a, 'n' as b").write.format(kind).save(str(tmp_path / "in" / "x=2"))
    paths = [str(tmp_path / "in" / "x=1"), str(tmp_path / "in" / "x=2")]
    read = glue_context.create_dynamic_frame.from_options
    merged = read("s3", {"paths": paths, "mergeSchema": True}, kind)
    assert sorted(merged.toDF().columns) == ["a", "b"]
    assert read(kind, {"paths": paths}).count() == 2
    with pytest.raises(Exception, match=r"Path does not exist.*nowhere"):
        read("s3", {"paths": [str(tmp_path / "nowhere")]}, kind)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("xml", "xml.etree"), ("grokLog", "regexp_extract"), ("ion", "JSON or Parquet"), ("hudi", "use Parquet"),
     ("delta", "use Parquet"), ("iceberg", "use Parquet")],
)  # fmt: skip
def test_formats_that_are_not_here_say_what_to_do(glue_context: Any, tmp_path: Path, kind: str, said: str) -> None:
    with pytest.raises(NotImplementedError, match=f"{kind}.*{said}"):
        glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path)]}, kind)
    with pytest.raises(NotImplementedError, match=f"{kind}.*{said}"):
        glue_context.getSink("s3", path=str(tmp_path)).setFormat(kind)


@pytest.mark.parametrize(
    "kind", ["jdbc", "mysql", "dynamodb", "kinesis", "kafka", "mongodb", "marketplace.spark", "redshift"]
)
def test_connections_that_are_not_here_say_what_to_do(glue_context: Any, kind: str) -> None:
    with pytest.raises(NotImplementedError, match=f"{kind}.*connection_type='s3'"):
        glue_context.create_dynamic_frame.from_options(kind, {})
    with pytest.raises(NotImplementedError, match=f"{kind}.*connection_type='s3'"):
        glue_context.getSink(kind)


def test_names_that_nobody_knows(glue_context: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Unknown connection_type='s33'.*'s3'"):
        glue_context.create_dynamic_frame.from_options("s33", {})
    with pytest.raises(ValueError, match=r"Unknown format='cvs'.*csv, json, parquet, orc, avro"):
        glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path)]}, "cvs")
    with pytest.raises(ValueError, match=r"glueparquet.*writing only"):
        glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path)]}, "glueparquet")


def test_a_sample_is_the_first_records_of_a_few_files(glue_context: Any, lake: Path) -> None:
    """DG …-glue-context.html create_sample_dynamic_frame_from_options: num, maxSampleFilesPerPartition (default 10)."""
    sample = glue_context.create_sample_dynamic_frame_from_options
    options = {"paths": [str(lake)], "recurse": True}
    assert sample("s3", options, num=3, format="json").count() == 3
    assert sample("s3", options, num=100, sample_options={"maxSampleFilesPerPartition": 2}, format="json").count() == 2
    with pytest.raises(ValueError, match='"num"'):
        sample("s3", options, format="json")


def test_get_sample_frame_of_a_source(glue_context: Any, lake: Path) -> None:
    source = glue_context.getSource("s3", paths=[str(lake)], recurse=True)
    source.setFormat("json")
    assert source.getSampleFrame(2).count() == 2
    assert source.getFrame().count() == 6
