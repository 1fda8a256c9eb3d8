"""Runs, statements and dropped files as objects: what they say of themselves, and what they refuse."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from labkit import i18n
from labkit.aws.glue_jobs import JobRun
from labkit.aws.invocations import Invocation
from labkit.aws.notifications import Rule
from labkit.aws.statements import Answer, Execution
from labkit.errors import PipelineError
from labkit.ui.athena_value import convert
from labkit.ui.drop_result import DropResult
from labkit.ui.figures import describe_usd, format_seconds
from labkit.ui.job_arguments import build_arguments
from labkit.ui.job_result import JobResult
from labkit.ui.query_answer import QueryAnswer

NOON = datetime(2026, 11, 29, 12, tzinfo=timezone.utc)
RULE = Rule("bsg-start-glue-job", "arn", ("s3:ObjectCreated:*",), "raw_sales/", ".csv")


def execution(state: str = "SUCCEEDED", reason: str = "", kind: str = "DML", scanned: int = 17_728) -> Execution:
    return Execution("id-1", state, reason, kind, 0.38, scanned, False, "s3://r/x.csv")


def answer(rows: list[tuple[str | None, ...]], *columns: tuple[str, str]) -> QueryAnswer:
    return QueryAnswer("SELECT 1", "bsg_db", execution(), Answer(columns, iter(rows)), 0.00005)


def run(state: str = "SUCCEEDED", error: str = "", seconds: int = 9) -> JobRun:
    ended = NOON + timedelta(seconds=seconds) if state not in ("RUNNING", "STARTING") else None
    return JobRun("jr_1", "etl", state, NOON, ended, seconds, error, {}, 2.0)


def test_an_answer_gives_python_values() -> None:
    found = answer(
        [("1", "2.5", "12.30", "true", "2024-01-02", None)],
        ("n", "bigint"), ("x", "double"), ("d", "decimal"), ("b", "boolean"), ("f", "date"), ("z", "varchar"),
    )  # fmt: skip
    assert found.rows == [(1, 2.5, Decimal("12.30"), True, date(2024, 1, 2), None)]
    assert (found.columns, found.value) == (("n", "x", "d", "b", "f", "z"), 1)
    assert found.df().shape == (1, 6)
    assert "17.7 kB (17,728 bytes)" in repr(found)
    assert "0.00005 USD (0.005 centavos). Athena cobra al menos 10 MB por consulta." in repr(found)


def test_an_answer_can_be_looked_at_before_and_after_it_is_shown() -> None:
    found = answer([(str(number),) for number in range(50)], ("n", "integer"))
    shown = repr(found)
    assert "Solo se muestran las primeras 20 filas" in shown
    assert "\n    19\n" in shown
    assert "\n    20\n" not in shown
    assert len(found) == 50
    assert repr(found) == shown


def test_an_answer_without_rows_has_no_value() -> None:
    assert answer([], ("n", "integer")).value is None


def test_a_statement_that_failed_shows_the_place_and_refuses_to_have_rows() -> None:
    reason = "COLUMN_NOT_FOUND: line 2:6: Column 'x' cannot be resolved"
    found = QueryAnswer("SELECT *\nFROM x", "bsg_db", execution("FAILED", reason), None, 0.0)
    assert "  FROM x\n           ^" in repr(found)
    assert 'lab.query("DESCRIBE tabla")' in repr(found)
    assert "las consultas que fallan no se cobran" in repr(found)
    for ask in (lambda: found.rows, lambda: found.value, lambda: found.columns, found.df, lambda: len(found)):
        with pytest.raises(PipelineError, match="COLUMN_NOT_FOUND"):
            ask()
    assert found.error == reason


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("timestamp", "2024-01-01 00:00:00.000", datetime.fromisoformat("2024-01-01")),
        ("decimal(10,2)", "1.50", Decimal("1.50")),
        ("date", "12024-01-01", "12024-01-01"),
        ("timestamp with time zone", "2024-01-01 00:00:00.000 UTC", "2024-01-01 00:00:00.000 UTC"),
        ("array(integer)", "[1, 2]", "[1, 2]"),
        ("double", "NaN", pytest.approx(float("nan"), nan_ok=True)),
        ("integer", None, None),
    ],
)
def test_what_python_has_no_word_for_stays_text(kind: str, text: str | None, value: Any) -> None:
    assert convert(kind, text) == value


def test_a_run_says_what_aws_would_bill_with_its_minimum() -> None:
    told = repr(JobResult(run(), 60.0, 0.014667))
    assert "✓ terminada (SUCCEEDED)" in told
    assert "120 DPU-segundos (2 DPU × 60 s, mínimo 1 minuto) = 0.0147 USD (1.47 centavos)" in told


def test_a_run_that_failed_shows_message_line_and_log() -> None:
    message = "Error Category: QUERY_ERROR; Failed Line Number: 4; ValueError: <b>mal</b>"
    result = JobResult(
        run("FAILED", message),
        60.0,
        0.01,
        ("hola",),
        ("Traceback", "ValueError"),
        excerpt="> 4 | raise",
        script="etl.py",
    )
    assert (result.error, result.line, result.log) == ("ValueError: <b>mal</b>", 4, "hola\nTraceback\nValueError")
    assert "Falló en la línea 4 de etl.py:\n    > 4 | raise" in repr(result)
    assert "&lt;b&gt;mal&lt;/b&gt;" in result._repr_html_()


def test_a_run_that_goes_on_says_how_to_follow_and_how_to_stop_it() -> None:
    told = repr(JobResult(run("RUNNING"), 60.0, 0.01))
    assert 'lab.run_job("etl", run="jr_1")' in told
    assert 'batch_stop_job_run(JobName="etl", JobRunIds=["jr_1"])' in told
    assert "USD" not in told


def test_arguments_take_glues_spelling() -> None:
    given = {
        "year": 2024,
        "dry_run": True,
        "paths": ["a", "ñ"],
        "--x-y": "z",
        "job_bookmark_option": "job-bookmark-disable",
    }
    assert build_arguments(given) == {
        "--year": "2024", "--dry_run": "true", "--paths": '["a", "ñ"]', "--x-y": "z", "--job-bookmark-option": "job-bookmark-disable",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "key", "invocation", "state", "words"),
    [
        ((), "raw_sales/a.csv", None, "no-rule", "no tiene ninguna notificación"),
        ((RULE,), "raw_sales/a.txt", None, "not-taken", "no se envía ningún evento"),
        ((RULE,), "raw_sales/a.csv", None, "waiting", "todavía"),
        ((RULE,), "raw_sales/a.csv", Invocation("r", "f", 1, 2, error="KeyError: 'x'"), "failed", "KeyError: 'x'"),
        ((RULE,), "raw_sales/a.csv", Invocation("r", "f", 1, 2), "no-run", "no arrancó ninguna ejecución"),
    ],
)
def test_a_dropped_file_says_where_its_chain_stopped(
    rules: tuple[Rule, ...], key: str, invocation: Invocation | None, state: str, words: str
) -> None:
    found = DropResult("b", key, 3, 1_700_000_000_000, rules, invocation)
    assert found.state == state
    assert words in repr(found)


def test_an_empty_file_and_one_that_is_no_csv_are_told_beforehand() -> None:
    told = repr(DropResult("b", "raw_sales/a.txt", 0, 1_700_000_000_000, (RULE,)))
    assert "0 bytes" in told
    assert "no acaba en .csv" in told


def test_a_large_file_is_another_event() -> None:
    put_only = Rule("f", "arn", ("s3:ObjectCreated:Put",), "", "")
    assert DropResult("b", "a.csv", 9_000_000, 0, (put_only,)).state == "not-taken"
    assert DropResult("b", "a.csv", 900, 0, (put_only,)).state == "waiting"


def test_the_language_is_that_of_the_display() -> None:
    result = JobResult(run(), 60.0, 0.014667)
    i18n.use_language("en")
    assert "✓ succeeded (SUCCEEDED)" in repr(result)
    i18n.use_language("es")
    assert "✓ terminada (SUCCEEDED)" in repr(result)


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (0, "0 USD"),
        (0.00005, "0.00005 USD (0.005 centavos)"),
        (0.0147, "0.0147 USD (1.47 centavos)"),
        (12.5, "12.50 USD"),
    ],
)
def test_money_is_never_rounded_to_nothing(usd: float, words: str) -> None:
    assert describe_usd(usd) == words


def test_durations() -> None:
    assert [format_seconds(one) for one in (0.0384, 1.44, 125)] == ["38 ms", "1.4 s", "2 min 5 s"]
