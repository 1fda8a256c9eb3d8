from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from labkit import i18n
from labkit.aws.data_catalog import TableState
from labkit.errors import CloudError, DataError, LabError
from labkit.results import CostLine, Hop, Month, Rejected, RunReport
from labkit.run.answers import build_monthly_sql, build_rejected_sql
from labkit.run.columns import Columns
from labkit.run.progress import stage
from labkit.ui.chart import save_chart
from labkit.ui.lesson import render_lesson
from labkit.ui.report import print_report
from labkit.ui.reporter import LiveReporter, PlainReporter, is_live, open_console, open_reporter

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def build_report(**changes: object) -> RunReport:
    fields: dict[str, object] = {
        "target": "local",
        "endpoint_url": "http://127.0.0.1:4566",
        "account": "123456789012",
        "region": "us-east-1",
        "file": "v.csv",
        "object_uri": "s3://b/v.csv",
        "job_run_id": "jr_1",
        "processed_table": "bsg_db.sales",
        "processed_uri": "s3://p/sales/",
        "created": ("s3-bucket b",),
        "parquet_objects": 1,
        "parquet_bytes": 2_500_000,
        "hops": (Hop("hop.put", "2026-01-01T00:00:00+00:00", 0.25),),
        "months": (Month(2024, 1, 1234, 10.0, 99.5), Month(2024, 2, 1, 2.5, 1.0)),
        "rejected": (Rejected("cantidad_no_positiva", 3),),
        "costs": (
            CostLine("cost.job", {"seconds": 5, "dpu": 2}, 0.0146667),
            CostLine("cost.puts", {"count": 1}, 0.000005),
        ),
        "prices_read_on": "2026-11",
        "prices_region": "us-east-1",
        "notes": (),
        "chart": "out/x.png",
        "seconds": 1.0,
    }
    return RunReport(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stream", "term", "live"),
    [(Terminal(), "xterm-256color", True), (Terminal(), "dumb", False), (io.StringIO(), "xterm", False)],
)
def test_only_a_real_terminal_gets_a_live_list(stream: io.StringIO, term: str, live: bool) -> None:
    assert is_live(stream, {"TERM": term}) is live
    assert isinstance(open_reporter(stream, {"TERM": term}), LiveReporter if live else PlainReporter)


def test_plain_progress_is_plain_lines() -> None:
    stream = io.StringIO()
    with PlainReporter(stream) as reporter:
        with stage(reporter, "Paso 1", iter([1.0, 1.5]).__next__) as current:
            reporter.say("s3.create_bucket b")
            current.detail = "llamadas: 1"
        reporter.note("ojo")
    assert stream.getvalue().splitlines() == [
        "... Paso 1",
        "    s3.create_bucket b",
        "ok  Paso 1: llamadas: 1 (0.50 s)",
        "!   ojo",
    ]


def test_a_stage_that_breaks_is_not_told_as_done() -> None:
    for stream, reporter in ((plain := io.StringIO(), PlainReporter(plain)), (live := Terminal(), open_live(live))):
        with pytest.raises(ValueError, match="x"), reporter, stage(reporter, "Paso 1"):
            raise ValueError("x")
        assert "ok" not in stream.getvalue()
        assert "✓" not in stream.getvalue()


def test_live_progress_ends_in_one_line_a_stage() -> None:
    stream = Terminal()
    with open_live(stream) as reporter, stage(reporter, "Paso 1 [a/b]") as current:
        reporter.say("[red]s3")
        current.detail = "hecho"
    assert "✓" in stream.getvalue()
    assert "Paso 1 [a/b]" in stream.getvalue()


def open_live(stream: io.StringIO) -> LiveReporter:
    return LiveReporter(open_console(stream, {"TERM": "xterm"}))


def test_a_report_shows_every_part_with_its_totals() -> None:
    stream = io.StringIO()
    print_report(open_console(stream, {}), build_report())
    shown = stream.getvalue()
    for words in (
        "s3-bucket b",
        "0.250",
        "2024-01",
        "1,235",
        "100.50",
        "cantidad_no_positiva",
        "0.014672",
        "2026-11",
        "out/x.png",
    ):
        assert words in shown
    assert "\x1b" not in shown


def test_a_file_without_prices_has_no_amount() -> None:
    stream = io.StringIO()
    print_report(
        open_console(stream, {}), build_report(months=(Month(2024, 1, 2, 3.0, None),), created=(), rejected=())
    )
    assert "importe" not in stream.getvalue()
    assert "ya estaba todo" in stream.getvalue()


def test_the_document_of_a_report_has_its_totals() -> None:
    document = build_report().as_document()
    assert (document["rows_kept"], document["rows_rejected"]) == (1235, 3)
    assert document["cost_usd"] == pytest.approx(0.0146717)
    assert document["months"][0]["units"] == 10.0


def test_a_lesson_has_three_parts_in_the_users_language() -> None:
    error = i18n.build_lesson(CloudError, "error.cloud_down", folder="/x", flags=" --state /x")
    i18n.use_language("en")
    assert render_lesson(error).splitlines() == [
        "Error: The local cloud is not running",
        "  Cause: No process answers for the folder /x.",
        "  What to do: Start it with `labkit up --state /x`.",
    ]
    assert render_lesson(LabError("a", "b", "c")) == "Error: a\n  Cause: b\n  What to do: c"
    assert render_lesson(DataError("only this")) == "Error: only this"


def test_a_chart_is_a_picture_that_says_what_it_shows(tmp_path: Path) -> None:
    months = [Month(2024, number, 1, 10.0 * number, None) for number in range(1, 13)]
    one = save_chart(months, tmp_path / "año nuevo" / "a.png", "Ventas por mes")
    two = save_chart([Month(2024, 1, 1, 5.0, 7.0)], tmp_path / "b.png", "Ventas")
    assert one.read_bytes().startswith(b"\x89PNG")
    assert two.stat().st_size > 5_000
    with pytest.raises(LabError, match="--out"):
        save_chart(months, one / "no.png", "x")


def test_axes_of_a_chart_are_named_with_units_and_labels_do_not_crowd() -> None:
    from labkit.ui.chart import build_figure

    months = [Month(2015 + number // 12, number % 12 + 1, 1, 5.0, 7.0) for number in range(60)]
    figure = build_figure(months, "Ventas por mes")
    top, bottom = figure.axes
    assert (top.get_ylabel(), bottom.get_ylabel()) == ("Unidades vendidas", "Importe (moneda del archivo)")
    assert bottom.get_xlabel() == "Mes (año-mes)"
    assert figure.get_suptitle() == "Ventas por mes"
    assert 12 <= len(bottom.get_xticklabels()) <= 24
    assert [len(axes.patches) for axes in (top, bottom)] == [60, 60]


def test_year_is_quoted_and_the_price_is_used_only_where_there_is_one() -> None:
    table = TableState(
        "bsg_db", "sales", "s3://p/", (("cantidad", "double"), ("precio", "double")), (("año", "string"),)
    )
    sql = build_monthly_sql(table, Columns("fecha", "cantidad", "precio"))
    assert 'CAST("año" AS integer)' in sql
    assert 'FROM "bsg_db"."sales"' in sql
    assert 'sum("cantidad" * try_cast("precio" AS double))' in sql
    assert "CAST(NULL AS double)" in build_monthly_sql(table, Columns("fecha", "cantidad", None))
    assert "GROUP BY motivo" in build_rejected_sql(table)
