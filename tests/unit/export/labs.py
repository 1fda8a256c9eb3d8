"""The labs that the tests export, and a reader of templates that puts values for references."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from labkit.export.blueprint import Blueprint, build_blueprint
from labkit.run.inputs import build_lab
from labkit.settings import read_settings, with_account

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/LabRole"
VARIANTS: Mapping[str, Mapping[str, str]] = {
    "local": {},
    "aws": {"LABKIT_TARGET": "aws", "AWS_REGION": "eu-west-1", "LABKIT_STUDENT": "ana"},
    "least": {"LABKIT_TARGET": "aws", "LABKIT_ROLES": "least-privilege", "AWS_REGION": "us-east-1"},
    "academy": {"LABKIT_TARGET": "aws", "LABKIT_GLUE_ROLE": ROLE, "LABKIT_LAMBDA_ROLE": ROLE},
}
_NAMES = {
    "AWS::S3::Bucket": "BucketName", "AWS::IAM::Role": "RoleName", "AWS::Lambda::Function": "FunctionName",
    "AWS::Glue::Crawler": "Name", "AWS::Glue::Job": "Name", "AWS::Athena::WorkGroup": "Name", "AWS::Logs::LogGroup": "LogGroupName",
}  # fmt: skip


def blueprint(variant: str, step: int = 6) -> Blueprint:
    settings = read_settings(VARIANTS[variant], Path("/nowhere"))
    settings = settings if settings.target.account else with_account(settings, ACCOUNT)
    return build_blueprint(build_lab(settings), step)


class Loader(yaml.SafeLoader):
    """CloudFormation's short forms as the long ones."""


def _function(loader: Any, suffix: str, node: Any) -> Any:
    value = node.value if isinstance(node, yaml.ScalarNode) else loader.construct_sequence(node)
    if suffix == "Ref":
        return {"Ref": value}
    return {f"Fn::{suffix}": value.split(".") if suffix == "GetAtt" and isinstance(value, str) else value}


Loader.add_multi_constructor("!", _function)


def read_template(text: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(text, Loader=Loader)
    return document


class Values:
    """A template with the values of an account and region in place of its references."""

    def __init__(self, template: Mapping[str, Any], region: str) -> None:
        self._resources = template["Resources"]
        parameters = template.get("Parameters") or {}
        self._known = {
            "AWS::AccountId": ACCOUNT, "AWS::Region": region, "AWS::Partition": "aws",
            **{name: one["Default"] for name, one in parameters.items() if "Default" in one},
        }  # fmt: skip

    def by_name(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(type, name or logical name) → properties."""
        found = {}
        for logical, one in self._resources.items():
            properties = self.value(one.get("Properties", {}))
            found[one["Type"], str(properties.get(_NAMES.get(one["Type"], ""), logical))] = properties
        return found

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if set(value) == {"Ref"}:
            return self._ref(value["Ref"])
        if set(value) == {"Fn::GetAtt"}:
            return self._arn(value["Fn::GetAtt"][0])
        if set(value) == {"Fn::Sub"}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: str(self._ref(found[1])), value["Fn::Sub"])
        if set(value) == {"Fn::Join"}:
            glue, parts = value["Fn::Join"]
            return glue.join(str(self.value(part)) for part in parts)
        return {key: self.value(item) for key, item in value.items()}

    def _ref(self, name: str) -> Any:
        if name in self._known:
            return self._known[name]
        one = self._resources[name]
        if one["Type"] == "AWS::Glue::Database":
            return self.value(one["Properties"]["DatabaseInput"]["Name"])
        return self.value(one["Properties"][_NAMES[one["Type"]]])

    def _arn(self, name: str) -> str:
        kind, ref, region = self._resources[name]["Type"], self._ref(name), self._known["AWS::Region"]
        forms = {
            "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{ref}",
            "AWS::Lambda::Function": f"arn:aws:lambda:{region}:{ACCOUNT}:function:{ref}",
            "AWS::S3::Bucket": f"arn:aws:s3:::{ref}",
        }
        return forms[kind]
