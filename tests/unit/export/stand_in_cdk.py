"""As much of aws_cdk as the exported app uses: constructs that write down what the real ones put into a template.

The names of the first level's properties become CloudFormation's by their own rule (snake_case to PascalCase); what the second
level adds is written out. `test_cdk.py` runs the same comparison with the real library where it is installed.
"""

from __future__ import annotations

import sys
import types
from typing import Any

# Words that the rule would spell otherwise: S3Key, not S3key.
_PARTS = {"s3": "S3"}
_BUCKET = (
    "NotificationConfigurationProperty", "LambdaConfigurationProperty", "FilterRuleProperty", "NotificationFilterProperty",
    "S3KeyFilterProperty",
)  # fmt: skip
_WORKGROUP = ("WorkGroupConfigurationProperty", "ResultConfigurationProperty")


class Token:
    """A Ref or GetAtt that f-strings carry along."""

    def __init__(self, known: dict[str, Any], value: Any) -> None:
        self._mark = f"<<{len(known)}>>"
        known[self._mark] = value

    def __str__(self) -> str:
        return self._mark


class Recorder:
    """The template that comes of one run of an app."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.resources: dict[str, dict[str, Any]] = {}
        self.outputs: dict[str, Any] = {}
        self.tags: dict[str, str] = {}

    def token(self, value: Any) -> str:
        return str(Token(self.known, value))

    def template(self) -> dict[str, Any]:
        for one in self.resources.values():
            self._tag(one)
        return {"Resources": self._resolve(self.resources), "Outputs": self._resolve(self.outputs)}

    def _tag(self, one: dict[str, Any]) -> None:
        kind = one["Type"]
        if not self.tags or kind in ("AWS::Glue::Database", "AWS::Lambda::Permission"):
            return
        as_map = kind in ("AWS::Glue::Crawler", "AWS::Glue::Job")
        pairs = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        one["Properties"]["Tags"] = dict(self.tags) if as_map else pairs

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._resolve(item) for item in value]
        if not isinstance(value, str):
            return value
        parts: list[Any] = [value]
        for mark, known in self.known.items():
            parts = [piece for part in parts for piece in _split(part, mark, known)]
        kept = [part for part in parts if part != ""]
        return kept[0] if len(kept) == 1 else {"Fn::Join": ["", kept]} if kept else ""


def _split(part: Any, mark: str, known: Any) -> list[Any]:
    if not isinstance(part, str) or mark not in part:
        return [part]
    pieces: list[Any] = []
    for position, text in enumerate(part.split(mark)):
        pieces += [known, text] if position else [text]
    return pieces


def _pascal(name: str) -> str:
    return "".join(_PARTS.get(word, word[:1].upper() + word[1:]) for word in name.split("_"))


def _properties(given: dict[str, Any]) -> dict[str, Any]:
    return {_pascal(name): value for name, value in given.items()}


class Node:
    """`construct.node`: dependencies are the template's DependsOn, which the comparison leaves out."""

    def __init__(self, construct: Construct) -> None:
        self.default_child = construct

    def add_dependency(self, _other: Any) -> None:
        return None


class Construct:
    """One resource of the template."""

    recorder: Recorder

    def __init__(self, kind: str, name: str, properties: dict[str, Any]) -> None:
        known = self.recorder.token
        state = {"_one": {"Type": kind, "Properties": properties}, "node": Node(self), "ref": known({"Ref": name})}
        vars(self).update(state, attr_arn=known({"Fn::GetAtt": [name, "Arn"]}))
        self.recorder.resources[name] = state["_one"]

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)["_one"]["Properties"][_pascal(name)] = value

    @property
    def bucket_name(self) -> str:
        return str(vars(self)["ref"])

    @property
    def role_arn(self) -> str:
        return str(vars(self)["attr_arn"])


class Stack:
    """The stack that the app's class is one of."""

    recorder: Recorder

    def __init__(self, _scope: Any, _name: str, **_more: Any) -> None:
        pseudo = {name: self.recorder.token({"Ref": f"AWS::{name}"}) for name in ("AccountId", "Region", "Partition")}
        self.account, self.region, self.partition = pseudo.values()


def first_level(kind: str, *nested: str) -> Any:
    """A class of the first level and the property classes in it."""

    def make(_class: Any, _scope: Any, _logical: str, /, **given: Any) -> Construct:
        return Construct(kind, _logical, _properties(given))

    members = {name: staticmethod(lambda **given: _properties(given)) for name in nested}
    return type(kind.rsplit(":", 1)[-1], (), {"__new__": make, **members})


def bucket(_scope: Any, name: str, *, bucket_name: str, removal_policy: str) -> Construct:
    assert removal_policy == "Delete"
    return Construct("AWS::S3::Bucket", name, {"BucketName": bucket_name})


def role(_scope: Any, name: str, **given: Any) -> Construct:
    statement = {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": given["assumed_by"]}}
    trust = {"Statement": [statement], "Version": "2012-10-17"}
    properties = {"RoleName": given["role_name"], "AssumeRolePolicyDocument": trust}
    if given.get("managed_policies"):
        properties["ManagedPolicyArns"] = given["managed_policies"]
    if given.get("inline_policies"):
        inline = given["inline_policies"].items()
        properties["Policies"] = [{"PolicyName": key, "PolicyDocument": one} for key, one in inline]
    return Construct("AWS::IAM::Role", name, properties)


def log_group(_scope: Any, name: str, *, log_group_name: str, retention: int, removal_policy: str) -> Construct:
    assert removal_policy == "Delete"
    return Construct("AWS::Logs::LogGroup", name, {"LogGroupName": log_group_name, "RetentionInDays": retention})


def build_modules(recorder: Recorder) -> dict[str, types.ModuleType]:
    """The modules by name, writing into this recorder."""
    Construct.recorder = Stack.recorder = recorder
    partition = recorder.token({"Ref": "AWS::Partition"})
    managed = types.SimpleNamespace(from_aws_managed_policy_name=lambda name: f"arn:{partition}:iam::aws:policy/{name}")
    tags = types.SimpleNamespace(of=lambda _scope: types.SimpleNamespace(add=recorder.tags.__setitem__))
    members: dict[str, dict[str, Any]] = {
        "aws_s3": {"Bucket": bucket, "CfnBucket": first_level("AWS::S3::Bucket", *_BUCKET)},
        "aws_iam": {
            "Role": role, "ManagedPolicy": managed, "ServicePrincipal": str,
            "PolicyDocument": types.SimpleNamespace(from_json=dict),
        },
        "aws_logs": {"LogGroup": log_group, "RetentionDays": types.SimpleNamespace(ONE_WEEK=7)},
        "aws_athena": {"CfnWorkGroup": first_level("AWS::Athena::WorkGroup", *_WORKGROUP)},
        "aws_lambda": {
            "CfnFunction": first_level("AWS::Lambda::Function", "CodeProperty", "EnvironmentProperty"),
            "CfnPermission": first_level("AWS::Lambda::Permission"),
        },
        "aws_glue": {
            "CfnDatabase": first_level("AWS::Glue::Database", "DatabaseInputProperty"),
            "CfnCrawler": first_level("AWS::Glue::Crawler", "TargetsProperty", "S3TargetProperty"),
            "CfnJob": first_level("AWS::Glue::Job", "JobCommandProperty", "ExecutionPropertyProperty"),
        },
    }  # fmt: skip
    found = {f"aws_cdk.{name}": _module(f"aws_cdk.{name}", inner) for name, inner in members.items()}
    root = {
        "App": lambda: types.SimpleNamespace(synth=lambda: None), "BootstraplessSynthesizer": lambda: None,
        "CfnOutput": lambda _scope, name, value: recorder.outputs.update({name: {"Value": value}}),
        "RemovalPolicy": types.SimpleNamespace(DESTROY="Delete"), "Stack": Stack, "Tags": tags,
        **{name: found[f"aws_cdk.{name}"] for name in members},
    }  # fmt: skip
    return {"aws_cdk": _module("aws_cdk", root), "constructs": _module("constructs", {"Construct": object}), **found}


def _module(name: str, members: dict[str, Any]) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(members)
    return module


def synthesize(source: str, file: str) -> dict[str, Any]:
    """Run an app's source as `file` with these modules and give its template."""
    recorder = Recorder()
    modules = build_modules(recorder)
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        exec(compile(source, file, "exec"), {"__name__": "__main__", "__file__": file})
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
    return recorder.template()
