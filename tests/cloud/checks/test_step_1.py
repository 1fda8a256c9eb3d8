"""Notebook 01: its reference passes, each likely mistake is named, and other right answers pass too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.aws.session import Clients
from labkit.checks.context import Answer, Context, build_context
from labkit.checks.finding import NOT_ATTEMPTED, PASSED, CheckResult
from labkit.checks.run import run_check
from labkit.checks.step_1.tasks import clear
from labkit.checks.tasks import get_task
from labkit.checks.values import Function
from labkit.grading.editions.solutions import find_solution
from labkit.settings import Settings, read_settings, with_endpoint
from tests.cloud.conftest import RunningCloud

RAW, SOURCES = "checks-one-raw", "checks-one-raw-sources"
PRACTICE = ("ventas/2023/12.csv", "ventas/2024/01.csv", "ventas/2024/02.csv", "ventas/LEEME.txt", "ventas_old/2022.csv")
WHY = "task_1.misconception."


@pytest.fixture(scope="module")
def settings(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    environ = {
        "LABKIT_RAW_BUCKET": RAW,
        "LABKIT_STATE": str(tmp_path_factory.mktemp("one")),
        "LABKIT_STUDENT": "María Ñ",
    }
    return with_endpoint(read_settings(environ, Path("/nowhere")), cloud.endpoint_url)


@pytest.fixture(scope="module")
def clients(settings: Settings) -> Clients:
    return Clients(settings.target)


@pytest.fixture
def context(settings: Settings, clients: Clients) -> Context:
    """A raw bucket with one month of sales, and an empty bucket of sources."""
    found = build_context(settings, clients)
    clear(found)
    s3 = found.clients.s3
    s3.create_bucket(Bucket=RAW)
    s3.create_bucket(Bucket=SOURCES)
    s3.put_object(Bucket=RAW, Key="raw_sales/ventas_2024_01.csv", Body=b"1234")
    return found


def look(context: Context, task: str, ask: Any = None, **values: Any) -> CheckResult:
    return run_check(get_task(task), build_context(context.settings, context.clients, values, ask))


def misconceptions(result: CheckResult) -> set[str]:
    assert result.status != PASSED
    return {item.misconception.removeprefix(WHY) for item in result.findings if not item.ok}


def solve(context: Context, task: str, last: int | None = None) -> dict[str, Any]:
    """Run the notebook's own reference cells."""
    lab = SimpleNamespace(names=context.names, data=context.truth.folder)
    scope: dict[str, Any] = {"lab": lab, "s3": context.clients.s3, "sources_bucket": SOURCES, "json": json}
    for cell in find_solution(task, "es")[:last]:
        exec(cell.source, scope)
    return scope


def upload(context: Context, place: Callable[[str, str], str]) -> None:
    """Every file of the student's under the key that `place(source, name)` gives."""
    for path in context.truth.folder.glob("*.*"):
        source = path.stem.split("_")[0]
        context.clients.s3.upload_file(str(path), SOURCES, place(source, path.name))


def put(context: Context, key: str, body: bytes = b"") -> None:
    context.clients.s3.put_object(Bucket=SOURCES, Key=key, Body=body)


@pytest.mark.quick
def test_nothing_was_attempted(context: Context) -> None:
    values = {"measure_folder": Function("measure_folder")}
    for task in ("1.1", "1.2", "1.3", "1.4"):
        assert look(context, task, **values).status == NOT_ATTEMPTED
    clear(context)
    for task in ("1.1", "1.2", "1.3", "1.4"):
        result = look(context, task, **values)
        assert (result.status, result.findings[0].key) == (NOT_ATTEMPTED, "task_1.bucket_missing")


@pytest.mark.quick
def test_the_reference_layout_passes(context: Context) -> None:
    solve(context, "1.1")
    put(context, "prefixes/ventas.csv")
    put(context, "docs/README.md", b"another folder holds what is no source")
    put(context, "ventas/")
    assert look(context, "1.1").status == PASSED


@pytest.mark.parametrize(
    "place",
    [
        lambda source, name: f"data/v1/{source}/{name}",
        lambda source, name: (
            f"{source.upper()}/año=2024/mes={name[-6:-4]}/{name}" if source == "ventas" else f"{source}/x.bin"
        ),
        lambda source, name: f"source={source}/{name}",
    ],
)
def test_other_layouts_with_a_folder_for_each_source_pass(context: Context, place: Any) -> None:
    upload(context, place)
    assert look(context, "1.1").status == PASSED


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (lambda source, name: name, {"layout_root"}),
        (lambda source, name: f"{source}\\{name}", {"layout_backslash"}),
        (lambda source, name: f"/{source}/{name}", {"layout_leading"}),
        (lambda source, name: f"data/{name}", {"layout_mixed"}),
        (lambda source, name: f"{Path(name).stem}/{name}", {"layout_scattered"}),
        (lambda source, name: f"ventas/{name}" if source == "ventas" else f"ventas/{source}/{name}", {"layout_mixed"}),
    ],
)
def test_a_layout_that_a_crawler_cannot_use_is_named(context: Context, place: Any, why: set[str]) -> None:
    upload(context, place)
    assert misconceptions(look(context, "1.1")) == why


@pytest.mark.quick
def test_files_that_are_not_the_students_are_named(context: Context) -> None:
    upload(context, lambda source, name: f"{source}/{name}")
    put(context, "clientes/clientes.csv", (context.truth.folder / "clientes.csv").read_bytes() + b"\n")
    context.clients.s3.delete_object(Bucket=SOURCES, Key="tiendas/tiendas.parquet")
    put(context, "productos/README.md", b"read me")
    context.clients.s3.upload_file(str(context.truth.sales_files[0]), SOURCES, "ventas/copia.csv")
    result = look(context, "1.1")
    assert misconceptions(result) == {"layout_changed", "layout_strays", "layout_twice", ""}
    missing = next(item for item in result.findings if item.key == "task_1.layout_incomplete")
    assert missing.facts["missing"] == "tiendas.parquet"


def call(context: Context, function: Callable[[str, str], Any]) -> CheckResult:
    """Check 1.2 with a function that is called here as the kernel would."""
    for number, key in enumerate((*PRACTICE, "ventas.csv"), start=1):
        put(context, f"prefixes/{key}", b"x" * number)

    def ask(_name: str, calls: Any) -> list[Answer]:
        answers = []
        for arguments in calls:
            try:
                answers.append(Answer(function(*arguments)))
            except (KeyError, TypeError) as error:
                answers.append(Answer(error=f"{type(error).__name__}: {error}"))
        return answers

    return look(context, "1.2", ask, measure_folder=Function("measure_folder"))


def measure(context: Context, bucket: str, folder: str, delimiter: str = "", slash: str = "/") -> dict[str, Any]:
    """Counting by the listing's own delimiter: another right way, and with other arguments the wrong ones."""
    s3 = context.clients.s3
    everything = s3.list_objects_v2(Bucket=bucket, Prefix=folder + slash, Delimiter=delimiter)
    split = s3.list_objects_v2(Bucket=bucket, Prefix=folder + slash, Delimiter="/")
    items = everything.get("Contents", [])
    return {
        "objects": len(items),
        "bytes": sum(item["Size"] for item in items),
        "folders": len(split.get("CommonPrefixes", [])),
        "more": "is no harm",
    }


def test_measuring_a_folder_right_passes(context: Context) -> None:
    assert call(context, solve(context, "1.2")["measure_folder"]).status == PASSED
    assert call(context, lambda bucket, folder: measure(context, bucket, folder)).status == PASSED


def test_measuring_a_folder_wrong_is_named(context: Context) -> None:
    def deep(bucket: str, folder: str) -> dict[str, Any]:
        right = measure(context, bucket, folder)
        return {**right, "folders": right["objects"]}

    def careless(bucket: str, folder: str) -> dict[str, Any]:
        found = context.clients.s3.list_objects_v2(Bucket=bucket, Prefix=f"{folder}/")["Contents"]
        return {**measure(context, bucket, folder), "objects": len(found)}

    cases: Mapping[str, Callable[[str, str], Any]] = {
        "prefix_neighbour": lambda bucket, folder: measure(context, bucket, folder, slash=""),
        "prefix_direct": lambda bucket, folder: measure(context, bucket, folder, delimiter="/"),
        "prefix_deep": deep,
        "prefix_empty": careless,
    }
    for why, function in cases.items():
        assert why in misconceptions(call(context, function)), why


def test_answers_of_another_shape_are_no_answers(context: Context) -> None:
    for value in (None, 3, (1, 2, 3), {"objects": True, "bytes": 0, "folders": 0}, {"objects": 1.0}, [], "x" * 200):
        result = call(context, lambda _bucket, _folder, value=value: value)
        assert {item.key for item in result.findings} == {"task_1.prefix_type"}


def accident(context: Context) -> None:
    put(context, "versions/clientes.csv")


def test_the_reference_restores_and_keeps_the_accident(context: Context) -> None:
    for _ in range(2):
        scope = solve(context, "1.3", last=1)
        accident(context)
        exec(find_solution("1.3", "es")[1].source, scope)
        assert look(context, "1.3").status == PASSED


def test_an_accident_that_happened_many_times_is_mended_all_the_same(context: Context) -> None:
    scope = solve(context, "1.3", last=1)
    for _ in range(32):
        accident(context)
    exec(find_solution("1.3", "es")[1].source, scope)
    assert look(context, "1.3").status == PASSED


def test_versions_gone_wrong_are_named(context: Context) -> None:
    s3, key = context.clients.s3, "versions/clientes.csv"
    accident(context)
    assert look(context, "1.3").status == NOT_ATTEMPTED
    solve(context, "1.3", last=1)
    assert misconceptions(look(context, "1.3")) == {"versions_late"}
    accident(context)
    assert misconceptions(look(context, "1.3")) == {"versions_wrong"}
    bad = s3.list_object_versions(Bucket=SOURCES, Prefix=key)["Versions"][0]["VersionId"]
    s3.delete_object(Bucket=SOURCES, Key=key)
    assert misconceptions(look(context, "1.3")) == {"versions_hidden"}
    marker = s3.list_object_versions(Bucket=SOURCES, Prefix=key)["DeleteMarkers"][0]["VersionId"]
    for version in (marker, bad):
        s3.delete_object(Bucket=SOURCES, Key=key, VersionId=version)
    assert misconceptions(look(context, "1.3")) == {"versions_late"}
    s3.put_bucket_versioning(Bucket=SOURCES, VersioningConfiguration={"Status": "Suspended"})
    assert "versions_suspended" in misconceptions(look(context, "1.3"))


def close(context: Context, **changes: Any) -> CheckResult:
    arn = f"arn:aws:s3:::{SOURCES}"
    only_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    } | changes
    policy = json.dumps({"Version": "2012-10-17", "Statement": only_tls})
    context.clients.s3.put_bucket_policy(Bucket=SOURCES, Policy=policy)
    return look(context, "1.4")


@pytest.mark.quick
def test_the_reference_closes_the_bucket_and_others_do_too(context: Context) -> None:
    solve(context, "1.4")
    assert look(context, "1.4").status == PASSED
    assert close(context, Principal={"AWS": "*"}, Action=["s3:*"]).status == PASSED
    assert close(context, Condition={"BoolIfExists": {"aws:securetransport": False}}).status == PASSED
    assert close(context, Resource=f"arn:aws:s3:::{SOURCES}*").status == PASSED


def test_a_door_left_open_is_named(context: Context) -> None:
    arn, user = f"arn:aws:s3:::{SOURCES}", "arn:aws:iam::123456789012:user/student"
    assert misconceptions(close(context, Resource=f"{arn}/*")) == {"closing_objects_only"}
    assert misconceptions(close(context, Resource=arn)) == {"closing_bucket_only"}
    assert misconceptions(close(context, Action="s3:GetObject")) >= {"closing_objects_only"}
    assert misconceptions(close(context, Action=["s3:GetObject", "s3:ListBucket"])) == {"closing_some_actions"}
    assert misconceptions(close(context, Principal={"AWS": user})) == {"closing_principal"}
    assert misconceptions(close(context, Condition={"Bool": {"aws:SecureTransport": "no"}})) == {"closing_condition"}
    over_tls = {"Bool": {"aws:SecureTransport": "true"}}
    allow = close(context, Effect="Allow", Principal={"AWS": user}, Condition=over_tls)
    assert misconceptions(allow) == {"closing_allow"}
    context.clients.s3.delete_public_access_block(Bucket=SOURCES)
    assert misconceptions(close(context)) == {"closing_block_off"}


def test_whoever_locks_everybody_out_is_told_and_reset_opens_again(context: Context) -> None:
    result = close(context, Condition={})
    assert misconceptions(result) == {"closing_locked"}
    assert look(context, "1.1").findings[0].key == "check.aws_refused"
    clear(context)
    assert look(context, "1.4").findings[0].key == "task_1.bucket_missing"
