"""The blueprint as a CloudFormation template (docs.aws.amazon.com/AWSCloudFormation, template reference)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.export.blueprint import BUCKETS, Blueprint
from labkit.export.symbols import ACCOUNT, PARTITION, REGION, Symbol
from labkit.export.yaml_text import Commented, GetAtt, Ref, Source, Sub, write_yaml
from labkit.i18n import text
from labkit.steps.roles import Role

_PSEUDO = {ACCOUNT: "AWS::AccountId", REGION: "AWS::Region", PARTITION: "AWS::Partition"}
# Field of Names → logical name of its resource.
LOGICAL = {
    "raw_bucket": "RawBucket", "processed_bucket": "ProcessedBucket", "assets_bucket": "AssetsBucket",
    "results_bucket": "ResultsBucket", "workgroup": "QueryWorkGroup", "glue_role": "GlueRole", "lambda_role": "LambdaRole",
    "database": "Database", "raw_crawler": "RawCrawler", "processed_crawler": "ProcessedCrawler", "job": "EtlJob",
    "function": "StartJobFunction",
}  # fmt: skip
# ZipFile may hold 4 MB (AWS::Lambda::Function Code); a template given in the call itself 51,200 bytes, so nothing larger goes inline.
LONGEST_INLINE = 30_000
# The bucket that a larger function is uploaded to before there is a stack.
CODE_BUCKET = "CodeBucket"


class Template:
    """One template while it is written: how names are referred to, and which parameters were."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self._symbols = blueprint.symbols
        self._used: set[str] = set()

    def build(self) -> dict[str, Any]:
        """The template as a document, sections in the order of the reference."""
        resources = self._resources()
        outputs = self._outputs()
        return {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": text("export.description", region=self.blueprint.lab.region),
            "Parameters": self._parameters(),
            "Resources": resources,
            "Outputs": outputs,
        }

    # Names ------------------------------------------------------------------------------------------------------

    def name_of(self, field: str) -> Any:
        """A resource's own name: a parameter, or text made of account and region."""
        if self._symbols.is_fixed(field):
            self._used.add(field)
            return Ref(_parameter(field))
        return Sub(self._text(self._symbols.split_name(field), lambda _: ""))

    def say(self, value: str, own: str = "") -> Any:
        """A text in which resources of this template are referred to, so that they are made first; `own` is who says it."""

        def refer(field: str) -> str:
            return f"${{{LOGICAL[field]}}}" if field != own and self._is_made(field) else self._by_name(field)

        return self._refer(value, refer)

    def name(self, value: str) -> Any:
        """A text in which names stand alone: policies name what is made after them."""
        return self._refer(value, self._by_name)

    def document(self, value: Any) -> Any:
        """A policy with every text in it named."""
        if isinstance(value, Mapping):
            return {key: self.document(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.document(item) for item in value]
        return self.name(value) if isinstance(value, str) else value

    def role(self, field: str) -> Any:
        """The ARN of a role: one of the template, or the one that was given."""
        return (
            GetAtt(LOGICAL[field], "Arn") if field in self.blueprint.roles else getattr(self.blueprint.lab.names, field)
        )

    def _refer(self, value: str, of: Callable[[str], str]) -> Any:
        parts = self._symbols.split(value)
        if all(isinstance(part, str) for part in parts):
            return value
        said = self._text(parts, of)
        only = said[2:-1] if said.startswith("${") and said.count("${") == 1 and said.endswith("}") else ""
        return Ref(only) if only else Sub(said)

    def _text(self, parts: tuple[Any, ...], of: Callable[[str], str]) -> str:
        return "".join(self._piece(part, of) for part in parts)

    def _piece(self, part: str | Symbol, of: Callable[[str], str]) -> str:
        if isinstance(part, str):
            return part.replace("${", "${!")
        return f"${{{_PSEUDO[part.name]}}}" if part.name in _PSEUDO else of(part.name)

    def _by_name(self, field: str) -> str:
        if self._symbols.is_fixed(field):
            self._used.add(field)
            return f"${{{_parameter(field)}}}"
        return self._text(self._symbols.split_name(field), lambda _: "")

    def _is_made(self, field: str) -> bool:
        print_ = self.blueprint
        if field in BUCKETS:
            return True
        made = {
            "workgroup": print_.workgroup, "database": print_.has_catalog, "job": print_.job, "function": print_.function,
        }  # fmt: skip
        return bool(made.get(field)) or field in print_.roles or field in print_.crawlers

    # Sections -----------------------------------------------------------------------------------------------------

    def _parameters(self) -> dict[str, Any]:
        names = self.blueprint.lab.names
        source = self.blueprint.lab.handler.read_text(encoding="utf-8") if self.blueprint.function is not None else ""
        code = {CODE_BUCKET: {"Type": "String", "Description": text("export.parameter.code")}}
        named = {
            _parameter(field): {
                "Type": "String",
                "Default": getattr(names, field),
                "Description": text("export.parameter", resource=LOGICAL[field]),
            }
            for field in LOGICAL
            if field in self._used
        }
        return named if is_inline(source) else {**named, **code}

    def _resources(self) -> dict[str, Any]:
        found: dict[str, Any] = {LOGICAL[field]: self._bucket(field) for field in BUCKETS}
        _comment(found, text("export.comment.buckets"))
        if self.blueprint.workgroup is not None:
            found["QueryWorkGroup"] = Commented((text("export.comment.workgroup"),), self._workgroup())
        for field, role in self.blueprint.roles.items():
            found[LOGICAL[field]] = self._role(field, role)
        _comment(found, text("export.comment.roles"), "GlueRole", "LambdaRole")
        if self.blueprint.has_catalog:
            database = {"CatalogId": Ref("AWS::AccountId"), "DatabaseInput": {"Name": self.name_of("database")}}
            lines = (text("export.comment.crawl"), text("export.comment.database"))
            found["Database"] = Commented(lines, _resource("AWS::Glue::Database", database))
        for field in self.blueprint.crawlers:
            found[LOGICAL[field]] = self._crawler(field)
        if "ProcessedCrawler" in found:
            found["ProcessedCrawler"] = Commented((text("export.comment.query"),), found["ProcessedCrawler"])
        if self.blueprint.job is not None:
            found["EtlJob"] = Commented((text("export.comment.job"),), self._job())
        if self.blueprint.log_days:
            found["FunctionLogs"] = Commented(
                (text("export.comment.logs", days=self.blueprint.log_days),), self._log_group()
            )
        if self.blueprint.function is not None:
            found["StartJobFunction"] = self._function()
        if self.blueprint.trigger is not None:
            found["TriggerPermission"] = Commented((text("export.comment.trigger"),), self._permission())
        return found

    def _outputs(self) -> dict[str, Any]:
        values: dict[str, Any] = {"RawFolder": self.say(self.blueprint.lab.names.raw_uri)}
        values |= {"ProcessedFolder": self.say(self.blueprint.lab.names.processed_uri)}
        values |= {"AssetsBucketName": Ref("AssetsBucket")}
        if self.blueprint.job is not None:
            values |= {"ScriptAddress": self.say(self.blueprint.job.script.uri), "JobName": Ref("EtlJob")}
        if self.blueprint.function is not None:
            values |= {"FunctionArn": GetAtt("StartJobFunction", "Arn")}
        return {name: {"Value": value} for name, value in values.items()}

    # Resources ----------------------------------------------------------------------------------------------------

    def _bucket(self, field: str) -> dict[str, Any]:
        properties: dict[str, Any] = {"BucketName": self.name_of(field), **self._tag_list()}
        trigger = self.blueprint.trigger
        more: dict[str, Any] = {}
        if field == "raw_bucket" and trigger is not None:
            # S3 asks for the permission when the notification is set, and the permission may not wait for the bucket:
            # it names the bucket as text, so that the two make no circle.
            more["DependsOn"] = "TriggerPermission"
            rules = [{"Name": "prefix", "Value": trigger.prefix}, {"Name": "suffix", "Value": trigger.suffix}]
            configuration = {
                "Event": trigger.notification["Events"][0],
                "Function": GetAtt("StartJobFunction", "Arn"),
                "Filter": {"S3Key": {"Rules": rules}},
            }
            properties["NotificationConfiguration"] = {"LambdaConfigurations": [configuration]}
        # Both are said because the wish is meant: a lab leaves nothing behind. CloudFormation deletes empty buckets only.
        policies = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
        return {"Type": "AWS::S3::Bucket", **more, **policies, "Properties": properties}

    def _workgroup(self) -> dict[str, Any]:
        configuration = dict(self.blueprint.workgroup or {})
        location = self.say(configuration["ResultConfiguration"]["OutputLocation"])
        configuration["ResultConfiguration"] = {"OutputLocation": location}
        properties = {
            "Name": self.name_of("workgroup"),
            "RecursiveDeleteOption": True,
            "WorkGroupConfiguration": configuration,
            **self._tag_list(),
        }
        return _resource("AWS::Athena::WorkGroup", properties)

    def _role(self, field: str, role: Role) -> dict[str, Any]:
        properties: dict[str, Any] = {
            "RoleName": self.name_of(field),
            "AssumeRolePolicyDocument": role.trust,
        }
        if role.managed:
            properties["ManagedPolicyArns"] = [self.name(arn) for arn in role.managed]
        if role.inline:
            properties["Policies"] = [
                {"PolicyName": name, "PolicyDocument": self.document(policy)} for name, policy in role.inline.items()
            ]
        return _resource("AWS::IAM::Role", {**properties, **self._tag_list()})

    def _crawler(self, field: str) -> dict[str, Any]:
        crawler = self.blueprint.crawlers[field]
        targets = [{"Path": self.say(path)} for path in crawler.paths]
        properties = {
            "Name": self.name_of(field),
            "Role": self.role("glue_role"),
            "DatabaseName": Ref("Database"),
            "Targets": {"S3Targets": targets},
            **self._tag_map(),
        }
        return _resource("AWS::Glue::Crawler", properties)

    def _job(self) -> dict[str, Any]:
        wanted = self.blueprint.job
        if wanted is None:
            raise ValueError("no job before step 4")
        definition = dict(wanted.job.definition)
        definition["Role"] = self.role("glue_role")
        command = definition["Command"]
        definition["Command"] = {**command, "ScriptLocation": self.say(command["ScriptLocation"], "job")}
        definition["DefaultArguments"] = {key: self.say(value) for key, value in definition["DefaultArguments"].items()}
        return _resource("AWS::Glue::Job", {"Name": self.name_of("job"), **definition, **self._tag_map()})

    def _log_group(self) -> dict[str, Any]:
        name = Sub(f"/aws/lambda/{self._by_name('function')}")
        properties = {"LogGroupName": name, "RetentionInDays": self.blueprint.log_days, **self._tag_list()}
        return {
            "Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete", "Properties": properties,
        }  # fmt: skip

    def _function(self) -> Any:
        wanted = self.blueprint.function
        if wanted is None:
            raise ValueError("no function before step 5")
        code, handler, lines = self._code()
        properties = {
            "FunctionName": self.name_of("function"),
            "Role": self.role("lambda_role"),
            "Runtime": wanted.runtime,
            "Handler": handler,
            "Timeout": wanted.timeout_s,
            "MemorySize": wanted.memory_mb,
            "Environment": {"Variables": {key: self.say(value) for key, value in wanted.environment.items()}},
            "Code": code,
            **self._tag_list(),
        }
        more = {"DependsOn": "FunctionLogs"} if self.blueprint.log_days else {}
        resource = {"Type": "AWS::Lambda::Function", **more, "Properties": properties}
        return Commented((text("export.comment.function"), *lines), resource)

    def _code(self) -> tuple[dict[str, Any], str, tuple[str, ...]]:
        wanted, source = self.blueprint.function, self.blueprint.lab.handler.read_text(encoding="utf-8")
        if wanted is not None and is_inline(source):
            # CloudFormation puts inline code in index.py, whatever the file was called.
            handler = f"index.{wanted.handler.rpartition('.')[2]}"
            return {"ZipFile": Source(source)}, handler, (text("export.comment.inline"),)
        if wanted is None:
            raise ValueError("no function before step 5")
        place = {"S3Bucket": Ref(CODE_BUCKET), "S3Key": wanted.archive_name}
        return place, wanted.handler, (text("export.comment.code_bucket", file=wanted.archive_name),)

    def _permission(self) -> dict[str, Any]:
        trigger = self.blueprint.trigger
        if trigger is None:
            raise ValueError("no trigger before step 6")
        properties = {
            "FunctionName": Ref("StartJobFunction"),
            "Action": trigger.permission["Action"],
            "Principal": trigger.permission["Principal"],
            "SourceArn": self.name(trigger.permission["SourceArn"]),
            "SourceAccount": Ref("AWS::AccountId"),
        }
        return _resource("AWS::Lambda::Permission", properties)

    def _tag_list(self) -> dict[str, Any]:
        tags = [{"Key": key, "Value": self.name(value)} for key, value in self.blueprint.tags.items()]
        return {"Tags": tags} if tags else {}

    def _tag_map(self) -> dict[str, Any]:
        tags = {key: self.name(value) for key, value in self.blueprint.tags.items()}
        return {"Tags": tags} if tags else {}


def is_inline(source: str) -> bool:
    """Whether code goes into the template itself: small enough, and lines that YAML keeps as they are."""
    odd = any(sign != "\n" and not sign.isprintable() for sign in source)
    return len(source.encode()) <= LONGEST_INLINE and not odd and not source.startswith((" ", "\n"))


def render_template(blueprint: Blueprint, header: tuple[str, ...]) -> str:
    """The template's text under its comment."""
    lines = "".join(f"# {line}".rstrip() + "\n" for line in header)
    return f"{lines}\n{write_yaml(Template(blueprint).build())}"


def _parameter(field: str) -> str:
    return f"{LOGICAL[field]}Name"


def _resource(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def _comment(found: dict[str, Any], line: str, *names: str) -> None:
    """Put a comment over the first of these resources that is there."""
    for name in names or tuple(found):
        if name in found:
            found[name] = Commented((line,), found[name])
            return
