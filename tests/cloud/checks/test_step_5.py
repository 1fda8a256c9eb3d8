"""Notebook 05: its reference passes, nothing attempted is said so, and each likely wrong answer is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from labkit.aws.session import Clients
from labkit.checks.finding import NOT_ATTEMPTED, PASSED
from labkit.checks.step_5.tasks import clear
from labkit.settings import Settings, read_settings, with_endpoint
from tests.cloud.checks.reference_cells import Cells, build_student_lab, wrong
from tests.cloud.conftest import RunningCloud

REPORT = ("cold_request", "billed_ms", "lambda_usd", "glue_usd")
SEED = ("lost", "wasted", "failed_request")


@pytest.fixture(scope="module")
def settings(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    environ = {
        "LABKIT_STATE": str(tmp_path_factory.mktemp("five")),
        "LABKIT_STUDENT": "Íñigo",
        "LABKIT_RAW_BUCKET": "checks-five-raw",
        "LABKIT_ASSETS_BUCKET": "checks-five-assets",
        "LABKIT_LAMBDA_ROLE": "checks-five-role",
        "LABKIT_JOB": "checks-five-job",
        "LABKIT_FUNCTION": "checks-five",
    }
    return with_endpoint(read_settings(environ, Path("/nowhere")), cloud.endpoint_url)


@pytest.fixture(scope="module")
def cells(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cells]:
    """Every cell of the notebook but the lab's own step, run once."""
    folder = tmp_path_factory.mktemp("notebook")
    clients = Clients(settings.target)
    clients.s3.create_bucket(Bucket="checks-five-assets")
    found = Cells("05_lambda", build_student_lab(settings, clients, 5, "05_lambda"), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("AWS_ENDPOINT_URL", str(settings.target.endpoint_url))
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setattr(found.lab, "build", lambda: None, raising=False)
        before = [found.check(f"5.{number}") for number in (3, 4)]
        assert [result.status for result in before] == [NOT_ATTEMPTED] * 2
        found.run()
        yield found


@pytest.mark.quick
def test_every_reference_answer_passes(cells: Cells) -> None:
    assert wrong(cells.check("5.1", *SEED)) == set()
    assert wrong(cells.check("5.2", "new_files")) == set()
    assert wrong(cells.check("5.3")) == set()
    assert wrong(cells.check("5.4")) == set()
    assert wrong(cells.check("5.5", "tests")) == set()
    assert wrong(cells.check("5.6", *REPORT)) == set()


def test_placeholders_are_not_attempted(cells: Cells) -> None:
    assert cells.check("5.1", lost=..., wasted=..., failed_request=...).status == NOT_ATTEMPTED
    assert cells.check("5.2", new_files=lambda event: ...).status == NOT_ATTEMPTED
    assert cells.check("5.2", new_files=...).status == NOT_ATTEMPTED
    assert cells.check("5.5", tests="from handler import new_files\n...\n").status == NOT_ATTEMPTED
    assert cells.check("5.6", **dict.fromkeys(REPORT, ...)).status == NOT_ATTEMPTED


def test_other_forms_of_the_lost_files_pass(cells: Cells) -> None:
    lost = cells.scope["lost"]
    assert cells.check("5.1", *SEED, lost={f"s3://checks-five-raw/{key}" for key in lost}).status == PASSED


def test_what_was_not_lost_is_named(cells: Cells) -> None:
    lost, day = cells.scope["lost"], cells.scope["day"]
    arrived = cells.scope["arrived"]
    started = [key for name, keys in arrived.items() if name in cells.scope["started"] for key in keys]
    removed = [
        cells.scope["unquote_plus"](record["s3"]["object"]["key"])
        for event in day.values()
        for record in event.get("Records", [])
        if record["eventName"].startswith("ObjectRemoved")
    ]
    second = [key for name, event in day.items() if len(event.get("Records", [])) > 1 for key in arrived[name]]
    text = [key for keys in arrived.values() for key in keys if key.endswith((".txt", ".json"))]
    cases: dict[str, list[str]] = {
        "encoded": [quote_plus(key, safe="/") for key in lost],
        "started": [*lost, *started],
        "removed": [*lost, *removed],
        "no_csv": [*lost, *text],
        "second_record": [key for key in lost if key not in second],
        "capitals": [key for key in lost if key in second],
    }
    assert {name: wrong(cells.check("5.1", *SEED, lost=keys)) for name, keys in cases.items()} == {
        name: {name} for name in cases
    }


def test_the_wrong_event_and_the_wrong_request_are_named(cells: Cells) -> None:
    good = next(request for request in requests(cells) if request != cells.scope["failed_request"])
    assert wrong(cells.check("5.1", *SEED, failed_request=good)) == {"failed_went_well"}
    assert wrong(cells.check("5.1", *SEED, failed_request="hola")) == {"failed_no_id"}
    unknown = "00000000-0000-4000-8000-000000000000"
    assert wrong(cells.check("5.1", *SEED, failed_request=unknown)) == {"failed_not_found"}
    arrived = next(name for name in cells.scope["started"] if cells.scope["arrived"][name])
    assert wrong(cells.check("5.1", *SEED, wasted=arrived)) == {"wasted_arrived"}


def requests(cells: Cells) -> list[str]:
    lines = cells.scope["read_log"](cells.scope["practice"].seed_function)
    return [line.split()[2] for line in lines if line.startswith("REPORT")]


def _new_files(
    decode: str = "unquote_plus",
    first: str = "",
    ends: str = "key.lower().endswith('.csv')",
    what: str = "'ObjectCreated:'",
) -> Any:
    source = f"""
from urllib.parse import unquote, unquote_plus
def new_files(event):
    found = []
    for record in event.get("Records", []){first}:
        if "s3" in record and record["eventName"].startswith({what}):
            bucket, key = record["s3"]["bucket"]["name"], {decode}(record["s3"]["object"]["key"])
            if {ends}:
                found.append(f"s3://{{bucket}}/{{key}}")
    return list(dict.fromkeys(found))
"""
    scope: dict[str, Any] = {}
    exec(source, scope)
    return scope["new_files"]


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (_new_files(decode=""), {"encoded"}),
        (_new_files(decode="unquote"), {"plus"}),
        (_new_files(decode="(lambda key: unquote_plus(unquote_plus(key)))"), {"decoded_twice"}),
        (
            _new_files(first="[:1]"),
            {"second_record"},
        ),
        (_new_files(ends="key.endswith('.csv')"), {"capitals"}),
        (_new_files(ends="'.csv' in key.lower()"), {"suffix"}),
        (_new_files(what="'Object'"), {"removed"}),
        (_new_files(what="'ObjectCreated:Put'"), {"only_put"}),
        (lambda event: [record["s3"]["object"]["key"] for record in event["Records"]], {"no_bucket", "no_records"}),
        (lambda _event: "s3://b/x.csv", {"no_list"}),
        ("not a function", {"no_function"}),
    ],
)
def test_each_way_to_misread_an_event_is_named(cells: Cells, function: Callable[..., Any], found: set[str]) -> None:
    assert wrong(cells.check("5.2", new_files=function)) == found


def test_a_set_or_a_tuple_in_any_order_passes(cells: Cells) -> None:
    right = cells.scope["new_files"]
    assert cells.check("5.2", new_files=lambda event: set(right(event))).status == PASSED
    assert cells.check("5.2", new_files=lambda event: tuple(reversed(right(event)))).status == PASSED


def test_what_is_wrong_around_the_code_is_named(cells: Cells, settings: Settings) -> None:
    client: Any = cells.lab.client("lambda")
    name = cells.scope["practice"].function

    def configure(**changes: Any) -> set[str]:
        client.update_function_configuration(FunctionName=name, **changes)
        return wrong(cells.check("5.3"))

    job = {"Variables": {"GLUE_JOB_NAME": cells.scope["practice"].job}}
    try:
        assert configure(Environment={"Variables": {"GLUE_JOB_NAME": "other"}}) == {"job_not_named"}
        assert configure(Environment=job, Handler="main.lambda_handler") == {"zip_without_handler"}
        assert configure(Handler="handler.no_such_function") == {"handler_import"}
    finally:
        assert configure(Environment=job, Handler="handler.lambda_handler") == set()


def test_each_slip_of_the_bill_is_named(cells: Cells) -> None:
    values = {name: cells.scope[name] for name in REPORT}
    prices, events = cells.scope["prices"], cells.scope["events"]
    seconds, requests_usd = values["billed_ms"] / 1000, events * prices["lambda_request"]
    compute = events * seconds * prices["lambda_gb_s"]
    slips = {
        "only_requests": {"lambda_usd": requests_usd},
        "only_time": {"lambda_usd": compute / 8},
        "no_memory": {"lambda_usd": requests_usd + compute},
        "megabytes": {"lambda_usd": requests_usd + compute * 128},
        "free_tier": {"lambda_usd": 0.0},
        "one_dpu": {"glue_usd": values["glue_usd"] / 2},
        "hour": {"glue_usd": values["glue_usd"] * 60},
        "one_event": {"glue_usd": values["glue_usd"] / events},
        "billed_type": {"billed_ms": "12 ms"},
        "bill_type": {"glue_usd": "much"},
        "report_not_found": {"cold_request": "x"},
    }
    assert {name: wrong(cells.check("5.6", **{**values, **slip})) for name, slip in slips.items()} == {
        name: {name} for name in slips
    }
    warm = [request for request in requests(cells) if request != values["cold_request"]][-1]
    assert "warm" in wrong(cells.check("5.6", **{**values, "cold_request": warm}))


def test_any_kind_of_number_counts_and_no_answer_breaks_a_check(cells: Cells) -> None:
    values = {name: cells.scope[name] for name in REPORT}
    exact = {"lambda_usd": Decimal(str(values["lambda_usd"])), "billed_ms": float(values["billed_ms"])}
    assert cells.check("5.6", **{**values, **exact}).status == PASSED
    assert wrong(cells.check("5.6", **{**values, "lambda_usd": 10**400})) == {"bill_type"}
    seed = {name: cells.scope[name] for name in SEED}
    odd_ones: tuple[Any, ...] = ([], {}, [{}], {"a": 1})
    for odd in odd_ones:
        assert wrong(cells.check("5.1", **{**seed, "wasted": odd})) == {"wasted_unknown"}


def test_clear_takes_the_tasks_functions_away(cells: Cells) -> None:
    clear(cells.lab.surroundings.build_context())
    clear(cells.lab.surroundings.build_context())
    assert [cells.check(f"5.{number}").status for number in (3, 4)] == [NOT_ATTEMPTED] * 2
