"""The blueprint as a Python app of the AWS CDK, version 2 (docs.aws.amazon.com/cdk/api/v2/python).

Buckets, roles and the log group are constructs of the second level, with defaults of their own; the rest are the first level, one
construct for each resource of CloudFormation. The synthesized template holds the same resources as the one of `cloudformation.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from labkit.export.blueprint import BUCKETS, Blueprint
from labkit.export.cloudformation import LOGICAL
from labkit.export.symbols import ACCOUNT, PARTITION, REGION, Symbol
from labkit.i18n import text
from labkit.steps.roles import Role

_PLACE = {ACCOUNT: "self.account", REGION: "self.region", PARTITION: "self.partition"}
REQUIREMENTS = "aws-cdk-lib>=2.170,<3\nconstructs>=10.3,<11\n"
_RETENTION = {
    1: "ONE_DAY",
    3: "THREE_DAYS",
    5: "FIVE_DAYS",
    7: "ONE_WEEK",
    14: "TWO_WEEKS",
    30: "ONE_MONTH",
    90: "THREE_MONTHS",
}
_IMPORTS = {
    "athena": "from aws_cdk import aws_athena as athena",
    "glue": "from aws_cdk import aws_glue as glue",
    "iam": "from aws_cdk import aws_iam as iam",
    "lambda_": "from aws_cdk import aws_lambda as lambda_",
    "logs": "from aws_cdk import aws_logs as logs",
    "s3": "from aws_cdk import aws_s3 as s3",
}

_END = """

app = App()
# No assets, so no bootstrap stack is needed in the account.
SalesLab(app, "bsg-lab", synthesizer=BootstraplessSynthesizer())
app.synth()
"""


class App:
    """One app while it is written; every part yields lines of the stack's constructor, without their indentation."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self._symbols = blueprint.symbols

    def build(self, header: tuple[str, ...]) -> dict[str, str]:
        """File name → text."""
        body = [
            *self._names(), *self._storage(), *self._workgroup(), *self._roles(), *self._catalog(), *self._job(),
            *self._function(), *self._trigger(), *self._outputs(), *self._tags(),
        ]  # fmt: skip
        used = "\n".join(body)
        imports = [line for name, line in _IMPORTS.items() if f"{name}." in used]
        tags = "Stack, Tags" if self.blueprint.tags else "Stack"
        comment = "".join(f"# {line}".rstrip() + "\n" for line in header)
        source = (
            ("from pathlib import Path\n\n" if self.blueprint.function else "")
            + f"""\
from aws_cdk import App, BootstraplessSynthesizer, CfnOutput, RemovalPolicy, {tags}
{chr(10).join(imports)}
from constructs import Construct


class SalesLab(Stack):
    def __init__(self, scope: Construct, construct_id: str, **more) -> None:
        super().__init__(scope, construct_id, **more)
"""
        )
        lines = "".join(f"        {line}".rstrip() + "\n" for line in body)
        lines += _END
        settings = json.dumps({"app": "python3 app.py"}, indent=2) + "\n"
        return {"app.py": f"{comment}\n{source}{lines}", "cdk.json": settings, "requirements.txt": REQUIREMENTS}

    # Names ------------------------------------------------------------------------------------------------------

    def _names(self) -> Iterator[str]:
        for field in self._symbols.names:
            if field != "workgroup" or self.blueprint.workgroup is not None:
                yield f"{field}_name = {self._text(self._symbols.split_name(field), str)}"

    def _say(self, value: str, own: str = "") -> str:
        """A text that refers to constructs, so that they are made first."""
        return self._text(
            self._symbols.split(value), lambda field: self._refer(field) if field != own else f"{field}_name"
        )

    def _name(self, value: str) -> str:
        """A text in which names stand alone."""
        return self._text(self._symbols.split(value), lambda field: f"{field}_name")

    def _refer(self, field: str) -> str:
        if field in BUCKETS:
            return f"{field}.bucket_name"
        return f"{field}.ref" if field in ("job", "database") else f"{field}_name"

    def _text(self, parts: tuple[str | Symbol, ...], of: Callable[[str], str]) -> str:
        if all(isinstance(part, str) for part in parts):
            return _quoted("".join(map(str, parts)))
        if len(parts) == 1 and isinstance(parts[0], Symbol):
            return _PLACE.get(parts[0].name) or of(parts[0].name)
        pieces = (
            _quoted(part)[1:-1].replace("{", "{{").replace("}", "}}")
            if isinstance(part, str)
            else f"{{{_PLACE.get(part.name) or of(part.name)}}}"
            for part in parts
        )
        return f'f"{"".join(pieces)}"'

    def _literal(self, value: Any, depth: int = 0) -> str:
        """A document as Python, every text in it named."""
        pad = "    " * (depth + 1)
        if isinstance(value, Mapping):
            inner = "".join(f"{pad}{_quoted(key)}: {self._literal(item, depth + 1)},\n" for key, item in value.items())
            return "{\n" + inner + "    " * depth + "}"
        if isinstance(value, list):
            items = [self._literal(item, depth + 1) for item in value]
            if all(isinstance(item, str) for item in value):
                return f"[{', '.join(items)}]"
            return "[\n" + "".join(f"{pad}{item},\n" for item in items) + "    " * depth + "]"
        return self._name(value) if isinstance(value, str) else repr(value)

    def _role(self, field: str) -> str:
        return (
            f"{field}.role_arn" if field in self.blueprint.roles else _quoted(getattr(self.blueprint.lab.names, field))
        )

    # Parts of the constructor ---------------------------------------------------------------------------------------

    def _storage(self) -> Iterator[str]:
        yield ""
        yield f"# {text('export.comment.buckets')}"
        for field in BUCKETS:
            policy = "removal_policy=RemovalPolicy.DESTROY"
            yield f'{field} = s3.Bucket(self, "{LOGICAL[field]}", bucket_name={field}_name, {policy})'

    def _workgroup(self) -> Iterator[str]:
        wanted = self.blueprint.workgroup
        if wanted is None:
            return
        location = self._say(wanted["ResultConfiguration"]["OutputLocation"])
        kind = "athena.CfnWorkGroup"
        yield from ("", f"# {text('export.comment.workgroup')}", f"{kind}(", "    self,", '    "QueryWorkGroup",')
        yield "    name=workgroup_name,"
        yield "    recursive_delete_option=True,"
        yield f"    work_group_configuration={kind}.WorkGroupConfigurationProperty("
        yield f"        enforce_work_group_configuration={wanted['EnforceWorkGroupConfiguration']},"
        yield f"        publish_cloud_watch_metrics_enabled={wanted['PublishCloudWatchMetricsEnabled']},"
        yield f"        bytes_scanned_cutoff_per_query={wanted['BytesScannedCutoffPerQuery']},"
        yield f"        result_configuration={kind}.ResultConfigurationProperty(output_location={location}),"
        yield from ("    ),", ")")

    def _roles(self) -> Iterator[str]:
        if self.blueprint.roles:
            yield from ("", f"# {text('export.comment.roles')}")
        for field, role in self.blueprint.roles.items():
            yield from self._one_role(field, role)

    def _one_role(self, field: str, role: Role) -> Iterator[str]:
        yield f"{field} = iam.Role("
        yield "    self,"
        yield f'    "{LOGICAL[field]}",'
        yield f"    role_name={field}_name,"
        yield f"    assumed_by=iam.ServicePrincipal({_quoted(role.service)}),"
        if role.managed:
            yield "    managed_policies=["
            for arn in role.managed:
                yield f"        iam.ManagedPolicy.from_aws_managed_policy_name({_quoted(arn.partition(':policy/')[2])}),"
            yield "    ],"
        if role.inline:
            yield "    inline_policies={"
            for name, document in role.inline.items():
                lines = f"        {_quoted(name)}: iam.PolicyDocument.from_json({self._literal(document, 2)}),"
                yield from lines.split("\n")
            yield "    },"
        yield ")"

    def _catalog(self) -> Iterator[str]:
        if not self.blueprint.has_catalog:
            return
        given = "glue.CfnDatabase.DatabaseInputProperty(name=database_name)"
        yield from ("", f"# {text('export.comment.crawl')}")
        yield f'database = glue.CfnDatabase(self, "Database", catalog_id=self.account, database_input={given})'
        for field, crawler in self.blueprint.crawlers.items():
            if field == "processed_crawler":
                yield f"# {text('export.comment.query')}"
            yield from ("glue.CfnCrawler(", "    self,", f'    "{LOGICAL[field]}",', f"    name={field}_name,")
            yield f"    role={self._role('glue_role')},"
            yield "    database_name=database.ref,"
            yield "    targets=glue.CfnCrawler.TargetsProperty("
            yield "        s3_targets=["
            yield from (
                f"            glue.CfnCrawler.S3TargetProperty(path={self._say(path)})," for path in crawler.paths
            )
            yield from ("        ]", "    ),", ")")

    def _job(self) -> Iterator[str]:
        wanted = self.blueprint.job
        if wanted is None:
            return
        definition, command = wanted.job.definition, wanted.job.definition["Command"]
        runs = definition["ExecutionProperty"]["MaxConcurrentRuns"]
        yield from (
            "",
            f"# {text('export.comment.job')}",
            "job = glue.CfnJob(",
            "    self,",
            '    "EtlJob",',
            "    name=job_name,",
        )
        yield f"    role={self._role('glue_role')},"
        yield "    command=glue.CfnJob.JobCommandProperty("
        yield f"        name={_quoted(command['Name'])},"
        yield f"        script_location={self._say(command['ScriptLocation'], 'job')},"
        yield f"        python_version={_quoted(command['PythonVersion'])},"
        yield from ("    ),", "    default_arguments={")
        yield from (
            f"        {_quoted(key)}: {self._say(value, 'job')},"
            for key, value in definition["DefaultArguments"].items()
        )
        yield "    },"
        yield f"    glue_version={_quoted(definition['GlueVersion'])},"
        yield f"    worker_type={_quoted(definition['WorkerType'])},"
        yield f"    number_of_workers={definition['NumberOfWorkers']},"
        yield f"    max_retries={definition['MaxRetries']},"
        yield f"    timeout={definition['Timeout']},"
        yield f"    execution_property=glue.CfnJob.ExecutionPropertyProperty(max_concurrent_runs={runs}),"
        yield ")"

    def _function(self) -> Iterator[str]:
        wanted, plan = self.blueprint.function, self.blueprint
        if wanted is None:
            return
        if plan.log_days:
            yield from (
                "",
                f"# {text('export.comment.logs', days=plan.log_days)}",
                "function_logs = logs.LogGroup(",
                "    self,",
            )
            yield from ('    "FunctionLogs",', '    log_group_name=f"/aws/lambda/{function_name}",')
            yield f"    retention=logs.RetentionDays.{_RETENTION[plan.log_days]},"
            yield from ("    removal_policy=RemovalPolicy.DESTROY,", ")")
        yield from ("", f"# {text('export.comment.function')}", f"# {text('export.comment.inline')}")
        yield f'source = Path(__file__).with_name({_quoted(plan.lab.handler.name)}).read_text(encoding="utf-8")'
        yield from (
            "function = lambda_.CfnFunction(",
            "    self,",
            '    "StartJobFunction",',
            "    function_name=function_name,",
        )
        yield f"    role={self._role('lambda_role')},"
        yield f"    runtime={_quoted(wanted.runtime)},"
        yield f'    handler="index.{wanted.handler.rpartition(".")[2]}",'
        yield f"    timeout={wanted.timeout_s},"
        yield f"    memory_size={wanted.memory_mb},"
        yield "    code=lambda_.CfnFunction.CodeProperty(zip_file=source),"
        variables = ", ".join(f"{_quoted(key)}: {self._say(value)}" for key, value in wanted.environment.items())
        yield f"    environment=lambda_.CfnFunction.EnvironmentProperty(variables={{{variables}}}),"
        yield ")"
        if plan.log_days:
            yield "function.node.add_dependency(function_logs)"

    def _trigger(self) -> Iterator[str]:
        wanted = self.blueprint.trigger
        if wanted is None:
            return
        yield from ("", f"# {text('export.comment.trigger')}", "permission = lambda_.CfnPermission(", "    self,")
        yield from ('    "TriggerPermission",', "    function_name=function.ref,")
        yield f"    action={_quoted(wanted.permission['Action'])},"
        yield f"    principal={_quoted(wanted.permission['Principal'])},"
        yield f"    source_arn={self._name(wanted.permission['SourceArn'])},"
        yield from ("    source_account=self.account,", ")")
        yield "# " + text("export.cdk.notification")
        yield "raw_resource = raw_bucket.node.default_child"
        yield "raw_resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty("
        yield "    lambda_configurations=["
        yield "        s3.CfnBucket.LambdaConfigurationProperty("
        yield f"            event={_quoted(wanted.notification['Events'][0])},"
        yield "            function=function.attr_arn,"
        yield "            filter=s3.CfnBucket.NotificationFilterProperty("
        yield "                s3_key=s3.CfnBucket.S3KeyFilterProperty("
        yield "                    rules=["
        for name, value in (("prefix", wanted.prefix), ("suffix", wanted.suffix)):
            yield f"                        s3.CfnBucket.FilterRuleProperty(name={_quoted(name)}, value={_quoted(value)}),"
        yield from ("                    ]", "                )", "            ),", "        )", "    ]", ")")
        yield "raw_resource.node.add_dependency(permission)"

    def _outputs(self) -> Iterator[str]:
        lab = self.blueprint.lab
        values = {"RawFolder": self._say(lab.names.raw_uri), "ProcessedFolder": self._say(lab.names.processed_uri)}
        values["AssetsBucketName"] = "assets_bucket.bucket_name"
        if self.blueprint.job is not None:
            values |= {"ScriptAddress": self._say(self.blueprint.job.script.uri), "JobName": "job.ref"}
        if self.blueprint.function is not None:
            values["FunctionArn"] = "function.attr_arn"
        yield ""
        yield from (f'CfnOutput(self, "{name}", value={value})' for name, value in values.items())

    def _tags(self) -> Iterator[str]:
        if self.blueprint.tags:
            yield ""
        for key, value in self.blueprint.tags.items():
            yield f"Tags.of(self).add({_quoted(key)}, {self._name(value)})"


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
