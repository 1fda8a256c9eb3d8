"""Notebook 03: its reference passes, other right answers pass too, and each likely mistake is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from labkit.aws.session import Clients
from labkit.checks.context import Context, build_context
from labkit.checks.finding import NOT_ATTEMPTED, PASSED
from labkit.checks.step_3.clearing import clear
from labkit.run.inputs import build_lab
from labkit.settings import Settings, read_settings, with_endpoint
from labkit.steps.apply import apply_step
from labkit.steps.ledger import Ledger
from labkit.steps.step import STEPS
from tests.cloud.checks.notebook_lab import NotebookLab, build_variables, list_wrong, look, solve
from tests.cloud.conftest import RunningCloud

RAW, DATABASE = "checks-three-raw", "checks_three_db"


@pytest.fixture(scope="module")
def settings(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    names = {
        "RAW_BUCKET": RAW,
        "PROCESSED_BUCKET": "checks-three-processed",
        "RESULTS_BUCKET": "checks-three-results",
        "DATABASE": DATABASE,
        "GLUE_ROLE": "checks-three-glue",
        "LAMBDA_ROLE": "checks-three-lambda",
        "RAW_CRAWLER": "checks-three-crawler",
        "STATE": str(tmp_path_factory.mktemp("three")),
    }
    environ = {f"LABKIT_{name}": value for name, value in names.items()}
    return with_endpoint(read_settings(environ, Path("/nowhere")), cloud.endpoint_url)


@pytest.fixture(scope="module")
def context(settings: Settings) -> Iterator[Context]:
    """Steps 1 to 3 as the lab makes them."""
    clients = Clients(settings.target)
    found = build_context(settings, clients)
    for step in STEPS[:3]:
        ledger = Ledger(settings.state_dir, settings.target)
        apply_step(clients, build_lab(settings), step, found.prices, ledger, lambda _step, _call: None)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in build_variables(settings.target.endpoint_url or "").items():
            patch.setenv(name, value)
        yield found


@pytest.fixture(scope="module")
def scope(context: Context) -> dict[str, Any]:
    """The notebook's names before its first task."""
    lab = NotebookLab(context.settings, context.clients)
    return {"boto3": boto3, "lab": lab, "s3": boto3.client("s3"), "glue": boto3.client("glue")}


@pytest.fixture(scope="module")
def schema(context: Context, scope: dict[str, Any]) -> dict[str, Any]:
    assert look(context, "3.1", comparison=[], culprits={}).status == NOT_ATTEMPTED
    solve(scope, "3.1")
    return {name: scope[name] for name in ("comparison", "culprits")}


@pytest.fixture(scope="module")
def customers(context: Context, scope: dict[str, Any]) -> dict[str, Any]:
    """Task 3.2 after the notebook's own cell that shows the trap."""
    assert look(context, "3.2", notes_with_semicolon=1).status == NOT_ATTEMPTED
    scope["s3"].upload_file(str(context.truth.folder / "clientes.csv"), RAW, "clientes/clientes.csv")
    crawl_folder(context, "clientes-crawler", "clientes/")
    assert list_wrong(look(context, "3.2", notes_with_semicolon=0)) == {
        "header.all_text",
        "header.header_is_a_row",
        "header.quotes_are_read",
        "header.mended_by_hand",
    }
    solve(scope, "3.2")
    return {"notes_with_semicolon": scope["notes_with_semicolon"]}


@pytest.fixture(scope="module")
def counts(scope: dict[str, Any]) -> dict[str, Any]:
    solve(scope, "3.3")
    return {name: scope[name] for name in ("estimate", "counted", "error_percent", "bytes_per_row", "with_headers")}


@pytest.fixture(scope="module")
def months(context: Context, scope: dict[str, Any]) -> dict[str, Any]:
    assert look(context, "3.4", before=1, after=1).status == NOT_ATTEMPTED
    solve(scope, "3.4")
    return {name: scope[name] for name in ("before", "after")}


def crawl_folder(context: Context, name: str, *folders: str, **more: Any) -> None:
    glue = context.clients.glue
    targets = {"S3Targets": [{"Path": f"s3://{RAW}/{folder}"} for folder in folders]}
    glue.create_crawler(Name=name, Role="checks-three-glue", DatabaseName=DATABASE, Targets=targets, **more)
    NotebookLab(context.settings, context.clients).crawl(name)


def test_predicting_and_comparing_passes_in_every_shape(context: Context, schema: dict[str, Any]) -> None:
    import pandas as pd

    lines = schema["comparison"]
    shapes = [
        lines[::-1],
        pd.DataFrame(lines),
        {line["column"]: {key: line[key] for key in ("predicted", "found", "reason")} for line in lines},
    ]
    for comparison in shapes:
        assert look(context, "3.1", comparison=comparison, culprits=schema["culprits"]).status == PASSED
    # The cell as the file has it, where Athena shows but its first part.
    price = next(row["precio_unitario"] for row in context.truth.sales if "," in row["precio_unitario"])
    for written in (price, f'"{price}"'):
        culprits = {**schema["culprits"], "precio_unitario": written}
        assert look(context, "3.1", comparison=lines, culprits=culprits).status == PASSED


@pytest.mark.parametrize(
    ("column", "changes", "why"),
    [
        ("cantidad", {"predicted": "string"}, "schema.tidied"),
        ("cantidad", {"found": "bigint"}, "schema.expected_not_found"),
        ("fecha", {"reason": "mixed"}, "schema.dates_have_a_type"),
        ("cantidad", {"reason": "text"}, "schema.majority_wins"),
        ("id_tienda", {"reason": "number"}, "schema.looks_like_number"),
        ("canal", {"column": "channel"}, "schema.columns_differ"),
    ],
)
def test_a_wrong_line_of_the_comparison_is_named(
    context: Context, schema: dict[str, Any], column: str, changes: dict[str, str], why: str
) -> None:
    changed = [{**line, **(changes if line["column"] == column else {})} for line in schema["comparison"]]
    assert list_wrong(look(context, "3.1", comparison=changed, culprits=schema["culprits"])) == {why}


@pytest.mark.parametrize(
    ("culprits", "why"),
    [
        ({"cantidad": ""}, "schema.empty_is_text"),
        ({"cantidad": "-1"}, "schema.sign_is_text"),
        ({"cantidad": "una docena y media"}, "schema.not_in_your_files"),
        ({"cantidad": 3}, "schema.not_in_your_files"),
        ({"fecha": "28/03/2024"}, "schema.majority_wins"),
    ],
)
def test_a_value_that_is_no_culprit_is_named(
    context: Context, schema: dict[str, Any], culprits: dict[str, Any], why: str
) -> None:
    changed = {**schema["culprits"], **culprits}
    assert list_wrong(look(context, "3.1", comparison=schema["comparison"], culprits=changed)) == {why}


def test_what_is_no_comparison_is_said(context: Context, schema: dict[str, Any]) -> None:
    assert list_wrong(look(context, "3.1", comparison="igual", culprits={})) == {"schema.shape"}
    missing = look(context, "3.1", comparison=schema["comparison"][1:], culprits=["dos"])
    assert list_wrong(missing) == {"schema.columns_differ", "schema.culprits_shape"}


def test_a_reset_unlocks_the_prediction(context: Context, schema: dict[str, Any], scope: dict[str, Any]) -> None:
    context.journal.record("reset", step=3)
    assert look(context, "3.1", **schema).status == NOT_ATTEMPTED
    scope["lab"].predict("3.1", schema=scope["schema"])
    assert look(context, "3.1", **schema).status == PASSED


@pytest.mark.quick
def test_the_classified_customers_pass(context: Context, customers: dict[str, Any]) -> None:
    assert look(context, "3.2", **customers).status == PASSED


def test_a_wrong_number_of_notes_is_named(context: Context, customers: dict[str, Any]) -> None:
    for value, why in ((str(customers["notes_with_semicolon"]), "answers_are_texts"), (7, "header.counted_elsewhere")):
        assert list_wrong(look(context, "3.2", notes_with_semicolon=value)) == {why}


def change_classifier(context: Context, *, anew: bool = True, **settings: Any) -> None:
    glue = context.clients.glue
    given = {"Delimiter": ";", "QuoteSymbol": '"', "ContainsHeader": "PRESENT", "Serde": "OpenCSVSerDe"}
    glue.update_classifier(CsvClassifier={"Name": "clientes-csv", **given, **settings})
    if anew:
        glue.batch_delete_table(DatabaseName=DATABASE, TablesToDelete=["clientes"])
    NotebookLab(context.settings, context.clients).crawl("clientes-crawler")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"Serde": "LazySimpleSerDe"}, {"header.quotes_are_read"}),
        (
            {"ContainsHeader": "UNKNOWN"},
            {"header.stale_table", "header.header_is_a_row", "header.still_guesses"},
        ),
        (
            {"ContainsHeader": "ABSENT"},
            {"header.stale_table", "header.header_is_a_row", "header.still_guesses"},
        ),
    ],
)
def test_a_classifier_that_does_not_say_enough_is_named(
    context: Context, customers: dict[str, Any], changes: dict[str, Any], why: set[str]
) -> None:
    change_classifier(context, **changes)
    assert list_wrong(look(context, "3.2", **customers)) == why
    change_classifier(context)


def test_a_table_mended_by_hand_does_not_pass(context: Context, customers: dict[str, Any]) -> None:
    context.clients.glue.update_crawler(Name="clientes-crawler", Classifiers=[])
    assert list_wrong(look(context, "3.2", **customers)) == {"header.mended_by_hand"}
    context.clients.glue.update_crawler(Name="clientes-crawler", Classifiers=["clientes-csv"])


@pytest.mark.slow
def test_another_file_in_the_folder_is_named(context: Context, customers: dict[str, Any]) -> None:
    s3 = context.clients.s3
    s3.put_object(Bucket=RAW, Key="clientes/tiendas.csv", Body=b"a;b\n1;2\n")
    assert list_wrong(look(context, "3.2", **customers)) == {"header.mixed_folder"}
    s3.delete_object(Bucket=RAW, Key="clientes/tiendas.csv")
    saved = (context.truth.folder / "clientes.csv").read_bytes()
    s3.put_object(Bucket=RAW, Key="clientes/clientes.csv", Body=b"\xef\xbb\xbf" + saved)
    assert list_wrong(look(context, "3.2", **customers)) == {"header.other_file"}
    s3.put_object(Bucket=RAW, Key="clientes/clientes.csv", Body=saved)
    assert look(context, "3.2", **customers).status == PASSED


def test_estimate_and_count_pass_with_more_digits_too(context: Context, counts: dict[str, Any]) -> None:
    assert look(context, "3.3", **counts).status == PASSED
    exact = (counts["estimate"] - counts["counted"]) / counts["counted"] * 100
    assert look(context, "3.3", **{**counts, "error_percent": exact}).status == PASSED


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda it: {"estimate": it["counted"]}, {"counts.estimate_is_count"}),
        (lambda it: {"estimate": it["estimate"] + 1}, {"counts.estimate_is_old"}),
        (lambda it: {"counted": it["estimate"]}, {"counts.estimate_is_count"}),
        (lambda it: {"counted": it["with_headers"]}, {"counts.headers_counted"}),
        (lambda it: {"counted": it["counted"] - 5}, {"counts.counted_elsewhere"}),
        (lambda it: {"error_percent": -it["error_percent"]}, {"counts.error_sign"}),
        (lambda it: {"error_percent": it["error_percent"] / 100}, {"counts.error_fraction"}),
        (lambda it: {"error_percent": (it["estimate"] - it["counted"]) / it["estimate"] * 100}, {"counts.error_base"}),
        (lambda it: {"bytes_per_row": 1 / it["bytes_per_row"]}, {"counts.row_size_upside_down"}),
        (lambda it: {"with_headers": it["counted"]}, {"counts.header_never"}),
        (lambda it: {"with_headers": it["counted"] + 1}, {"counts.header_once"}),
        (lambda it: {"with_headers": it["counted"] - 11}, {"counts.header_removed"}),
        (lambda it: {"counted": str(it["counted"])}, {"answers_are_texts"}),
    ],
)
def test_a_wrong_number_of_task_3_3_is_named(
    context: Context, counts: dict[str, Any], change: Any, why: set[str]
) -> None:
    assert list_wrong(look(context, "3.3", **{**counts, **change(counts)})) == why


def test_the_sampled_mean_is_told_from_the_real_one(context: Context, counts: dict[str, Any]) -> None:
    table = context.clients.glue.get_table(DatabaseName=DATABASE, Name="raw_sales")["Table"]
    mean = float(table["Parameters"]["averageRecordSize"])
    assert list_wrong(look(context, "3.3", **{**counts, "bytes_per_row": mean})) == {"counts.row_size_is_estimate"}


@pytest.mark.slow
def test_files_that_came_later_count_too(context: Context, counts: dict[str, Any]) -> None:
    s3 = context.clients.s3
    s3.put_object(Bucket=RAW, Key="raw_sales/zz_extra.csv", Body=b"id_venta,fecha\n1,2024-01-01\n2,2024-01-02")
    changed = {
        "counted": counts["counted"] + 2,
        "with_headers": counts["with_headers"] + 3,
        "error_percent": (counts["estimate"] - counts["counted"] - 2) / (counts["counted"] + 2) * 100,
    }
    assert list_wrong(look(context, "3.3", **counts)) >= {"counts.counted_elsewhere"}
    assert look(context, "3.3", **{**counts, **changed}).status == PASSED
    s3.delete_object(Bucket=RAW, Key="raw_sales/zz_extra.csv")


@pytest.mark.quick
def test_one_table_of_twelve_months_passes(context: Context, months: dict[str, Any]) -> None:
    assert look(context, "3.4", **months).status == PASSED


@pytest.mark.slow
def test_the_reference_runs_twice(context: Context, months: dict[str, Any], scope: dict[str, Any]) -> None:
    solve(scope, "3.4")
    assert {name: scope[name] for name in ("before", "after")} == months


@pytest.mark.quick
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda it: {"before": it["after"]}, {"months.registered_too_early"}),
        (lambda it: {"after": it["before"]}, {"months.files_are_not_partitions"}),
        (lambda it: {"after": str(it["after"])}, {"answers_are_texts"}),
        (lambda it: {"before": 12}, {"months.counted_differs"}),
    ],
)
def test_a_wrong_count_around_the_new_month_is_named(
    context: Context, months: dict[str, Any], change: Any, why: set[str]
) -> None:
    assert list_wrong(look(context, "3.4", **{**months, **change(months)})) == why


def test_a_month_that_is_not_registered_is_named(context: Context, months: dict[str, Any]) -> None:
    lab = NotebookLab(context.settings, context.clients)
    lab.query("ALTER TABLE ventas_por_mes DROP PARTITION (`año`='2024', mes='12')")
    assert list_wrong(look(context, "3.4", **months)) == {"months.files_are_not_partitions"}
    lab.query("ALTER TABLE ventas_por_mes ADD PARTITION (`año`='2024', mes='12')")
    assert look(context, "3.4", **months).status == PASSED


def _as_input(table: dict[str, Any], **changed: Any) -> dict[str, Any]:
    kept = ("Name", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")
    return {name: table[name] for name in kept if name in table} | changed


@pytest.mark.parametrize("task", ["3.1", "3.2", "3.4"])
def test_a_table_made_or_changed_by_hand_is_no_crawlers(
    context: Context, schema: dict[str, Any], customers: dict[str, Any], months: dict[str, Any], task: str
) -> None:
    """Its parameters say that a crawler made it, as the copy of a crawled table does."""
    glue = context.clients.glue
    name, values = {
        "3.1": ("raw_sales", schema),
        "3.2": ("clientes", customers),
        "3.4": ("ventas_por_mes", months),
    }[task]
    table = dict(glue.get_table(DatabaseName=DATABASE, Name=name)["Table"])
    glue.update_table(DatabaseName=DATABASE, TableInput=_as_input(table))
    found = look(context, task, **values)
    if task == "3.4":
        assert found.status == PASSED
    else:
        assert [item.key for item in found.findings if not item.ok] == ["task_3.origin.changed"]
    partitions = glue.get_partitions(DatabaseName=DATABASE, TableName=name)["Partitions"]
    glue.delete_table(DatabaseName=DATABASE, Name=name)
    glue.create_table(DatabaseName=DATABASE, TableInput=_as_input(table))
    for one in partitions:
        given = {"Values": one["Values"], "StorageDescriptor": one["StorageDescriptor"]}
        glue.create_partition(DatabaseName=DATABASE, TableName=name, PartitionInput=given)
    assert [item.key for item in look(context, task, **values).findings if not item.ok] == ["task_3.origin.by_hand"]
    glue.delete_table(DatabaseName=DATABASE, Name=name)
    crawlers = {"3.1": "checks-three-crawler", "3.2": "clientes-crawler", "3.4": "ventas-por-mes-crawler"}
    NotebookLab(context.settings, context.clients).crawl(crawlers[task])
    assert look(context, task, **values).status == PASSED


def test_columns_forged_as_numbers_do_not_pass(context: Context, schema: dict[str, Any]) -> None:
    """Were every column a number there would be no culprits to find."""
    glue = context.clients.glue
    table = dict(glue.get_table(DatabaseName=DATABASE, Name="raw_sales")["Table"])
    columns = [{"Name": one["Name"], "Type": "bigint"} for one in table["StorageDescriptor"]["Columns"]]
    storage = {**table["StorageDescriptor"], "Columns": columns}
    glue.update_table(DatabaseName=DATABASE, TableInput=_as_input(table, StorageDescriptor=storage))
    lines = [{**line, "found": "bigint", "reason": "number"} for line in schema["comparison"]]
    found = look(context, "3.1", comparison=lines, culprits={})
    assert [item.key for item in found.findings if not item.ok] == ["task_3.origin.changed"]
    glue.delete_table(DatabaseName=DATABASE, Name="raw_sales")
    NotebookLab(context.settings, context.clients).crawl("checks-three-crawler")


@pytest.mark.slow
def test_padded_months_and_split_files_pass_and_wrong_folders_do_not(context: Context, months: dict[str, Any]) -> None:
    s3, lab = context.clients.s3, NotebookLab(context.settings, context.clients)
    january = "ventas_por_mes/año=2024/mes=1/ventas_2024_01.csv"
    header, *lines = (context.truth.folder / "ventas_2024_01.csv").read_text(encoding="utf-8").splitlines()
    for number, part in enumerate((lines[:50], lines[50:])):
        body = "\n".join([header, *part])
        s3.put_object(Bucket=RAW, Key=f"ventas_por_mes/año=2024/mes=01/part{number}.csv", Body=body.encode())
    s3.delete_object(Bucket=RAW, Key=january)
    lab.query("ALTER TABLE ventas_por_mes DROP PARTITION (`año`='2024', mes='1')")
    lab.query("ALTER TABLE ventas_por_mes ADD PARTITION (`año`='2024', mes='01')")
    assert look(context, "3.4", **months).status == PASSED
    s3.copy_object(
        Bucket=RAW, Key="ventas_por_mes/año=2024/mes=2/otro.csv", CopySource=f"{RAW}/raw_sales/ventas_2024_03.csv"
    )
    assert list_wrong(look(context, "3.4", **months)) == {"months.folder_is_the_value"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "folders", "why"),
    [
        (lambda month: f"2024/{month}", [""], {"months.folders_have_names"}),
        (lambda month: f"año=2024/mes={month}", ["año=2024/"], {"months.one_target_a_folder"}),
        (lambda month: f"año=2024/mes={month}", ["año=2024/mes=1/", "año=2024/mes=2/"], {"months.one_target_a_folder"}),
        (lambda month: f"mes={month}", [""], {"months.path_too_deep"}),
        (lambda month: f"year={2024}/month={month}", [""], {"months.other_names"}),
        (lambda month: f"an\u0303o=2024/mes={month}", [""], {"months.decomposed", "months.registered_differs"}),
        (lambda _month: "", [""], {"months.no_folders"}),
    ],
)
def test_folders_that_make_another_table_are_named(
    context: Context, place: Any, folders: list[str], why: set[str]
) -> None:
    clear(context)
    for path in context.truth.sales_files[:2]:
        key = f"ventas_por_mes/{place(int(path.stem[-2:]))}/{path.name}".replace("//", "/")
        context.clients.s3.upload_file(str(path), RAW, key)
    crawl_folder(context, "ventas-por-mes-crawler", *(f"ventas_por_mes/{folder}" for folder in folders))
    found = list_wrong(look(context, "3.4", before=1, after=2))
    for table in context.clients.glue.get_tables(DatabaseName=DATABASE)["TableList"]:
        if "ventas_por_mes" in table["StorageDescriptor"]["Location"]:
            context.clients.glue.delete_table(DatabaseName=DATABASE, Name=table["Name"])
    assert found >= why


def test_clearing_takes_the_tasks_things_and_leaves_the_labs(context: Context) -> None:
    clear(context)
    clear(context)
    glue, s3 = context.clients.glue, context.clients.s3
    tables = {table["Name"] for table in glue.get_tables(DatabaseName=DATABASE)["TableList"]}
    assert tables == {"raw_sales"}
    assert {key["Key"].split("/")[0] for key in s3.list_objects_v2(Bucket=RAW)["Contents"]} == {"raw_sales"}
    assert "clientes-crawler" not in glue.list_crawlers()["CrawlerNames"]
    assert "checks-three-crawler" in glue.list_crawlers()["CrawlerNames"]
