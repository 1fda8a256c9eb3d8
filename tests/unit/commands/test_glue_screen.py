"""What a person sees of a run: its progress, the useful part of its log, its result, and why it failed."""

from __future__ import annotations

import io
from datetime import datetime, timezone
from pathlib import Path

import pytest

from labkit import i18n
from labkit.aws.created_objects import Folder, find_created, group_by_folder
from labkit.commands.glue_failure import build_failure
from labkit.commands.glue_script import Script
from labkit.ui.glue_error import find_line
from labkit.ui.glue_log import UsefulLines
from labkit.ui.glue_progress import Progress, Stage, Totals, format_size, parse_progress
from labkit.ui.glue_result import GlueResult, print_result
from labkit.ui.glue_view import LiveView, PlainView, QuietView
from labkit.ui.lesson import render_lesson
from labkit.ui.reporter import open_console

PROGRESS = Progress((Stage(2, "csv", 3, 2, 8),), Totals(4, 1_200_000, 34_567, 7, 1_500_000))
SOURCE = "import sys\n\n\ndef leer():\n    return 1 / 0\n\n\nleer()\n"


@pytest.fixture(autouse=True)
def spanish() -> None:
    i18n.use_language("es")


def build_result(**changes: object) -> GlueResult:
    facts: dict[str, object] = {
        "job": "etl",
        "run": "jr_1",
        "state": "SUCCEEDED",
        "seconds": 3.4,
        "billed_s": 60,
        "dpu": 2.0,
        "usd": 0.0147,
        "totals": None,
        "created": (),
        "script": "mi etl.py",
        "script_uri": "s3://a/etl.py",
        "arguments": {},
        "error": "",
        "line": None,
    }
    return GlueResult(**{**facts, **changes})  # type: ignore[arg-type]


def build_lesson_of(error: str, state: str = "FAILED", **arguments: str) -> str:
    given = {f"--{name}": value for name, value in arguments.items()}
    result = build_result(state=state, error=error, line=find_line(error), arguments=given)
    return render_lesson(build_failure(result, Script(Path("mi etl.py"), SOURCE)))


# docs.aws.amazon.com/glue, "Enabling the progress bar": [Stage Number (Stage Name): > (completed + active) / total]
def test_the_progress_bar_is_read_as_aws_documents_it() -> None:
    assert parse_progress("[Stage 0 (count at NativeMethodAccessorImpl.java:0): > (3 + 2) / 8]") == Progress(
        (Stage(0, "count", 3, 2, 8),)
    )
    assert parse_progress("Stage 1 (csv): > (0 + 1) / 1]").stages == (Stage(1, "csv", 0, 1, 1),)
    assert parse_progress("something else") == Progress()


def test_totals_and_several_stages_are_read() -> None:
    line = (
        "[Stage 1 (collect at /tmp/a b/año.py:20): > (1 + 1) / 2][Stage 2 (csv at <unknown>:0): > (0 + 0) / 9] "
        "4 stages done, read 12 rows 34 bytes, wrote 5 rows 67 bytes"
    )
    assert parse_progress(line) == Progress(
        (Stage(1, "collect at año.py:20", 1, 1, 2), Stage(2, "csv", 0, 0, 9)), Totals(4, 12, 34, 5, 67)
    )


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (999, "999 B"), (34_567, "34.6 kB"), (103e6, "103.0 MB"), (2.5e9, "2.5 GB")]
)
def test_sizes_are_told_in_units_that_people_read(size: float, words: str) -> None:
    assert format_size(int(size)) == words


def test_sparks_lines_and_javas_stacks_are_left_out_of_the_error_log() -> None:
    useful = UsefulLines()
    shown = useful.take(
        [
            "NOTE algo",
            "2026-11-23 10:00:00,123 ERROR [Executor task] Executor: Exception in task 0.0",
            "org.apache.spark.api.python.PythonException: Traceback (most recent call last):",
            '  File "x.py", line 3, in f',
            "ValueError: x",
            "",
            "\tat org.apache.spark.Task.run(Task.scala:1)",
            "aviso del script",
            "Traceback (most recent call last):",
            '  File "/tmp/labkit/script/etl.py", line 8, in <module>',
            "    leer()",
            '  File "/v/lib/python3.11/site-packages/pyspark/sql/readwriter.py", line 740, in csv',
            "    return self._df()",
            "           ^^^^^^^^^^",
            "py4j.protocol.Py4JJavaError: An error occurred while calling o1.x.",
            "\tat java.base/java.lang.Thread.run(Unknown Source)",
            "\t... 12 more",
        ]
    )
    assert shown == [
        "NOTE algo",
        "aviso del script",
        "Traceback (most recent call last):",
        '  File "/tmp/labkit/script/etl.py", line 8, in <module>',
        "    leer()",
        "py4j.protocol.Py4JJavaError: An error occurred while calling o1.x.",
    ]
    assert useful.hidden == 11


def test_without_a_terminal_states_and_progress_are_plain_lines() -> None:
    out, err, now = io.StringIO(), io.StringIO(), [0.0]
    with PlainView("etl", out, err, lambda: now[0]) as view:
        view.update("RUNNING", Progress())
        view.output(["hola"])
        view.errors(["cuidado"])
        now[0] = 2.0
        view.update("RUNNING", PROGRESS)  # too soon after the last line
        now[0] = 6.0
        view.update("RUNNING", PROGRESS)
        now[0] = 12.0
        view.update("RUNNING", PROGRESS)  # nothing new
        view.update("SUCCEEDED", PROGRESS)
    totals = "etapas de Spark: 4; leído: 1,200,000 filas, 34.6 kB; escrito: 7 filas, 1.5 MB"
    assert out.getvalue().splitlines() == [
        "... etl: RUNNING (0.0 s)",
        "hola",
        f"... Stage 2 (csv) 3/8 tareas, 2 en curso; {totals} (6.0 s)",
        "... etl: SUCCEEDED (12.0 s)",
    ]
    assert err.getvalue() == "cuidado\n"


def test_quiet_shows_only_the_scripts_lines() -> None:
    out, err = io.StringIO(), io.StringIO()
    with QuietView(out, err) as view:
        view.note("una nota")
        view.update("RUNNING", PROGRESS)
        view.output(["hola"])
        view.errors(["cuidado"])
    assert (out.getvalue(), err.getvalue()) == ("hola\n", "cuidado\n")


def test_on_a_terminal_the_script_scrolls_over_a_live_area() -> None:
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, width=100, color_system=None, legacy_windows=False, _environ={"TERM": "xterm"}
    )
    with LiveView("etl", console, lambda: 1.5) as view:
        view.update("RUNNING", PROGRESS)
        view.output(["[no es marcado] hola"])
    shown = out.getvalue()
    assert "[no es marcado] hola" in shown
    assert "etl  RUNNING  0.0 s" in shown
    assert "Stage 2 (csv)" in shown
    assert "3/8 tareas, 2 en curso" in shown
    assert "leído: 1,200,000 filas" in shown


def test_the_result_says_what_aws_would_bill_and_where_objects_are() -> None:
    out = io.StringIO()
    folders = (Folder("s3://b/out/", 12, 345_600, 3),)
    print_result(open_console(out, {}), build_result(created=folders, totals=PROGRESS.totals))
    shown = out.getvalue()
    assert "✓ etl  SUCCEEDED  3.4 s  jr_1" in shown
    assert "120 DPU-segundos (2 DPU × 60 s facturados), 0.0147 USD" in shown
    assert "s3://b/out/  12 objetos, 345.6 kB en 3 particiones" in shown
    assert "leído: 1,200,000 filas" in shown


def test_created_objects_are_the_difference_of_two_listings_grouped_by_folder() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 1, 2, tzinfo=timezone.utc)
    before = {
        ("b", "in/a.csv"): ("e1", early, 1),
        ("b", "out/old"): ("e2", early, 1),
        ("b", "out/again"): ("e3", early, 1),
    }
    after = {
        ("b", "in/a.csv"): ("e1", early, 1),
        ("b", "out/again"): ("e4", late, 5),
        ("b", "out/año=1/m=2/x"): ("e5", late, 10),
        ("b", "out/año=1/m=3/x"): ("e6", late, 10),
        ("c", "top"): ("e7", late, 3),
    }
    assert group_by_folder(find_created(before, after)) == (
        Folder("s3://b/out/", 3, 25, 2),
        Folder("s3://c/", 1, 3, 0),
    )


def test_a_failure_shows_the_line_of_the_script() -> None:
    told = build_lesson_of(
        "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 5; ZeroDivisionError: division by zero"
    )
    assert "El trabajo etl terminó en FAILED" in told
    assert "Causa: ZeroDivisionError: division by zero" in told
    assert "mi etl.py, línea 5:" in told
    assert "> 5 |     return 1 / 0" in told
    assert "Error Category" not in told


def test_missing_arguments_are_a_lesson_with_the_command_that_works() -> None:
    told = build_lesson_of(
        "Failed Line Number: 1; GlueArgumentError: the following arguments are required: --out, --year", entrada="a b"
    )
    assert "pide argumentos que no le diste: --out, --year" in told
    assert "labkit glue run 'mi etl.py' --entrada 'a b' --out … --year …" in told


@pytest.mark.parametrize("value", ["./ventas.csv", "/home/ana/ventas.csv", "~/ventas.csv", "file:///x", "C:\\v.csv"])
def test_a_local_path_that_the_script_could_not_read_is_explained(value: str) -> None:
    told = build_lesson_of("Failed Line Number: 8; AnalysisException: [PATH_NOT_FOUND] Path does not exist", ruta=value)
    assert f"--ruta es «{value}»" in told
    assert "aws s3 cp" in told


def test_no_hint_about_local_paths_when_the_failure_is_another() -> None:
    assert "aws s3 cp" not in build_lesson_of("Failed Line Number: 8; ValueError: no", ruta="./ventas.csv")
    assert "aws s3 cp" not in build_lesson_of("AnalysisException: [PATH_NOT_FOUND] s3://b/x", ruta="s3://b/x")


def test_a_missing_bucket_and_a_timeout_say_what_to_do() -> None:
    told = build_lesson_of("Failed Line Number: 8; NoSuchBucket: The specified bucket does not exist: mi-bucket")
    assert "aws s3 mb s3://mi-bucket" in told
    assert "--timeout MINUTOS" in build_lesson_of("did not end", state="TIMEOUT")
