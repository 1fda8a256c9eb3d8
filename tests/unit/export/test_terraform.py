"""The Terraform configuration parses, and each of its values is the wanted one once its references are followed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from labkit.export.terraform import Configuration
from labkit.steps.lab import DIGEST_KEY
from tests.unit.export.labs import ACCOUNT, ROLE, VARIANTS, blueprint

_REFERENCE = re.compile(r"\$\{([^{}]+)\}")


class Configured:
    """A parsed configuration; `resource(kind, label)` has plain values in place of references."""

    def __init__(self, files: Mapping[str, str], region: str) -> None:
        import hcl2

        parsed = [hcl2.loads(text) for text in files.values()]
        self.region = region
        self._blocks: dict[tuple[str, str], dict[str, Any]] = {}
        self._variables: dict[str, Any] = {}
        self._locals: dict[str, Any] = {}
        for document in parsed:
            for block in document.get("resource", ()):
                for kind, labels in block.items():
                    for label, body in labels.items():
                        self._blocks[_bare(kind), _bare(label)] = body
            for block in document.get("variable", ()):
                self._variables |= {_bare(name): body["default"] for name, body in block.items()}
            for block in document.get("locals", ()):
                self._locals |= block

    def kinds(self, kind: str) -> list[str]:
        return [label for found, label in self._blocks if found == kind]

    def resource(self, kind: str, label: str) -> dict[str, Any]:
        found: dict[str, Any] = self._plain(self._blocks[kind, label])
        return found

    def local(self, name: str) -> Any:
        return self._plain(self._locals[name])

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {_bare(key): self._plain(item) for key, item in value.items() if key != "__is_block__"}
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if not isinstance(value, str):
            return value
        if value.startswith("${jsonencode("):
            import hcl2

            return self._plain(hcl2.loads(f"x = {value.removeprefix('${jsonencode(').removesuffix(')}')}\n")["x"])
        whole = _REFERENCE.fullmatch(value)
        if whole:
            return self._follow(whole[1])
        return _REFERENCE.sub(lambda found: str(self._follow(found[1])), _bare(value))

    def _follow(self, name: str) -> Any:
        fixed = {
            "data.aws_caller_identity.current.account_id": ACCOUNT, "data.aws_partition.current.partition": "aws", "path.module": ".",
        }  # fmt: skip
        if name in fixed:
            return fixed[name]
        root, _, rest = name.partition(".")
        if root == "var":
            return self._plain(self._variables[rest])
        if root == "local":
            return self.local(rest)
        if root == "data" or "(" in name:
            return f"<{name}>"
        kind, label, attribute = [*name.split("."), ""][:3]
        if not attribute:  # depends_on
            assert (kind, label) in self._blocks
            return name
        body = self._blocks[kind, label]
        if attribute in body:
            return self._plain(body[attribute])
        arns = {
            "aws_iam_role": lambda: f"arn:aws:iam::{ACCOUNT}:role/{self._plain(body['name'])}",
            "aws_s3_bucket": lambda: f"arn:aws:s3:::{self._plain(body['bucket'])}",
            "aws_lambda_function": lambda: (
                f"arn:aws:lambda:{self.region}:{ACCOUNT}:function:{self._plain(body['function_name'])}"
            ),
        }
        return self._plain(body["bucket"]) if attribute == "id" else arns[kind]()


def _bare(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


@pytest.fixture(params=sorted(VARIANTS))
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@cache  # parsing takes a quarter of a second
def read(variant: str, step: int = 6) -> Configured:
    plan = blueprint(variant, step)
    return Configured(Configuration(plan).build(), plan.lab.region)


def test_buckets_and_workgroup(variant: str) -> None:
    plan, found = blueprint(variant), read(variant)
    buckets = [found.resource("aws_s3_bucket", label)["bucket"] for label in found.kinds("aws_s3_bucket")]
    assert tuple(buckets) == plan.lab.names.lab_bucket_names
    if plan.workgroup is None:
        assert found.kinds("aws_athena_workgroup") == []
        return
    group = found.resource("aws_athena_workgroup", "workgroup")
    configuration = group["configuration"][0]
    assert group["name"] == plan.lab.names.workgroup
    assert configuration["bytes_scanned_cutoff_per_query"] == plan.workgroup["BytesScannedCutoffPerQuery"]
    assert (
        configuration["result_configuration"][0]["output_location"]
        == plan.workgroup["ResultConfiguration"]["OutputLocation"]
    )
    assert configuration["enforce_workgroup_configuration"] is plan.workgroup["EnforceWorkGroupConfiguration"]


def test_roles_and_their_policies(variant: str) -> None:
    plan, found = blueprint(variant), read(variant)
    assert sorted(found.kinds("aws_iam_role")) == sorted(plan.roles)
    attached = [
        found.resource("aws_iam_role_policy_attachment", label)
        for label in found.kinds("aws_iam_role_policy_attachment")
    ]
    inline = [found.resource("aws_iam_role_policy", label) for label in found.kinds("aws_iam_role_policy")]
    for field, role in plan.roles.items():
        made = found.resource("aws_iam_role", field)
        assert (made["name"], made["assume_role_policy"]) == (role.name, role.trust)
        assert tuple(one["policy_arn"] for one in attached if one["role"] == role.name) == role.managed
        assert {one["name"]: one["policy"] for one in inline if one["role"] == role.name} == dict(role.inline)


def test_catalog_and_job(variant: str) -> None:
    plan, found = blueprint(variant), read(variant)
    assert found.resource("aws_glue_catalog_database", "database")["name"] == plan.lab.names.database
    for field, crawler in plan.crawlers.items():
        made = found.resource("aws_glue_crawler", field)
        assert [one["path"] for one in made["s3_target"]] == list(crawler.paths)
        assert (made["name"], made["database_name"]) == (crawler.name, crawler.database)
        assert made["role"].rsplit("/", 1)[-1] == crawler.role.rsplit("/", 1)[-1]
    assert plan.job is not None
    job, wanted = found.resource("aws_glue_job", "job"), plan.job.job.definition
    assert job["default_arguments"] == wanted["DefaultArguments"]
    assert job["command"][0] == {
        "name": wanted["Command"]["Name"], "script_location": wanted["Command"]["ScriptLocation"],
        "python_version": wanted["Command"]["PythonVersion"],
    }  # fmt: skip
    same = {
        "role_arn": "Role", "glue_version": "GlueVersion", "worker_type": "WorkerType", "number_of_workers": "NumberOfWorkers",
        "max_retries": "MaxRetries", "timeout": "Timeout",
    }  # fmt: skip
    assert {key: job[key] for key in same} == {key: wanted[name] for key, name in same.items()}
    assert job["execution_property"] == [{"max_concurrent_runs": wanted["ExecutionProperty"]["MaxConcurrentRuns"]}]
    script = found.resource("aws_s3_object", "script")
    assert f"s3://{script['bucket']}/{script['key']}" == plan.job.script.uri
    assert list(script["metadata"]) == [DIGEST_KEY]  # so that `labkit plan` finds the script as it wants it


def test_function_and_trigger(variant: str) -> None:
    plan, found = blueprint(variant), read(variant)
    assert plan.function is not None
    assert plan.trigger is not None
    made, wanted = found.resource("aws_lambda_function", "function"), plan.function
    assert (made["function_name"], made["role"], made["runtime"]) == (wanted.name, wanted.role_arn, wanted.runtime)
    assert (made["handler"], made["timeout"], made["memory_size"]) == (
        wanted.handler,
        wanted.timeout_s,
        wanted.memory_mb,
    )
    assert made["environment"] == [{"variables": dict(wanted.environment)}]
    permission = found.resource("aws_lambda_permission", "trigger")
    spelled = {
        "FunctionName": "function_name", "StatementId": "statement_id", "Action": "action", "Principal": "principal",
        "SourceArn": "source_arn", "SourceAccount": "source_account",
    }  # fmt: skip
    assert {name: permission[key] for name, key in spelled.items()} == plan.trigger.permission
    notification = found.resource("aws_s3_bucket_notification", "trigger")
    rule = notification["lambda_function"][0]
    assert (notification["bucket"], rule["lambda_function_arn"]) == (plan.trigger.bucket, plan.trigger.function_arn)
    assert (rule["filter_prefix"], rule["filter_suffix"], rule["id"]) == (
        plan.trigger.prefix,
        plan.trigger.suffix,
        plan.trigger.id,
    )
    groups = found.kinds("aws_cloudwatch_log_group")
    assert bool(groups) is bool(plan.log_days)
    if groups:
        assert found.resource("aws_cloudwatch_log_group", "function") == {
            "name": f"/aws/lambda/{wanted.name}", "retention_in_days": plan.log_days,
        }  # fmt: skip


def test_tags_are_the_provider_s_default() -> None:
    assert read("aws").local("tags") == blueprint("aws").tags


def test_a_role_given_as_arn_is_used_and_never_made() -> None:
    found = read("academy")
    assert found.resource("aws_glue_job", "job")["role_arn"] == ROLE
    assert found.resource("aws_lambda_function", "function")["role"] == ROLE


@pytest.mark.slow
def test_every_step_parses_and_refers_only_to_what_is_there(variant: str) -> None:
    for step in range(1, 7):
        found = read(variant, step)
        for kind, label in list(found._blocks):
            found.resource(kind, label)


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("terraform") is None, reason="no terraform on this machine: it comes from no package registry"
)
def test_terraform_fmt_would_change_nothing(variant: str, tmp_path: Path) -> None:
    for name, text in Configuration(blueprint(variant)).build().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["terraform", f"-chdir={tmp_path}", "fmt", "-check", "-diff"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
