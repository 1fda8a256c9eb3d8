"""Notebook 06: its reference passes, nothing attempted is said so, and each likely wrong answer is named.

The job here is a small one that ends at once, and the rows that it would have written are put where it would have put them: what the
job makes of the files is notebook 04's matter.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.aws.session import Clients
from labkit.checks.finding import NOT_ATTEMPTED, PASSED
from labkit.checks.step_6.tasks import clear
from labkit.settings import Settings, read_settings, with_endpoint
from labkit.steps.function import build_archive
from tests.cloud.checks.reference_cells import Cells, build_student_lab, wrong
from tests.cloud.conftest import RunningCloud

ROOT = Path(__file__).parents[3]
RAW, PROCESSED, ASSETS = "checks-six-raw", "checks-six-processed", "checks-six-assets"
INBOX = "practice/inbox/"


@pytest.fixture(scope="module")
def settings(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    environ = {
        "LABKIT_STATE": str(tmp_path_factory.mktemp("six")),
        "LABKIT_STUDENT": "Íñigo",
        "LABKIT_RAW_BUCKET": RAW,
        "LABKIT_PROCESSED_BUCKET": PROCESSED,
        "LABKIT_ASSETS_BUCKET": ASSETS,
        "LABKIT_LAMBDA_ROLE": "checks-six-role",
        "LABKIT_JOB": "checks-six-job",
        "LABKIT_FUNCTION": "checks-six",
    }
    return with_endpoint(read_settings(environ, Path("/nowhere")), cloud.endpoint_url)


def build_pipeline(clients: Clients) -> None:
    """Buckets, a role that may do anything, a job that ends at once, and the lab's own function."""
    iam, glue, functions = clients.iam, clients.glue, clients.lambda_
    for bucket in (RAW, PROCESSED, ASSETS):
        clients.s3.create_bucket(Bucket=bucket)
    services = {"Service": ["glue.amazonaws.com", "lambda.amazonaws.com"]}
    trust = {"Statement": [{"Effect": "Allow", "Principal": services, "Action": "sts:AssumeRole"}]}
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.create_role(RoleName="checks-six-all", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust}))
    iam.put_role_policy(RoleName="checks-six-all", PolicyName="all", PolicyDocument=json.dumps(allow))
    clients.s3.put_object(Bucket=ASSETS, Key="nothing.py", Body=b"print('done')\n")
    command: Any = {"Name": "pythonshell", "ScriptLocation": f"s3://{ASSETS}/nothing.py", "PythonVersion": "3.9"}
    glue.create_job(Name="checks-six-job", Role="checks-six-all", Command=command, MaxCapacity=0.0625)
    functions.create_function(
        FunctionName="checks-six",
        Role="arn:aws:iam::123456789012:role/checks-six-all",
        Runtime="python3.11",
        Handler="start_glue_job.lambda_handler",
        Timeout=10,
        Environment={"Variables": {"GLUE_JOB_NAME": "checks-six-job"}},
        Code={"ZipFile": build_archive(ROOT / "lambda/start_glue_job.py")},
    )


def put_rows(cells: Cells, count: int) -> None:
    """So many rows in the Parquet of the month that is dropped."""
    import pyarrow
    import pyarrow.parquet

    body = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"n": list(range(count))}), body)
    year, month = max(cells.lab.data.glob("ventas_*.csv")).stem.split("_")[1:]
    key = f"sales/año={year}/mes={int(month)}/part-0.parquet"
    cells.lab.clients.s3.put_object(Bucket=PROCESSED, Key=key, Body=body.getvalue())


def count_accepted(cells: Cells) -> int:
    truth = cells.lab.surroundings.build_context().truth
    return sum(row["_file"] == truth.sales_files[-1].name for row in truth.accepted)


@pytest.fixture(scope="module")
def cells(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cells]:
    """Every cell of the notebook, run once."""
    folder = tmp_path_factory.mktemp("notebook")
    clients = Clients(settings.target)
    build_pipeline(clients)
    found = Cells("06_trigger", build_student_lab(settings, clients, 6, "06_trigger"), folder)
    put_rows(found, count_accepted(found))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("AWS_ENDPOINT_URL", str(settings.target.endpoint_url))
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        before = [found.check("6.1"), found.check("6.2", chain={}), found.check("6.4")]
        assert [result.status for result in before] == [NOT_ATTEMPTED] * 3
        found.run()
        yield found


def news(cells: Cells, **values: Any) -> set[str]:
    return wrong(cells.check("6.3", "judge_news", "repeated_request", **values))


def test_every_reference_answer_passes(cells: Cells) -> None:
    assert wrong(cells.check("6.1")) == set()
    assert wrong(cells.check("6.2", "chain")) == set()
    assert news(cells) == set()
    assert wrong(cells.check("6.4")) == set()
    assert cells.scope["copies"] == 16
    # Never a loop left behind: the rule of the demonstration is gone, the one of the answer hears its input only.
    rules = cells.lab.clients.s3.get_bucket_notification_configuration(Bucket=RAW)["LambdaFunctionConfigurations"]
    heard = {
        rule["LambdaFunctionArn"].rpartition(":")[2]: rule["Filter"]["Key"]["FilterRules"][0]["Value"] for rule in rules
    }
    assert heard == {"checks-six": "raw_sales/", "checks-six-echo": INBOX, "checks-six-loop": "practice/loop/in/"}


def test_placeholders_are_not_attempted(cells: Cells) -> None:
    assert cells.check("6.2", chain=...).status == NOT_ATTEMPTED
    assert cells.check("6.3", judge_news=lambda last, record: ..., repeated_request="x").status == NOT_ATTEMPTED
    assert cells.check("6.3", judge_news=lambda last, record: "new", repeated_request=...).status == NOT_ATTEMPTED


def rule(
    cells: Cells, events: tuple[str, ...] = ("s3:ObjectCreated:*",), prefix: str = INBOX, suffix: str = ".csv"
) -> Any:
    filters = [{"Name": name, "Value": value} for name, value in (("prefix", prefix), ("suffix", suffix)) if value]
    arn = cells.lab.clients.lambda_.get_function(FunctionName="checks-six-echo")["Configuration"]["FunctionArn"]
    return {"LambdaFunctionArn": arn, "Events": list(events), "Filter": {"Key": {"FilterRules": filters}}}


@pytest.fixture
def put_rules(cells: Cells) -> Iterator[Callable[..., set[str]]]:
    """Puts other rules in place of the answer's, and says what is wrong with them."""
    s3 = cells.lab.clients.s3
    present: Any = s3.get_bucket_notification_configuration(Bucket=RAW)
    present.pop("ResponseMetadata")
    others = [
        item for item in present["LambdaFunctionConfigurations"] if not item["LambdaFunctionArn"].endswith("-echo")
    ]

    def put(*rules: Any, keep: bool = True) -> set[str]:
        listed: Any = {"LambdaFunctionConfigurations": [*(others if keep else []), *rules]}
        s3.put_bucket_notification_configuration(Bucket=RAW, NotificationConfiguration=listed)
        return wrong(cells.check("6.1"))

    yield put
    s3.put_bucket_notification_configuration(Bucket=RAW, NotificationConfiguration=present)


def test_each_slip_of_the_rule_is_named(cells: Cells, put_rules: Callable[..., set[str]]) -> None:
    assert put_rules(rule(cells, events=("s3:ObjectCreated:Put",))) == {"only_put"}
    assert put_rules(rule(cells, events=("s3:ObjectCreated:*", "s3:ObjectRemoved:*"))) == {"removals"}
    assert put_rules(rule(cells, suffix="")) == {"no_suffix"}
    assert put_rules(rule(cells, suffix="csv")) == {"suffix_dot"}
    assert put_rules(rule(cells, prefix="otra/")) == {"rule_deaf", "no_prefix"}
    assert put_rules(rule(cells, prefix=INBOX.rstrip("/"))) == {"prefix_slash"}
    assert put_rules(rule(cells), keep=False) == {"replaces"}
    assert put_rules() == {"rule_none"}


def test_one_rule_for_each_way_of_creating_passes(cells: Cells, put_rules: Callable[..., set[str]]) -> None:
    kinds = ("Put", "Post", "Copy", "CompleteMultipartUpload")
    assert put_rules(*(rule(cells, events=(f"s3:ObjectCreated:{kind}",)) for kind in kinds)) == set()


def test_each_slip_of_the_permission_is_named(cells: Cells) -> None:
    client: Any = cells.lab.clients.lambda_
    function = {"FunctionName": "checks-six-echo", "StatementId": "inbox"}
    s3 = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    arn, account = f"arn:aws:s3:::{RAW}", "123456789012"

    def permit(**given: Any) -> set[str]:
        client.remove_permission(**function)
        client.add_permission(**function, **{**s3, **given})
        return wrong(cells.check("6.1"))

    assert permit(SourceArn=f"{arn}/*", SourceAccount=account) == {"object_arn"}
    assert permit(SourceArn="arn:aws:s3:::*", SourceAccount=account) == {"source_arn"}
    assert permit(SourceAccount=account) == {"source_arn"}
    assert permit(SourceArn=arn) == {"source_account"}
    assert permit(Principal="*", SourceArn=arn, SourceAccount=account) == {"principal"}
    assert permit(Action="lambda:*", SourceArn=arn, SourceAccount=account) == {"action"}
    assert permit(Action="lambda:GetFunction", SourceArn=arn, SourceAccount=account) == {"action"}
    client.remove_permission(**function)
    assert wrong(cells.check("6.1")) == {"permission_first"}
    client.add_permission(**function, **s3, SourceArn=arn, SourceAccount=account)
    assert wrong(cells.check("6.1")) == set()


def test_each_slip_of_the_chain_is_named(cells: Cells) -> None:
    chain = cells.scope["chain"]
    truth = cells.lab.surroundings.build_context().truth
    lines = sum(row["_file"] == truth.sales_files[-1].name for row in truth.sales)

    def look(**changes: Any) -> set[str]:
        return wrong(cells.check("6.2", chain={**chain, **changes}))

    assert look(etag=f'"{chain["etag"]}"') == set()
    assert look(etag="x") == {"etag_wrong"}
    assert look(request_id=chain["run_id"]) == {"other_id", "run_of_another"}
    assert look(run_id="jr_x") == {"run_unknown"}
    assert look(run_id=cells.scope["find_newest"]()) == {"run_of_another"}
    assert look(rows=lines) == {"lines"}
    assert look(rows=len(truth.accepted)) == {"all_rows"}
    assert look(rows=str(chain["rows"])) == {"rows_wrong"}
    assert wrong(cells.check("6.2", chain=[1, 2])) == {"chain_type"}


@pytest.mark.quick
def test_rows_that_were_doubled_are_named(cells: Cells) -> None:
    count = count_accepted(cells)
    put_rows(cells, 2 * count)
    try:
        assert wrong(cells.check("6.2", "chain")) == {"doubled"}
        assert news(cells) == {"doubled"}
    finally:
        put_rows(cells, count)


def _compare(read: Callable[[str], Any]) -> Callable[[str | None, Any], str]:
    def judge_news(last: str | None, record: Any) -> str:
        now = record["s3"]["object"]["sequencer"]
        if last is None:
            return "new"
        return "repeated" if read(now) == read(last) else "new" if read(now) > read(last) else "late"

    return judge_news


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (_compare(lambda text: text.ljust(64, "0")), set()),
        (_compare(lambda text: text.rstrip("0")), set()),
        (_compare(lambda text: int(text, 16)), {"as_number"}),
        (_compare(lambda text: text.zfill(64)), {"as_number"}),
        (_compare(str), {"as_text"}),
        (lambda last, record: "repeated" if last == record["s3"]["object"]["sequencer"] else "new", {"only_equal"}),
        (lambda last, record: "new", {"always_new"}),
        (lambda last, record: "new" if last < record["s3"]["object"]["sequencer"] else "late", {"first_news"}),
        (lambda last, record: record["sequencer"], {"news_wrong"}),
        (3, {"news_no_function"}),
    ],
)
def test_each_way_to_compare_news_is_named(cells: Cells, function: Any, found: set[str]) -> None:
    assert news(cells, judge_news=function) == found


def test_the_first_delivery_is_not_the_repeated_one(cells: Cells) -> None:
    assert news(cells, repeated_request=cells.scope["chain"]["request_id"]) == {"same_request"}
    assert news(cells, repeated_request="x") == {"request_wrong"}


def test_a_loop_that_was_not_cut_is_named(cells: Cells) -> None:
    client, prefix = cells.lab.clients.lambda_, "practice/loop/"

    def write_to(folder: str) -> set[str]:
        client.update_function_configuration(
            FunctionName="checks-six-loop", Environment={"Variables": {"OUTPUT_PREFIX": folder}}
        )
        return wrong(cells.check("6.4"))

    try:
        assert write_to(f"{prefix}in/") == {"same_prefix"}
        assert write_to(f"{prefix}in/side/") == {"same_prefix"}
    finally:
        assert write_to(f"{prefix}out/") == set()


def test_a_function_that_hears_or_makes_nothing_is_named(cells: Cells) -> None:
    s3, connect, listed = cells.lab.clients.s3, cells.scope["connect"], "practice/loop/in/"
    try:
        connect("practice/loop/elsewhere/")
        assert wrong(cells.check("6.4")) == {"loop_deaf"}
        s3.put_object(Bucket=RAW, Key=f"{listed}otro.csv", Body=b"a")
        assert wrong(cells.check("6.4")) == {"loop_deaf", "loop_no_copy"}
    finally:
        s3.delete_object(Bucket=RAW, Key=f"{listed}otro.csv")
        connect(listed)
    assert cells.check("6.4").status == PASSED


def test_clear_leaves_the_labs_trigger(cells: Cells) -> None:
    context = cells.lab.surroundings.build_context()
    clear(context)
    clear(context)
    rules = context.clients.s3.get_bucket_notification_configuration(Bucket=RAW)["LambdaFunctionConfigurations"]
    assert [item["LambdaFunctionArn"].rpartition(":")[2] for item in rules] == ["checks-six"]
    assert [cells.check(task).status for task in ("6.1", "6.4")] == [NOT_ATTEMPTED] * 2
