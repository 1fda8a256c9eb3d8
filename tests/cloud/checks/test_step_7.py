"""Notebook 07: its reference passes, other right answers pass too, and each likely mistake is named."""

from __future__ import annotations

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest

from labkit.aws.session import Clients
from labkit.checks.context import Context, build_context
from labkit.checks.finding import NOT_ATTEMPTED, PASSED
from labkit.checks.step_7.clearing import clear
from labkit.checks.truth import Truth, parse_date, parse_number
from labkit.run.inputs import build_lab
from labkit.settings import Settings, read_settings, with_endpoint
from labkit.steps.apply import apply_step
from labkit.steps.crawl import build_processed
from labkit.steps.ledger import Ledger
from labkit.steps.step import STEPS
from tests.cloud.checks.notebook_lab import NotebookLab, build_variables, list_wrong, look, solve
from tests.cloud.conftest import RunningCloud

PROCESSED, FUNCTION, GROUP = "checks-seven-processed", "checks-seven-function", "control-de-costes"
HANDLER = "def handle(event, context):\n    return [record['s3'] for record in event['Records']]\n"


@pytest.fixture(scope="module")
def settings(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    names = {
        "RAW_BUCKET": "checks-seven-raw",
        "PROCESSED_BUCKET": PROCESSED,
        "RESULTS_BUCKET": "checks-seven-results",
        "DATABASE": "checks_seven_db",
        "GLUE_ROLE": "checks-seven-glue",
        "LAMBDA_ROLE": "checks-seven-lambda",
        "RAW_CRAWLER": "checks-seven-crawler",
        "PROCESSED_CRAWLER": "checks-seven-processed-crawler",
        "FUNCTION": FUNCTION,
        "STATE": str(tmp_path_factory.mktemp("seven")),
    }
    environ = {f"LABKIT_{name}": value for name, value in names.items()}
    return with_endpoint(read_settings(environ, Path("/nowhere")), cloud.endpoint_url)


@pytest.fixture(scope="module")
def context(settings: Settings) -> Iterator[Context]:
    """Steps 1 to 3 as the lab makes them, a function, and no Parquet yet."""
    clients = Clients(settings.target)
    found = build_context(settings, clients)
    for step in STEPS[:3]:
        ledger = Ledger(settings.state_dir, settings.target)
        apply_step(clients, build_lab(settings), step, found.prices, ledger, lambda _step, _call: None)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("main.py", HANDLER)
    clients.lambda_.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.11",
        Role=f"arn:aws:iam::{found.account}:role/checks-seven-lambda",
        Handler="main.handle",
        Code={"ZipFile": archive.getvalue()},
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in build_variables(settings.target.endpoint_url or "").items():
            patch.setenv(name, value)
        yield found


@pytest.fixture(scope="module")
def scope(context: Context) -> dict[str, Any]:
    """The notebook's names before its first task: the Parquet that the job would have written is crawled."""
    lab = NotebookLab(context.settings, context.clients)
    missing = look(context, "7.1", query_id=lab.query("SELECT count(*) FROM raw_sales").id)
    assert (missing.status, missing.findings[0].key) == (NOT_ATTEMPTED, "task_7.no_parquet")
    context.clients.s3.upload_file(
        str(context.truth.sales_files[-1]), "checks-seven-raw", f"raw_sales/{context.truth.sales_files[-1].name}"
    )
    write_processed(context)
    context.clients.glue.create_crawler(**build_processed(build_lab(context.settings)).params)
    lab.crawl(lab.names.processed_crawler)
    return {"boto3": boto3, "lab": lab, "athena": boto3.client("athena"), "last": context.truth.sales_files[-1]}


def write_processed(context: Context) -> None:
    """What the job makes of the student's accepted rows: one Parquet file a month."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    months: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for row in context.truth.accepted:
        day = parse_date(row["fecha"])
        assert day is not None
        typed = {"fecha": datetime(day.year, day.month, day.day), "cantidad": parse_number(row["cantidad"])}  # noqa: DTZ001
        texts = {name: row[name].strip() for name in ("id_venta", "id_tienda", "id_producto", "canal")}
        months[day.year, day.month].append({**texts, **typed, "precio_unitario": parse_number(row["precio_unitario"])})
    for (year, month), rows in months.items():
        body = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), body, compression="snappy")
        key = f"sales/año={year}/mes={month}/ventas_{year}_{month:02}-x.snappy.parquet"
        context.clients.s3.put_object(Bucket=PROCESSED, Key=key, Body=body.getvalue())


def ask(scope: dict[str, Any], sql: str, **more: Any) -> str:
    return str(scope["lab"].query(sql, **more).id)


# ---- 7.1 -------------------------------------------------------------------------------------------------------------

BEST = """
WITH top AS (SELECT id_producto FROM sales GROUP BY 1 ORDER BY {measure} DESC LIMIT 1),
shops AS (SELECT "año", {quarter} AS trimestre, id_tienda, sum(cantidad) AS unidades,
  {amount} AS importe FROM sales WHERE {where} GROUP BY 1, 2, 3),
ranked AS (SELECT *, row_number() OVER (PARTITION BY "año", trimestre ORDER BY {order} DESC) AS r FROM shops)
SELECT importe, id_tienda, "año", trimestre FROM ranked WHERE r <= {most}
"""
RIGHT = {
    "measure": "sum(cantidad)",
    "quarter": "(CAST(mes AS integer) + 2) / 3",
    "amount": "round(sum(cantidad * precio_unitario), 2)",
    "where": "id_producto = (SELECT id_producto FROM top)",
    "order": "importe",
    "most": 1,
}


def test_the_best_shops_pass_in_other_words_too(context: Context, scope: dict[str, Any]) -> None:
    assert look(context, "7.1", query_id="no id").status == NOT_ATTEMPTED
    solve(scope, "7.1")
    assert look(context, "7.1", query_id=scope["query_id"]).status == PASSED
    assert look(context, "7.1", query_id=ask(scope, BEST.format(**RIGHT))).status == PASSED
    quarter = "CAST(ceil(CAST(mes AS double) / 3) AS bigint)"
    # The same rows are not enough for a student with other sales, however many there are.
    other = replace(context, truth=Truth(replace(context.settings, student="luis")))
    assert list_wrong(look(other, "7.1", query_id=scope["query_id"])) == {"processed_of_others"}
    exact = "CAST(sum(CAST(cantidad AS decimal(10,2)) * CAST(precio_unitario AS decimal(10,2))) AS decimal(12,2))"
    assert (
        look(context, "7.1", query_id=ask(scope, BEST.format(**{**RIGHT, "quarter": quarter, "amount": exact}))).status
        == PASSED
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"measure": "sum(cantidad * precio_unitario)"}, {"answer.top_by_amount"}),
        ({"where": "true"}, {"answer.all_products"}),
        ({"amount": "sum(cantidad)"}, {"answer.amount_differs", "answer.most_units"}),
        ({"amount": "round(sum(precio_unitario), 2)", "order": "sum(unidades)"}, {"query_failed"}),
        ({"quarter": "CAST(mes AS integer) / 3"}, {"answer.month_is_text"}),
        ({"most": 2}, {"answer.one_row_each"}),
    ],
)
def test_a_wrong_answer_is_named(
    context: Context, scope: dict[str, Any], changes: dict[str, Any], why: set[str]
) -> None:
    found = list_wrong(look(context, "7.1", query_id=ask(scope, BEST.format(**{**RIGHT, **changes}))))
    assert len(found) == 1
    assert found <= why


def test_other_tables_and_columns_are_named(context: Context, scope: dict[str, Any]) -> None:
    query_id = ask(scope, "SELECT count(*) AS importe FROM raw_sales")
    assert list_wrong(look(context, "7.1", query_id=query_id)) == {"answer.other_table", "answer.columns"}
    commented = ask(scope, "SELECT 'sales' AS id_tienda, count(*) FROM raw_sales -- sales")
    assert list_wrong(look(context, "7.1", query_id=commented)) == {"answer.other_table", "answer.columns"}


# ---- 7.2 -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scanned(scope: dict[str, Any]) -> dict[str, Any]:
    solve(scope, "7.2")
    return {name: scope[name] for name in ("month", "query_ids", "scanned", "ratio", "cents_now", "cents_grown")}


@pytest.mark.quick
def test_three_ways_to_one_answer_pass(context: Context, scanned: dict[str, Any]) -> None:
    assert look(context, "7.2", **scanned).status == PASSED
    ratio = scanned["scanned"]["csv"] / scanned["scanned"]["partition"]
    assert look(context, "7.2", **{**scanned, "ratio": ratio}).status == PASSED


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda it: {"ratio": 1 / it["ratio"]}, {"scanned.ratio_upside_down"}),
        (lambda it: {"ratio": it["scanned"]["csv"] / it["scanned"]["parquet"]}, {"scanned.ratio_differs"}),
        (lambda it: {"scanned": {**it["scanned"], "csv": 1}}, {"scanned.other_statistics"}),
        (lambda it: {"scanned": list(it["scanned"].values())}, {"scanned.other_statistics"}),
        (
            lambda it: {"cents_now": {way: count / 1e10 * 5 for way, count in it["scanned"].items()}},
            {"scanned.no_minimum"},
        ),
        (lambda it: {"cents_now": {way: value / 100 for way, value in it["cents_now"].items()}}, {"scanned.dollars"}),
        (
            lambda it: {"cents_grown": {way: count * 1e5 / 2**40 * 500 for way, count in it["scanned"].items()}},
            {"scanned.binary_terabytes"},
        ),
        (lambda it: {"cents_grown": it["cents_now"]}, {"scanned.cents_differ"}),
        (lambda it: {"month": it["month"] + 1}, {"scanned.another_question"}),
        (lambda _it: {"month": "3"}, {"scanned.month"}),
        (
            lambda it: {"query_ids": {**it["query_ids"], "csv": it["query_ids"]["parquet"]}},
            {"scanned.sources_differ", "scanned.no_pruning", "scanned.other_statistics"},
        ),
    ],
)
def test_a_wrong_figure_is_named(context: Context, scanned: dict[str, Any], change: Any, why: set[str]) -> None:
    assert list_wrong(look(context, "7.2", **{**scanned, **change(scanned)})) >= why


@pytest.mark.slow
def test_another_question_is_named(context: Context, scanned: dict[str, Any], scope: dict[str, Any]) -> None:
    dirty = "SELECT sum(try_cast(cantidad AS double)) FROM raw_sales WHERE fecha LIKE '2024-03%'"
    counted = """SELECT count(*) FROM sales WHERE "año" = '2024' AND mes = '3'"""
    for way, sql, why in (
        ("csv", dirty, "scanned.dirt_is_counted"),
        ("partition", counted, "scanned.only_metadata"),
        ("partition", "SELECT sum(cantidad) FROM sales WHERE month(fecha) = 3", "scanned.no_pruning"),
    ):
        query_ids = {**scanned["query_ids"], way: ask(scope, sql)}
        assert why in list_wrong(look(context, "7.2", **{**scanned, "query_ids": query_ids}))
    nothing = {**scanned, "query_ids": {"csv": ask(scope, dirty)}}
    assert look(context, "7.2", **nothing).status == NOT_ATTEMPTED


# ---- 7.3 -------------------------------------------------------------------------------------------------------------


def test_a_workgroup_that_cancels_passes(context: Context, scope: dict[str, Any]) -> None:
    clear(context)
    assert look(context, "7.3", ceiling_cents=0.005).status == NOT_ATTEMPTED
    solve(scope, "7.3")
    assert look(context, "7.3", ceiling_cents=scope["ceiling_cents"]).status == PASSED
    solve(scope, "7.3")
    assert look(context, "7.3", ceiling_cents=0.005).status == PASSED
    assert list_wrong(look(context, "7.3", ceiling_cents=0.00005)) == {"scanned.dollars"}
    assert list_wrong(look(context, "7.3", ceiling_cents="0.005")) == {"answers_are_texts"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"RemoveBytesScannedCutoffPerQuery": True}, {"cutoff.no_limit", "cutoff.ceiling_differs"}),
        ({"BytesScannedCutoffPerQuery": 50_000_000}, {"cutoff.too_generous", "cutoff.ceiling_differs"}),
        ({"EnforceWorkGroupConfiguration": False}, {"cutoff.client_decides"}),
        (
            {"ResultConfigurationUpdates": {"OutputLocation": "s3://checks-seven-results/otra/"}},
            {"cutoff.location", "cutoff.written_elsewhere"},
        ),
    ],
)
def test_a_workgroup_without_a_brake_is_named(
    context: Context, scope: dict[str, Any], changes: dict[str, Any], why: set[str]
) -> None:
    solve(scope, "7.3")
    context.clients.athena.update_work_group(WorkGroup=GROUP, ConfigurationUpdates=changes)
    assert list_wrong(look(context, "7.3", ceiling_cents=0.005)) == why


@pytest.mark.slow
def test_a_workgroup_that_never_cancelled_is_named(context: Context, scope: dict[str, Any]) -> None:
    clear(context)
    location = {"OutputLocation": "s3://checks-seven-results/control/"}
    settings = {"EnforceWorkGroupConfiguration": True, "BytesScannedCutoffPerQuery": 10_000_000}
    context.clients.athena.create_work_group(Name=GROUP, Configuration={**settings, "ResultConfiguration": location})
    assert look(context, "7.3", ceiling_cents=0.005).status == NOT_ATTEMPTED
    ask(scope, "SELECT sum(cantidad) FROM sales", workgroup=GROUP)
    assert list_wrong(look(context, "7.3", ceiling_cents=0.005)) == {"cutoff.too_small_to_cancel"}
    clear(context)
    clear(context)
    assert GROUP not in [item["Name"] for item in context.clients.athena.list_work_groups()["WorkGroups"]]


# ---- 7.4 -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def metrics(context: Context, scope: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(timezone.utc)
    span = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=2)}
    values = {"invocations": 0, "errors": 0, "error_percent": 0, "slowest_ms": 0}
    assert look(context, "7.4", window=list(span.values()), **values).status == NOT_ATTEMPTED
    for event in [{"Records": [{"s3": {}}]}] * 6 + [{"Records": [5]}]:
        context.clients.lambda_.invoke(FunctionName=FUNCTION, Payload=json.dumps(event))
    dimensions = [{"Name": "FunctionName", "Value": FUNCTION}]
    solve(scope | {"cloudwatch": boto3.client("cloudwatch"), "dimensions": dimensions, "span": span}, "7.4")
    names = ("window", "invocations", "errors", "error_percent", "slowest_ms")
    given = solve({**scope, "cloudwatch": boto3.client("cloudwatch"), "dimensions": dimensions, "span": span}, "7.4")
    return {name: given[name] for name in names}


def test_the_metrics_of_the_window_pass(context: Context, metrics: dict[str, Any]) -> None:
    assert (metrics["invocations"], metrics["errors"], metrics["error_percent"]) == (7, 1, 14.3)
    assert look(context, "7.4", **metrics).status == PASSED
    texts = [moment.isoformat() for moment in metrics["window"]]
    assert look(context, "7.4", **{**metrics, "window": texts, "invocations": 7}).status == PASSED


@pytest.mark.quick
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"errors": 7}, {"metrics.samples_counted"}),
        ({"errors": 0}, {"metrics.moved_on"}),
        ({"error_percent": 1 / 7}, {"metrics.fraction"}),
        ({"error_percent": 16.7}, {"metrics.of_the_good_ones"}),
        ({"invocations": "7"}, {"answers_are_texts"}),
        ({"window": ["2024-01-01", "2023-01-01"]}, {"metrics.two_moments"}),
        ({"window": "ayer"}, {"metrics.two_moments"}),
        ({"slowest_ms": 99_999.0}, {"metrics.moved_on"}),
    ],
)
def test_a_wrong_metric_is_named(
    context: Context, metrics: dict[str, Any], changes: dict[str, Any], why: set[str]
) -> None:
    assert list_wrong(look(context, "7.4", **{**metrics, **changes})) == why


def test_other_statistics_of_duration_are_told(context: Context, metrics: dict[str, Any]) -> None:
    window = metrics["window"]
    found = context.clients.cloudwatch.get_metric_statistics(
        Namespace="AWS/Lambda", MetricName="Duration", Dimensions=[{"Name": "FunctionName", "Value": FUNCTION}],
        StartTime=window[0], EndTime=window[1], Period=60, Statistics=["Sum", "SampleCount"],
    )["Datapoints"]  # fmt: skip
    total, count = sum(point["Sum"] for point in found), sum(point["SampleCount"] for point in found)
    assert list_wrong(look(context, "7.4", **{**metrics, "slowest_ms": total})) == {"metrics.durations_added"}
    assert list_wrong(look(context, "7.4", **{**metrics, "slowest_ms": total / count})) == {"metrics.averaged"}
    in_seconds = {**metrics, "slowest_ms": metrics["slowest_ms"] / 1000}
    assert list_wrong(look(context, "7.4", **in_seconds)) <= {"metrics.seconds"}
