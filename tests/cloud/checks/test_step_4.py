"""Notebook 04 without Spark: right artefacts pass in every form, and each likely mistake is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from labkit.aws.session import Clients
from labkit.checks.context import Context, build_context
from labkit.checks.finding import NOT_ATTEMPTED, PASSED
from labkit.checks.step_4 import clear, places
from labkit.checks.step_4.joined import KEYS, MEASURES, read_price
from labkit.checks.step_4.sales_input import COLUMNS
from labkit.checks.values import Frame, Function
from labkit.data.dataset import write_dataset
from labkit.i18n import use_language
from labkit.settings import Settings, read_settings, with_endpoint
from tests.cloud.checks.notebook_lab import list_wrong, look
from tests.cloud.checks.sales_artefacts import (
    MONTHS,
    TEXTS,
    TYPES,
    FakeGlue,
    Row,
    answering,
    build_clean,
    build_rejected,
    build_run,
    clean_in_python,
    empty_folder,
    judge_in_python,
    list_input,
    write_folder,
)
from tests.cloud.conftest import RunningCloud

RAW, PROCESSED, ASSETS, ROLE = "checks-four-raw", "checks-four-processed", "checks-four-assets", "checks-four-glue"
ASK = answering(clean_rows=clean_in_python, judge_rows=judge_in_python)


@pytest.fixture(scope="module")
def context(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Context:
    environ = {
        "LABKIT_RAW_BUCKET": RAW,
        "LABKIT_PROCESSED_BUCKET": PROCESSED,
        "LABKIT_ASSETS_BUCKET": ASSETS,
        "LABKIT_GLUE_ROLE": ROLE,
        "LABKIT_STATE": str(tmp_path_factory.mktemp("four")),
    }
    settings: Settings = with_endpoint(read_settings(environ, Path("/nowhere")), cloud.endpoint_url)
    found = build_context(settings, Clients(settings.target))
    found.truth.folder = tmp_path_factory.mktemp(
        "sales"
    )  # fewer than a student's, so that there is time for many mistakes
    write_dataset(found.truth.folder, 6_000, seed=4)
    for bucket in (RAW, PROCESSED, ASSETS):
        found.clients.s3.create_bucket(Bucket=bucket)
    for path in found.truth.sales_files[:MONTHS]:
        found.clients.s3.put_object(Bucket=RAW, Key=f"raw_sales/{path.name}", Body=path.read_bytes())
    use_language("es")
    return found


@pytest.fixture(scope="module")
def sales(context: Context) -> list[dict[str, str]]:
    return list_input(context)


@pytest.fixture(scope="module")
def clean(sales: list[dict[str, str]]) -> list[Row]:
    return build_clean(sales)


def check_clean(context: Context, ask: Any = ASK) -> Any:
    return look(context, "4.1", ask, clean_rows=_function)


def _function() -> None:
    """Stands for a function of the kernel."""


# ---- 4.1 -------------------------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_nothing_written_is_not_attempted(context: Context) -> None:
    for prefix in (places.CLEAN, places.REJECTED, places.SUMMARY, places.MANY):
        empty_folder(context, prefix)
    values = {"4.1": {"clean_rows": _function}, "4.2": {"judge_rows": _function}, "4.5": {}, "4.6": {}}
    assert {task: look(context, task, **given).status for task, given in values.items()} == dict.fromkeys(
        values, NOT_ATTEMPTED
    )


def test_clean_sales_pass_in_another_order_in_more_files_and_with_wider_numbers(
    context: Context, clean: list[Row]
) -> None:
    write_folder(context, places.CLEAN, clean)
    assert check_clean(context).status == PASSED
    write_folder(context, places.CLEAN, clean[::-1], pieces=3, types={**TYPES, "cantidad": pa.int64()})
    assert check_clean(context).status == PASSED
    write_folder(context, places.CLEAN, [{**row, "extra": 1} for row in clean])
    assert check_clean(context).status == PASSED


def test_a_file_that_arrives_later_does_not_spoil_what_was_right(context: Context, clean: list[Row]) -> None:
    write_folder(context, places.CLEAN, clean)
    written = max(
        item["LastModified"]
        for item in context.clients.s3.list_objects_v2(Bucket=PROCESSED, Prefix=places.CLEAN)["Contents"]
    )
    last = context.truth.sales_files[-1]
    while True:
        context.clients.s3.put_object(Bucket=RAW, Key=f"raw_sales/{last.name}", Body=last.read_bytes())
        if context.clients.s3.head_object(Bucket=RAW, Key=f"raw_sales/{last.name}")["LastModified"] > written:
            break
    try:
        assert check_clean(context).status == PASSED
        everything = clean + build_clean(row for row in context.truth.sales if row["_file"] == last.name)
        write_folder(context, places.CLEAN, everything)
        assert check_clean(context).status == PASSED
    finally:
        context.clients.s3.delete_object(Bucket=RAW, Key=f"raw_sales/{last.name}")


def _noon(row: Row) -> Row:
    return {**row, "fecha": datetime.combine(row["fecha"], time())}


# what is wrong → (rows, how they are written)
WRONG_CLEAN: dict[str, Callable[[list[dict[str, str]], list[Row]], tuple[list[Row], dict[str, Any]]]] = {
    "date_has_time": lambda _sales, clean: (
        [_noon(row) for row in clean],
        {"types": {**TYPES, "fecha": pa.timestamp("us")}},
    ),
    "still_text": lambda _sales, clean: (
        [{**row, "cantidad": str(row["cantidad"])} for row in clean],
        {"types": {**TYPES, "cantidad": pa.string()}},
    ),
    "not_partitioned": lambda _sales, clean: (clean, {"partition": ()}),
    "other_partitions": lambda _sales, clean: (clean, {"partition": ("mes", "año")}),
    "written_twice": lambda _sales, clean: (clean * 2, {}),
    "anonymous_lost": lambda _sales, clean: ([row for row in clean if row["id_cliente"]], {}),
    "times_lost": lambda sales, _clean: (build_clean([row for row in sales if "T" not in row["fecha"]]), {}),
    "comma_lost": lambda sales, _clean: (build_clean([row for row in sales if "," not in row["precio_unitario"]]), {}),
    "repeated_lost": lambda _sales, clean: (list({tuple(row.values()): row for row in clean}.values()), {}),
    "zero_kept": lambda sales, _clean: (build_clean([_zero_as_one(row) for row in sales]), {}),
}


def _zero_as_one(row: dict[str, str]) -> dict[str, str]:
    return {**row, "cantidad": "1"} if row["cantidad"] == "0" else row


@pytest.mark.parametrize("mistake", WRONG_CLEAN)
def test_a_wrong_clean_folder_is_told_by_its_mistake(
    context: Context, sales: list[dict[str, str]], clean: list[Row], mistake: str
) -> None:
    rows, words = WRONG_CLEAN[mistake](sales, clean)
    write_folder(context, places.CLEAN, rows, **words)
    result = check_clean(context)
    assert mistake in list_wrong(result)


def test_prices_and_blanks_that_were_not_mended_are_named(
    context: Context, clean: list[Row], sales: list[dict[str, str]]
) -> None:
    commas = {row["id_venta"] for row in sales if "," in row["precio_unitario"]}
    write_folder(
        context, places.CLEAN, [{**row, "precio_unitario": None} if row["id_venta"] in commas else row for row in clean]
    )
    assert list_wrong(check_clean(context)) == {"comma_prices"}
    blanks = {row["id_venta"] for row in sales if row["id_tienda"].endswith(" ")}
    spoiled = [{**row, "id_tienda": row["id_tienda"] + "  "} if row["id_venta"] in blanks else row for row in clean]
    write_folder(context, places.CLEAN, spoiled)
    assert list_wrong(check_clean(context)) == {"blanks_stay"}


def test_a_partition_of_nothing_is_seen(context: Context, clean: list[Row]) -> None:
    nothing = {**clean[0], "fecha": None, "año": None, "mes": None}
    write_folder(context, places.CLEAN, [*clean, nothing])
    assert "partition_of_nothing" in list_wrong(check_clean(context))


@pytest.fixture(scope="module")
def right_folder(context: Context, clean: list[Row]) -> None:
    write_folder(context, places.CLEAN, clean)


def _drop(trap: str) -> Callable[[Any], Any]:
    """A clean that is right but for the rows whose date or quantity looks so."""
    return lambda rows: clean_in_python(
        [row for row in rows if trap not in str(row["fecha"]) + str(row["precio_unitario"])]
    )


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda _rows: None, "return_forgotten"),
        (lambda rows: rows, "return_forgotten"),
        (lambda rows: 1 / 0, "function_failed"),
        (lambda rows: Frame((("fecha", "?"),), (), 0), "id_lost"),
        (_drop("T"), "tricky_wrong"),
        (_drop(","), "tricky_wrong"),
        (
            lambda rows: Frame(tuple((name, "?") for name in rows[0]), tuple(tuple(row.values()) for row in rows), 24),
            "tricky_wrong",
        ),
    ],
)
def test_a_right_folder_does_not_save_a_wrong_function(
    context: Context, right_folder: None, function: Callable[[Any], Any], mistake: str
) -> None:
    assert list_wrong(check_clean(context, answering(clean_rows=function))) == {mistake}


def test_the_small_sales_differ_from_student_to_student(context: Context) -> None:
    from labkit.checks.step_4.tricky import build_cases

    assert build_cases(1) == build_cases(1)
    assert {str(case.row) for case in build_cases(1)}.isdisjoint({str(case.row) for case in build_cases(2)})
    assert {case.reason for case in build_cases(3)} == {
        *("", "fecha_vacia", "fecha_no_valida", "cantidad_vacia"),
        *_NUMBERS,
    }


_NUMBERS = ("cantidad_no_numerica", "cantidad_no_positiva")


# ---- 4.2 -------------------------------------------------------------------------------------------------------------


def check_rejected(context: Context, ask: Any = ASK) -> Any:
    return look(context, "4.2", ask, judge_rows=_function)


@pytest.mark.quick
def test_rejected_rows_pass_with_and_without_folders_by_reason(context: Context, sales: list[dict[str, str]]) -> None:
    rows = build_rejected(sales)
    write_folder(context, places.REJECTED, rows, partition=(), types=TEXTS)
    assert check_rejected(context).status == PASSED
    write_folder(context, places.REJECTED, rows[::-1], partition=("motivo",), types=TEXTS, pieces=2)
    assert check_rejected(context).status == PASSED


def _as_reason(old: str, new: str) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{**row, "motivo": new} if row["motivo"] == old else row for row in rows]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("spoil", "mistake"),
    [
        (_as_reason("cantidad_vacia", "cantidad_no_numerica"), "empty_is_no_text"),
        (_as_reason("fecha_vacia", "fecha_no_valida"), "empty_is_no_text"),
        (_as_reason("cantidad_no_numerica", "texto"), "strange_reasons"),
        (lambda rows: [row for row in rows if "/" not in str(row["fecha"])], "day_first_kept"),
        (lambda rows: [row for row in rows if row["cantidad"] != "0"], "zero_kept"),
        (lambda rows: rows * 2, "written_twice"),
        (lambda rows: [{**row, "cantidad": None} for row in rows], "rejected_rows_differ"),
    ],
)
def test_wrong_reasons_are_told_by_their_mistake(
    context: Context, sales: list[dict[str, str]], spoil: Callable[[list[Row]], list[Row]], mistake: str
) -> None:
    write_folder(context, places.REJECTED, spoil(build_rejected(sales)), partition=(), types=TEXTS)
    result = check_rejected(context)
    assert mistake in list_wrong(result) | {item.key.split(".", 1)[1] for item in result.findings if not item.ok}


def test_good_rows_among_the_rejected_are_seen(context: Context, sales: list[dict[str, str]]) -> None:
    rows = [{**{name: row[name] or None for name in COLUMNS}, "motivo": None} for row in sales]
    reasons = {row["id_venta"]: row["motivo"] for row in build_rejected(sales)}
    write_folder(
        context,
        places.REJECTED,
        [{**row, "motivo": reasons.get(row["id_venta"])} for row in rows],
        partition=(),
        types=TEXTS,
    )
    assert "good_rows_too" in list_wrong(check_rejected(context))


def test_converted_columns_are_no_original_texts(context: Context, sales: list[dict[str, str]]) -> None:
    rows = [{**row, "cantidad": None} for row in build_rejected(sales)]
    write_folder(context, places.REJECTED, rows, partition=(), types={**TEXTS, "cantidad": pa.int32()})
    assert "original_lost" in list_wrong(check_rejected(context))


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda rows: judge_in_python(rows[:-1]), "judge_filters"),
        (clean_in_python, "no_reason_column"),
        (lambda rows: judge_in_python([{**row, "fecha": row["fecha"] or "x"} for row in rows]), "tricky_reasons_wrong"),
    ],
)
def test_a_wrong_judge_is_seen(
    context: Context, sales: list[dict[str, str]], function: Callable[[Any], Any], mistake: str
) -> None:
    write_folder(context, places.REJECTED, build_rejected(sales), partition=(), types=TEXTS)
    result = check_rejected(context, answering(judge_rows=function))
    told = list_wrong(result) | {item.key.split(".", 1)[1] for item in result.findings if not item.ok}
    assert mistake in told


# ---- 4.5 -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sources(context: Context) -> dict[str, dict[str, Any]]:
    return {
        "products": {item["id_producto"]: item for item in context.truth.products},
        "stores": {item["id_tienda"]: item for item in context.truth.stores},
        "cities": {item["id_cliente"]: item["ciudad"] for item in context.truth.customers},
    }


def sum_up(
    clean: list[Row], sources: dict[str, Any], *, inner: bool = False, case: bool = False, texts: bool = True
) -> list[Row]:
    """The summary as pandas or SQL would give it; the options are the likely mistakes."""
    groups: dict[tuple[str, str], Row] = {}
    for row in clean:
        if inner and not row["id_cliente"]:
            continue
        product, store = sources["products"][row["id_producto"]], sources["stores"][row["id_tienda"]]
        key = (product["categoria"]["departamento"], store["provincia"])
        group = groups.setdefault(key, {**dict(zip(KEYS, key, strict=True)), **dict.fromkeys(MEASURES, 0)})
        city = sources["cities"].get(row["id_cliente"] or "", "")
        price = product["precio"]
        group["ventas"] += 1
        group["unidades"] += row["cantidad"]
        group["importe"] += row["cantidad"] * row["precio_unitario"]
        group["catalogo"] += row["cantidad"] * read_price(price) if texts or not isinstance(price, str) else 0
        group["anonimas"] += not row["id_cliente"]
        group["locales"] += city == store["ciudad"] if case else city.lower() == store["ciudad"].lower()
    return list(groups.values())


def test_a_right_summary_passes_in_any_order_and_with_other_types(
    context: Context, clean: list[Row], sources: dict[str, Any]
) -> None:
    right = sum_up(clean, sources)
    write_folder(context, places.SUMMARY, right, partition=())
    assert look(context, "4.5").status == PASSED
    write_folder(context, places.SUMMARY, right[::-1], partition=("departamento",), types={"unidades": pa.float64()})
    assert look(context, "4.5").status == PASSED


@pytest.mark.parametrize(
    ("options", "mistake"),
    [({"inner": True}, "anonymous_joined_away"), ({"case": True}, "city_case"), ({"texts": False}, "text_prices")],
)
def test_a_wrong_join_is_told_by_its_mistake(
    context: Context, clean: list[Row], sources: dict[str, Any], options: dict[str, bool], mistake: str
) -> None:
    write_folder(context, places.SUMMARY, sum_up(clean, sources, **options), partition=())
    assert mistake in list_wrong(look(context, "4.5"))


def test_a_summary_that_lacks_a_column_or_a_group_or_is_there_twice_does_not_pass(
    context: Context, clean: list[Row], sources: dict[str, Any]
) -> None:
    right = sum_up(clean, sources)
    write_folder(
        context, places.SUMMARY, [{name: row[name] for name in row if name != "locales"} for row in right], partition=()
    )
    assert list_wrong(look(context, "4.5")) == {"summary_columns"}
    write_folder(context, places.SUMMARY, right[1:], partition=())
    assert "summary_groups" in list_wrong(look(context, "4.5"))
    write_folder(context, places.SUMMARY, right * 2, partition=())
    assert list_wrong(look(context, "4.5")) == {"written_twice"}
    write_folder(context, places.SUMMARY, [*right, {**right[0], "departamento": None}], partition=())
    assert "group_of_nothing" in list_wrong(look(context, "4.5"))
    write_folder(context, places.SUMMARY, [{**row, "unidades": row["ventas"]} for row in right], partition=())
    assert list_wrong(look(context, "4.5")) == {"rows_for_units"}


# ---- 4.3 and 4.4 -----------------------------------------------------------------------------------------------------

_SCRIPT = """
source = glue_context.create_dynamic_frame.from_catalog(database="d", table_name="t", transformation_ctx="source")
job.init("name", args)
job.commit()
"""


def build_job(**changed: Any) -> Row:
    key = "scripts/bsg-glue-etl-job-step-4.py"
    return {
        "Name": "bsg-glue-etl-job-step-4",
        "Role": f"arn:aws:iam::123456789012:role/{ROLE}",
        "Command": {"Name": "glueetl", "ScriptLocation": f"s3://{ASSETS}/{key}"},
        "GlueVersion": "5.1",
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "Timeout": 10,
        "DefaultArguments": {"--job-bookmark-option": "job-bookmark-enable"},
        **changed,
    }


def with_glue(context: Context, glue: FakeGlue, script: str = _SCRIPT) -> Context:
    s3 = context.clients.s3
    s3.put_object(Bucket=ASSETS, Key="scripts/bsg-glue-etl-job-step-4.py", Body=script.encode())
    clients: Any = SimpleNamespace(s3=s3, glue=glue)
    return replace(context, clients=clients)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def test_no_job_and_no_run_are_not_attempted(context: Context) -> None:
    assert look(with_glue(context, FakeGlue(None)), "4.3").status == NOT_ATTEMPTED
    assert look(with_glue(context, FakeGlue(build_job())), "4.3").status == NOT_ATTEMPTED
    assert look(with_glue(context, FakeGlue(None)), "4.4", extra_rows=1).status == NOT_ATTEMPTED


@pytest.mark.quick
def test_a_job_that_wrote_the_clean_sales_passes(context: Context, clean: list[Row]) -> None:
    began = _now()
    write_folder(context, places.JOB, clean)
    run = build_run(began, seconds=5)
    assert look(with_glue(context, FakeGlue(build_job(), [run])), "4.3").status == PASSED
    other = build_job(GlueVersion="4.0", Timeout=60, Role=ROLE)
    failed = build_run(began - timedelta(60), state="FAILED", error="x")
    assert look(with_glue(context, FakeGlue(other, [failed, run])), "4.3").status == PASSED


@pytest.fixture(scope="module")
def job_run(context: Context, clean: list[Row]) -> Row:
    """A run that wrote the job's folder."""
    began = _now()
    write_folder(context, places.JOB, clean)
    return build_run(began, seconds=60)


@pytest.mark.parametrize(
    ("job", "script", "mistake"),
    [
        ({"NumberOfWorkers": None, "WorkerType": None, "MaxCapacity": 10.0}, _SCRIPT, "too_big"),
        ({"NumberOfWorkers": 10}, _SCRIPT, "too_big"),
        (
            {"Command": {"Name": "pythonshell", "ScriptLocation": f"s3://{ASSETS}/scripts/none.py"}},
            _SCRIPT,
            "not_spark",
        ),
        ({"GlueVersion": "6.0"}, _SCRIPT, "other_version"),
        ({"Timeout": 480}, _SCRIPT, "endless"),
        ({"Role": "arn:aws:iam::123456789012:role/other"}, _SCRIPT, "other_role"),
        ({}, _SCRIPT.replace(', transformation_ctx="source"', ""), "nothing_to_remember"),
        ({}, _SCRIPT.replace("job.commit()", "# job.commit()"), "nothing_to_remember"),
        ({}, _SCRIPT.replace("glue_context.create_dynamic_frame.from_catalog", "spark.table"), "only_dataframe"),
        ({}, "def broken(:", "script_broken"),
    ],
)
def test_a_wrong_definition_or_script_is_told_by_its_mistake(
    context: Context, job_run: Row, job: Row, script: str, mistake: str
) -> None:
    glue = FakeGlue(build_job(**job), [job_run])
    assert mistake in list_wrong(look(with_glue(context, glue, script), "4.3"))


@pytest.mark.parametrize(
    ("error", "mistake"),
    [
        ("GlueArgumentError: the following arguments are required: --target", "argument_missing"),
        ("An error occurred while calling o1.parquet. Access Denied (Service: Amazon S3; …)", "role_may_not"),
        ("[CAST_INVALID_INPUT] The value '3 uds' …", "other_version"),
        ("NameError: name 'clean' is not defined", "run_failed"),
    ],
)
def test_a_failed_run_is_told_with_its_message(context: Context, error: str, mistake: str) -> None:
    glue = FakeGlue(build_job(), [build_run(_now(), state="FAILED", error=error)])
    result = look(with_glue(context, glue), "4.3")
    assert mistake in list_wrong(result)
    assert any(error in item.text() for item in result.findings)


def test_files_of_the_notebooks_own_spark_are_not_the_jobs(context: Context, clean: list[Row]) -> None:
    write_folder(context, places.JOB, clean)
    run = build_run(_now() - timedelta(hours=1), seconds=5)
    assert list_wrong(look(with_glue(context, FakeGlue(build_job(), [run])), "4.3")) == {"written_elsewhere"}


def test_what_pandas_wrote_while_a_run_was_going_on_is_not_the_jobs(context: Context, clean: list[Row]) -> None:
    write_folder(context, places.JOB, clean, spark=False)
    glue = FakeGlue(build_job(), [build_run(_now() - timedelta(seconds=2), seconds=60)])
    result = look(with_glue(context, glue), "4.3")
    assert [item.key for item in result.findings if not item.ok] == ["task_4.written_without_spark"]
    assert any("parquet-cpp-arrow" in item.text() for item in result.findings)


@pytest.fixture(scope="module")
def twice(context: Context, clean: list[Row]) -> list[Row]:
    """The folders of a right 4.4 and its runs: two without a bookmark into one, two with it, a month written over."""
    began = _now() - timedelta(seconds=2)
    write_folder(context, places.JOB, clean)
    write_folder(context, places.TWICE, clean)
    write_folder(context, places.TWICE, clean, keep=True)
    write_monthly(context, clean)
    target = places.build_uri(context.names, places.TWICE)
    off = {"job_bookmark_option": "job-bookmark-disable", "target": target}
    return [
        build_run(began, seconds=1),
        build_run(began, seconds=600, **off),
        build_run(began, seconds=600, **off),
        build_run(_now() + timedelta(seconds=2)),
    ]


def write_monthly(context: Context, clean: list[Row]) -> None:
    write_folder(context, places.MONTHLY, [row for row in clean if row["mes"] != 3])
    write_folder(context, places.MONTHLY, [row for row in clean if row["mes"] == 3], keep=True)


def check_twice(context: Context, runs: list[Row], extra: Any, saved: int = 2) -> Any:
    return look(with_glue(context, FakeGlue(build_job(), runs, saved)), "4.4", extra_rows=extra)


def test_doubled_rows_a_bookmark_and_a_month_written_over_pass(
    context: Context, clean: list[Row], twice: list[Row]
) -> None:
    assert check_twice(context, twice, len(clean)).status == PASSED
    assert check_twice(context, [*twice, build_run(_now() + timedelta(9))], len(clean), 3).status == PASSED


def test_each_part_of_running_twice_is_missed(context: Context, clean: list[Row], twice: list[Row]) -> None:
    rows = len(clean)
    assert list_wrong(check_twice(context, twice, 2 * rows)) == {"extra_is_total"}
    assert list_wrong(check_twice(context, twice, str(rows))) == {"extra_rows"}
    assert list_wrong(check_twice(context, twice[:3], rows)) == {"bookmark_off"}
    assert list_wrong(check_twice(context, twice, rows, 1)) == {"bookmark_not_committed"}
    assert list_wrong(check_twice(context, [twice[0], twice[1], twice[3]], rows)) == {"twice_once"}
    early = [*twice[:3], build_run(_now() - timedelta(hours=1))]
    assert list_wrong(check_twice(context, early, rows)) == {"bookmark_lost"}


def test_folders_of_running_twice_that_no_run_wrote_are_seen(
    context: Context, clean: list[Row], twice: list[Row]
) -> None:
    for spark in (False, True):
        write_folder(context, places.TWICE, clean, spark=spark)
        write_folder(context, places.TWICE, clean, keep=True, spark=spark)
        runs = twice if not spark else [_at(run, timedelta(days=-1)) for run in twice[:3]] + twice[3:]
        assert "written_elsewhere" in list_wrong(check_twice(context, runs, len(clean)))


def _at(run: Row, later: timedelta) -> Row:
    return {name: value + later if isinstance(value, datetime) else value for name, value in run.items()}


def test_wrong_folders_of_running_twice_are_named(context: Context, clean: list[Row], twice: list[Row]) -> None:
    write_folder(context, places.TWICE, clean)
    assert list_wrong(check_twice(context, twice, len(clean))) == {"twice_once"}
    for _ in range(3):
        write_folder(context, places.TWICE, clean, keep=True)
    assert list_wrong(check_twice(context, twice, len(clean))) == {"more_than_twice"}
    write_folder(context, places.TWICE, clean * 2)
    assert check_twice(context, twice, len(clean)).status == PASSED


@pytest.mark.parametrize(
    ("write", "mistake"),
    [
        (
            lambda context, clean: write_folder(context, places.MONTHLY, [r for r in clean if r["mes"] == 3]),
            "static_overwrite",
        ),
        (lambda context, clean: write_folder(context, places.MONTHLY, clean), "all_rewritten"),
        (
            lambda context, clean: (
                write_folder(context, places.MONTHLY, clean),
                write_folder(context, places.MONTHLY, [r for r in clean if r["mes"] == 3], keep=True),
            ),
            "month_appended",
        ),
    ],
)
def test_a_month_that_was_not_written_over_is_named(
    context: Context, clean: list[Row], twice: list[Row], write: Callable[[Context, list[Row]], None], mistake: str
) -> None:
    write(context, clean)
    assert mistake in list_wrong(check_twice(context, twice, len(clean)))


# ---- 4.6 and 4.7 -----------------------------------------------------------------------------------------------------

_PLAN = "== Physical Plan ==\n"
_SCAN = (
    _PLAN
    + "+- FileScan parquet [id#1,mes#9] Location: InMemoryFileIndex(1 paths)[s3://b/step_4/few], PartitionFilters: {0}, "
)
_SCAN += "PushedFilters: [], ReadSchema: struct<id:string>\n"


@pytest.fixture(scope="module")
def busiest(clean: list[Row]) -> int:
    months = [row["mes"] for row in clean]
    return int(max(set(months), key=months.count))


@pytest.fixture(scope="module")
def plans(context: Context, clean: list[Row], busiest: int) -> Row:
    write_folder(context, places.MANY, clean, pieces=5)
    write_folder(context, places.FEW, clean)
    return {
        "busiest": busiest,
        "pruned_plan": _SCAN.format(f"[isnotnull(mes#9), (mes#9 = {busiest})]"),
        "sort_plan": _PLAN + "+- SortMergeJoin [id_tienda#2], [id_tienda#7], Inner\n",
        "broadcast_plan": _PLAN + "+- BroadcastHashJoin [id_tienda#2], [id_tienda#7], Inner, BuildRight, false\n",
    }


def test_files_and_plans_pass(context: Context, plans: Row) -> None:
    assert look(context, "4.6", **plans).status == PASSED
    other = plans["pruned_plan"].replace("isnotnull(mes#9), ", "isnotnull(año#8), (año#8 = 2024), isnotnull(mes#9), ")
    assert look(context, "4.6", **{**plans, "pruned_plan": other}).status == PASSED


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"busiest": "3"}, "busiest"),
        ({"pruned_plan": None}, "explain_prints"),
        ({"pruned_plan": "PartitionFilters: [(mes#1 = 3)]"}, "explain_prints"),
        ({"pruned_plan": _SCAN.format("[]")}, "filter_on_data"),
        ({"pruned_plan": _SCAN.format("[isnotnull(mes#9), (mes#9 = 13)]")}, "other_month"),
        ({"pruned_plan": _SCAN.format("[isnotnull(mes#9)]")}, "other_month"),
        ({"sort_plan": _PLAN + "BroadcastHashJoin"}, "broadcast_by_itself"),
        ({"broadcast_plan": _PLAN + "SortMergeJoin"}, "broadcast_not_asked"),
    ],
)
def test_wrong_answers_about_plans_are_named(context: Context, plans: Row, changed: Row, mistake: str) -> None:
    assert list_wrong(look(context, "4.6", **{**plans, **changed})) == {mistake}


def test_too_many_and_too_few_files_are_named(context: Context, clean: list[Row], plans: Row) -> None:
    write_folder(context, places.MANY, clean, pieces=2)
    assert list_wrong(look(context, "4.6", **plans)) == {"not_many"}
    write_folder(context, places.MANY, clean, pieces=9)
    write_folder(context, places.FEW, clean, pieces=2)
    assert list_wrong(look(context, "4.6", **plans)) == {"coalesce_is_not_enough"}
    write_folder(context, places.MANY, clean, pieces=5)
    write_folder(context, places.FEW, clean)


@pytest.fixture(scope="module")
def measured(plans: Row, clean: list[Row]) -> Row:
    count = sum(row["canal"] == "web" and row["cantidad"] >= 2 for row in clean)
    return {
        "rows": {"DataFrame": count, "DynamicFrame": count},
        "seconds": {"DataFrame": 0.2, "DynamicFrame": 1.0},
        "ratio": 5.0,
        "faster": "DataFrame",
        "cached_plan": _PLAN + "+- InMemoryTableScan [id#1]",
        "reason": "python",
    }


def test_the_conclusion_follows_from_the_students_own_times(context: Context, measured: Row) -> None:
    assert look(context, "4.7", **measured).status == PASSED
    other = {**measured, "seconds": {"DataFrame": 1.0, "DynamicFrame": 0.5}, "ratio": 0.5}
    assert look(context, "4.7", **{**other, "faster": "DynamicFrame"}).status == PASSED
    assert list_wrong(look(context, "4.7", **other)) == {"faster"}


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"rows": 12}, "not_by_frame"),
        ({"seconds": {"DataFrame": 0, "DynamicFrame": 1}}, "no_times"),
        ({"ratio": 0.2}, "ratio_upside_down"),
        ({"ratio": 4.0}, "ratio"),
        ({"reason": "network"}, "reason_is_python"),
        ({"cached_plan": _PLAN + "FileScan"}, "cache_is_another_frame"),
        ({"cached_plan": None}, "explain_prints"),
    ],
)
def test_wrong_measurements_are_named(context: Context, measured: Row, changed: Row, mistake: str) -> None:
    assert list_wrong(look(context, "4.7", **{**measured, **changed})) == {mistake}


def test_a_count_of_one_condition_is_named(context: Context, measured: Row, clean: list[Row]) -> None:
    rows = {**measured["rows"], "DataFrame": sum(row["canal"] == "web" for row in clean)}
    assert list_wrong(look(context, "4.7", **{**measured, "rows": rows})) == {"one_condition"}


def test_what_was_not_answered_is_not_attempted(context: Context, plans: Row, measured: Row) -> None:
    assert look(context, "4.6", **{**plans, "pruned_plan": ...}).status == NOT_ATTEMPTED
    assert look(context, "4.7", **{**measured, "rows": ...}).status == NOT_ATTEMPTED


# ---- all of it -------------------------------------------------------------------------------------------------------


def test_every_finding_can_be_read_and_written(context: Context, plans: Row) -> None:
    result = look(context, "4.6", **plans)
    assert json.loads(json.dumps(result.as_document())) == result.as_document()
    assert isinstance(look(context, "4.1", ASK, clean_rows=_function).findings, tuple)
    assert Function("clean_rows")


def test_clearing_leaves_nothing_of_the_tasks_and_all_of_the_lab(context: Context, plans: Row) -> None:
    s3 = context.clients.s3
    s3.put_object(Bucket=PROCESSED, Key="sales/keep.parquet", Body=b"")
    s3.put_object(Bucket=RAW, Key="step_4/clientes.csv", Body=b"")
    clear(context)
    clear(context)
    left = {
        bucket: [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        for bucket in (RAW, PROCESSED)
    }
    assert left[PROCESSED] == ["sales/keep.parquet"]
    assert len(left[RAW]) == MONTHS
    assert not s3.list_objects_v2(Bucket=ASSETS).get("Contents")
