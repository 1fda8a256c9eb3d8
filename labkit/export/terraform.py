"""The blueprint as Terraform configuration for the provider hashicorp/aws (registry.terraform.io/providers/hashicorp/aws)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.export.blueprint import BUCKETS, Blueprint
from labkit.export.hcl_text import Block, Call, Expression, Text, write_hcl
from labkit.export.symbols import ACCOUNT, PARTITION, REGION, Symbol
from labkit.i18n import text
from labkit.steps.lab import DIGEST_KEY
from labkit.steps.roles import Role

_PLACE = {
    ACCOUNT: "data.aws_caller_identity.current.account_id",
    REGION: "var.region",
    PARTITION: "data.aws_partition.current.partition",
}
# Field of Names → the address of its resource and the attribute that is its name.
_MADE = {
    "raw_bucket": "aws_s3_bucket.raw_bucket.bucket", "processed_bucket": "aws_s3_bucket.processed_bucket.bucket",
    "assets_bucket": "aws_s3_bucket.assets_bucket.bucket", "results_bucket": "aws_s3_bucket.results_bucket.bucket",
    "database": "aws_glue_catalog_database.database.name", "job": "aws_glue_job.job.name",
}  # fmt: skip
PROVIDER = ">= 5.40, < 7.0"
ARCHIVE = ">= 2.4, < 3.0"


class Configuration:
    """One configuration while it is written."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self._symbols = blueprint.symbols

    def build(self) -> dict[str, str]:
        """File name → text."""
        main = [*self._settings(), *self._storage(), *self._workgroup(), *self._roles(), *self._catalog()]
        main += [*self._job(), *self._function(), *self._trigger()]
        return {
            "main.tf": write_hcl(main),
            "variables.tf": write_hcl(self._variables()),
            "outputs.tf": write_hcl(self._outputs()),
        }

    # Names ------------------------------------------------------------------------------------------------------

    def _own(self, field: str) -> Any:
        return Expression(self._named(field))

    def _named(self, field: str) -> str:
        return f"var.{field}" if self._symbols.is_fixed(field) else f"local.{field}"

    def _say(self, value: str, own: str = "") -> Any:
        """A text that refers to resources, so that they are made first."""
        return self._refer(value, lambda field: _MADE[field] if field in _MADE and field != own else self._named(field))

    def _name(self, value: str) -> Any:
        """A text in which names stand alone."""
        return self._refer(value, self._named)

    def _refer(self, value: str, of: Callable[[str], str]) -> Any:
        return self._text(self._symbols.split(value), of)

    def _text(self, parts: tuple[str | Symbol, ...], of: Callable[[str], str]) -> Any:
        found = tuple(
            part if isinstance(part, str) else Expression(_PLACE.get(part.name) or of(part.name)) for part in parts
        )
        return found[0] if len(found) == 1 and isinstance(found[0], str) else Text(found)

    def _document(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._document(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._document(item) for item in value]
        return self._name(value) if isinstance(value, str) else value

    def _role(self, field: str) -> Any:
        made = field in self.blueprint.roles
        return Expression(f"aws_iam_role.{field}.arn") if made else getattr(self.blueprint.lab.names, field)

    # Files --------------------------------------------------------------------------------------------------------

    def _settings(self) -> list[Block]:
        archive = (("archive", {"source": "hashicorp/archive", "version": ARCHIVE}),) if self.blueprint.function else ()
        aws = ("aws", {"source": "hashicorp/aws", "version": PROVIDER})
        providers = Block("required_providers", (), (aws, *archive))
        place = [name for name in self._symbols.names if not self._symbols.is_fixed(name)]
        names = tuple((name, self._text(self._symbols.split_name(name), str)) for name in place)
        tags = (("tags", {key: self._name(value) for key, value in self.blueprint.tags.items()}),)
        default = (Block("default_tags", (), (("tags", Expression("local.tags")),)),) if self.blueprint.tags else ()
        return [
            Block("terraform", (), (("required_version", ">= 1.5"), providers)),
            Block("provider", ("aws",), (("region", Expression("var.region")), *default)),
            Block("data", ("aws_caller_identity", "current")),
            Block("data", ("aws_partition", "current")),
            Block("locals", (), (*names, *(tags if self.blueprint.tags else ()))),
        ]

    def _variables(self) -> list[Block]:
        lab = self.blueprint.lab
        place = ("description", text("export.variable.region")), ("type", Expression("string")), ("default", lab.region)
        found = [Block("variable", ("region",), place)]
        for field, value in self._symbols.names.items():
            if self._symbols.is_fixed(field) and self._is_used(field):
                about = text("export.variable", name=field)
                body = ("description", about), ("type", Expression("string")), ("default", value)
                found.append(Block("variable", (field,), body))
        return found

    def _is_used(self, field: str) -> bool:
        plan = self.blueprint
        return field in {
            *BUCKETS,
            *(("workgroup",) if plan.workgroup is not None else ()),
            *plan.roles,
            *plan.crawlers,
            *(("database",) if plan.has_catalog or plan.roles else ()),
            *(("job", "function") if plan.roles or plan.function else ()),
            *(("job",) if plan.job else ()),
        }

    def _outputs(self) -> list[Block]:
        plan = self.blueprint
        values: dict[str, Any] = {
            "raw_folder": self._say(plan.lab.names.raw_uri),
            "processed_folder": self._say(plan.lab.names.processed_uri),
        }
        if plan.job is not None:
            values["job_name"] = Expression("aws_glue_job.job.name")
        if plan.function is not None:
            values["function_arn"] = Expression("aws_lambda_function.function.arn")
        return [Block("output", (name,), (("value", value),)) for name, value in values.items()]

    # Resources ----------------------------------------------------------------------------------------------------

    def _storage(self) -> list[Block]:
        comments: tuple[str, ...] = (text("export.terraform.buckets"),)
        found = []
        for field in BUCKETS:
            # `terraform destroy` empties the bucket first: a lab leaves nothing behind.
            body = (("bucket", self._own(field)), ("force_destroy", True))
            found.append(Block("resource", ("aws_s3_bucket", field), body, comments))
            comments = ()
        return found

    def _workgroup(self) -> list[Block]:
        wanted = self.blueprint.workgroup
        if wanted is None:
            return []
        location = self._say(wanted["ResultConfiguration"]["OutputLocation"])
        configuration = Block(
            "configuration",
            (),
            (
                ("enforce_workgroup_configuration", wanted["EnforceWorkGroupConfiguration"]),
                ("publish_cloudwatch_metrics_enabled", wanted["PublishCloudWatchMetricsEnabled"]),
                ("bytes_scanned_cutoff_per_query", wanted["BytesScannedCutoffPerQuery"]),
                Block("result_configuration", (), (("output_location", location),)),
            ),
        )
        body = (("name", self._own("workgroup")), ("force_destroy", True), configuration)
        return [Block("resource", ("aws_athena_workgroup", "workgroup"), body, (text("export.comment.workgroup"),))]

    def _roles(self) -> list[Block]:
        found: list[Block] = []
        for field, role in self.blueprint.roles.items():
            comments: tuple[str, ...] = () if found else (text("export.comment.roles"),)
            body = (("name", self._own(field)), ("assume_role_policy", Call("jsonencode", self._document(role.trust))))
            found.append(Block("resource", ("aws_iam_role", field), body, comments))
            found += self._policies(field, role)
        return found

    def _policies(self, field: str, role: Role) -> list[Block]:
        name = Expression(f"aws_iam_role.{field}.name")
        found = []
        for arn in role.managed:
            label = f"{field}_{arn.rsplit('/', 1)[-1]}"
            body: tuple[Any, ...] = (("role", name), ("policy_arn", self._name(arn)))
            found.append(Block("resource", ("aws_iam_role_policy_attachment", label), body))
        for policy, document in role.inline.items():
            body = (("name", policy), ("role", name), ("policy", Call("jsonencode", self._document(document))))
            found.append(Block("resource", ("aws_iam_role_policy", policy.replace("-", "_")), body))
        return found

    def _catalog(self) -> list[Block]:
        if not self.blueprint.has_catalog:
            return []
        comments = {"raw_crawler": (), "processed_crawler": (text("export.comment.query"),)}
        body: tuple[Any, ...] = (("name", self._own("database")),)
        found = [Block("resource", ("aws_glue_catalog_database", "database"), body, (text("export.comment.crawl"),))]
        for field, crawler in self.blueprint.crawlers.items():
            targets = tuple(Block("s3_target", (), (("path", self._say(path)),)) for path in crawler.paths)
            body = (
                ("name", self._own(field)),
                ("role", self._role("glue_role")),
                ("database_name", Expression("aws_glue_catalog_database.database.name")),
                *targets,
            )
            found.append(Block("resource", ("aws_glue_crawler", field), body, comments.get(field, ())))
        return found

    def _job(self) -> list[Block]:
        wanted = self.blueprint.job
        if wanted is None:
            return []
        definition, file = wanted.job.definition, f"${{path.module}}/{wanted.script.path.name}"
        source = Expression(f'"{file}"')
        script = (
            ("bucket", Expression(_MADE["assets_bucket"])),
            ("key", self._refer(wanted.script.key, self._named)),
            ("source", source),
            ("source_hash", Expression(f'filemd5("{file}")')),
            ("metadata", {DIGEST_KEY: Expression(f'filesha256("{file}")')}),
        )
        command = definition["Command"]
        body = (
            ("name", self._own("job")),
            ("role_arn", self._role("glue_role")),
            ("glue_version", definition["GlueVersion"]),
            ("worker_type", definition["WorkerType"]),
            ("number_of_workers", definition["NumberOfWorkers"]),
            ("max_retries", definition["MaxRetries"]),
            ("timeout", definition["Timeout"]),
            (
                "default_arguments",
                {key: self._say(value, "job") for key, value in definition["DefaultArguments"].items()},
            ),
            Block(
                "command",
                (),
                (
                    ("name", command["Name"]),
                    (
                        "script_location",
                        Expression('"s3://${aws_s3_object.script.bucket}/${aws_s3_object.script.key}"'),
                    ),
                    ("python_version", command["PythonVersion"]),
                ),
            ),
            Block(
                "execution_property",
                (),
                (("max_concurrent_runs", definition["ExecutionProperty"]["MaxConcurrentRuns"]),),
            ),
        )
        comments = (text("export.terraform.job"),)
        return [
            Block("resource", ("aws_s3_object", "script"), script, comments),
            Block("resource", ("aws_glue_job", "job"), body),
        ]

    def _function(self) -> list[Block]:
        wanted, plan = self.blueprint.function, self.blueprint
        if wanted is None:
            return []
        found: list[Block] = []
        if plan.log_days:
            name = Text(("/aws/lambda/", Expression(self._named("function"))))
            body: tuple[Any, ...] = (("name", name), ("retention_in_days", plan.log_days))
            comments = (text("export.comment.logs", days=plan.log_days),)
            found.append(Block("resource", ("aws_cloudwatch_log_group", "function"), body, comments))
        handler = plan.lab.handler
        archive = (
            ("type", "zip"),
            ("source_file", Expression(f'"${{path.module}}/{handler.name}"')),
            ("output_path", Expression(f'"${{path.module}}/{wanted.archive_name}"')),
            # Lambda refuses a file that others may not read.
            ("output_file_mode", "0644"),
        )
        variables = {key: self._say(value) for key, value in wanted.environment.items()}
        waits = (("depends_on", [Expression("aws_cloudwatch_log_group.function")]),) if plan.log_days else ()
        body = (
            ("function_name", self._own("function")),
            ("role", self._role("lambda_role")),
            ("runtime", wanted.runtime),
            ("handler", wanted.handler),
            ("timeout", wanted.timeout_s),
            ("memory_size", wanted.memory_mb),
            ("filename", Expression("data.archive_file.function.output_path")),
            ("source_code_hash", Expression("data.archive_file.function.output_base64sha256")),
            *waits,
            Block("environment", (), (("variables", variables),)),
        )
        found.append(Block("data", ("archive_file", "function"), archive, (text("export.comment.function"),)))
        found.append(Block("resource", ("aws_lambda_function", "function"), body))
        return found

    def _trigger(self) -> list[Block]:
        wanted = self.blueprint.trigger
        if wanted is None:
            return []
        name = Text((f"{wanted.id.removesuffix(wanted.function)}", Expression(self._named("function"))))
        permission = (
            ("statement_id", name),
            ("action", wanted.permission["Action"]),
            ("function_name", Expression("aws_lambda_function.function.function_name")),
            ("principal", wanted.permission["Principal"]),
            ("source_arn", Expression("aws_s3_bucket.raw_bucket.arn")),
            ("source_account", Expression(_PLACE[ACCOUNT])),
        )
        rule = (
            ("id", name),
            ("lambda_function_arn", Expression("aws_lambda_function.function.arn")),
            ("events", list(wanted.notification["Events"])),
            ("filter_prefix", wanted.prefix),
            ("filter_suffix", wanted.suffix),
        )
        notification = (
            ("bucket", Expression("aws_s3_bucket.raw_bucket.id")),
            ("depends_on", [Expression("aws_lambda_permission.trigger")]),
            Block("lambda_function", (), rule),
        )
        return [
            Block("resource", ("aws_lambda_permission", "trigger"), permission, (text("export.terraform.trigger"),)),
            Block("resource", ("aws_s3_bucket_notification", "trigger"), notification),
        ]
