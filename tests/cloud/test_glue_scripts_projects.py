"""Scripts with modules and files of their own, the DataFrame side of the API, and scripts that fail."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import SCRIPTS, Aws, Bench, ordered

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-projects")


def test_a_project_brings_modules_files_and_settings(bench: Bench) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("pricing/__init__.py", "")
        archive.writestr("pricing/rules.py", "def with_tax(net, rate):\n    return net * (1 + rate)\n")
    bench.put("lib/pricing.zip", packed.getvalue())
    module = "from pyspark.sql.functions import udf\nlabel_udf = udf(lambda n: f'n\\u00ba {n}')\n"
    bench.put("lib/single_module.py", module)
    bench.put("lib/settings.json", json.dumps({"rates": {"dev": 0.5, "prod": 0.25}, "título": "ñ"}, ensure_ascii=False))
    defaults = {
        "--extra-py-files": f"{bench.uri('lib/pricing.zip')},{bench.uri('lib/single_module.py')}",
        "--extra-files": bench.uri("lib/settings.json"),
        "--conf": "spark.sql.shuffle.partitions=7 --conf spark.sql.parquet.compression.codec=gzip",
        "--TempDir": bench.uri("tmp/"), "--job-language": "python", "--enable-metrics": "true", "--enable-job-insights": "true",
        "--enable-continuous-cloudwatch-log": "true", "--enable-observability-metrics": "true", "--enable-spark-ui": "true",
        "--spark-event-logs-path": bench.uri("sparkui/"), "--job-bookmark-option": "job-bookmark-disable", "--env": "dev",
    }  # fmt: skip
    job = bench.create_job("project_main", defaults, NumberOfWorkers=2, WorkerType="G.1X")
    run = bench.succeed(job, {"--target-path": bench.uri("project/out"), "--env": "prod"})
    printed = bench.printed(run)
    assert "shuffle 7 codec gzip" in printed
    assert "missing None main __main__ True" in printed
    expected = [
        {"id": 1, "net": 10.0, "gross": 12.5, "label": "nº 1"},
        {"id": 2, "net": 0.0, "gross": 0.0, "label": "nº 2"},
    ]
    assert bench.rows("project/out/", "json") == ordered(expected)


PEOPLE: Rows = [{"id": 1, "city": "León"}, {"id": 2, "city": "Vic"}, {"id": 3, "city": "León"}]


@pytest.fixture(scope="module")
def frames(bench: Bench) -> str:
    bench.put_json("df/people/a.json", PEOPLE)
    bench.put("df/cities/c.csv", "name,population\nLeón,124000\nÁvila,57000\n")
    bench.create_table("cities", "df/cities/", "csv", [("name", "string"), ("population", "bigint")])
    return bench.run("data_frame_api", {"--db": bench.database, "--base": bench.uri("df")})


def test_data_frames_of_the_catalog(frames: str) -> None:
    assert "cities 2 ['name', 'population']" in frames
    assert "plain 2 [('name', 'string'), ('population', 'bigint')]" in frames
    assert "schema struct<name:string,population:bigint>" in frames
    assert "cities now 3" in frames


def test_sources_samples_and_partitions(frames: str) -> None:
    for line in ("people 3", "people again 3", "sample 2", "parts 3 5 1 2", "union 6", "repr DynamicFrame"):
        assert line in frames


def test_frames_written_by_their_own_method_and_by_spark(bench: Bench, frames: str) -> None:
    expected = [{"city": "León", "n": 2, "population": 124000}, {"city": "Vic", "n": 1, "population": -1}]
    assert bench.rows("df/out/joined/", "json") == ordered(expected)
    text = b"".join(data for _, data in bench.files("df/out/ids/")).decode()
    assert sorted(text.split()) == ["1", "2", "3"]


def line_of(case: str) -> int:
    """Number of the line after the one that names the case in the script."""
    lines = (SCRIPTS / "broken_scripts.py").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 2) if f'"{case}"' in line)


@pytest.fixture(scope="module")
def broken(bench: Bench) -> str:
    bench.put_json("broken/in/a.json", [{"a": 1}])
    return bench.create_job("broken_scripts")


def run_case(bench: Bench, job: str, case: str) -> dict[str, Any]:
    return bench.run_job(job, {"--case": case, "--base": bench.uri("broken"), "--db": bench.database})


@pytest.mark.parametrize(
    ("case", "texts"),
    [
        ("missing_argument", ["GlueArgumentError", "the following arguments are required: --not_given"]),
        ("missing_table", ["EntityNotFoundException", "no_such_table"]),
        ("missing_database", ["EntityNotFoundException", "no_such_db"]),
        ("missing_bucket", ["no-such-bucket-really"]),
        ("unknown_format", ["excel", "json"]),
        ("column", ["no_such_column"]),
        ("exit_three", ["SystemExit: 3"]),
        ("exit_text", ["nothing to do"]),
        ("executor", ["ZeroDivisionError"]),
        ("no_paths", ["paths"]),
        ("jdbc", ["redshift_prod"]),
        ("wrong_key", ["nope"]),
    ],
)
def test_a_failure_names_its_cause_and_the_line_of_the_script(
    bench: Bench, broken: str, case: str, texts: list[str]
) -> None:
    run = run_case(bench, broken, case)
    assert run["JobRunState"] == "FAILED"
    for text in texts:
        assert text in run["ErrorMessage"]
    if case not in ("exit_three", "exit_text"):
        lines = (SCRIPTS / "broken_scripts.py").read_text(encoding="utf-8").splitlines()
        number = (
            1 + next(n for n, line in enumerate(lines) if "selectExpr" in line) if case == "column" else line_of(case)
        )
        near = (number, number + 1) if case in ("jdbc", "wrong_key") else (number,)
        assert any(f"Line Number: {one};" in run["ErrorMessage"] for one in near), run["ErrorMessage"][:200]
    assert bench.keys("broken/out") == []


def test_leaving_with_zero_is_a_success(bench: Bench, broken: str) -> None:
    run = run_case(bench, broken, "exit_zero")
    assert run["JobRunState"] == "SUCCEEDED"
    assert bench.printed(run) == "leaving"
