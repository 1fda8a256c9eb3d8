"""Which AWS calls the lab makes, read from its code: calls as data, cells of notebooks, boto3 clients."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
# What boto3 adds to the operations of a service.
ADDED = {"s3": {"upload_file", "download_file"}}
# Modules of labkit/steps whose calls belong to notebooks, beside those that hold a step's plan.
ALSO = {"bench": (8,), "practice": (5, 6), "function": (6,)}
# What turns a client's method into another operation.
_THROUGH = ("get_paginator", "get_waiter", "can_paginate", "generate_presigned_url")
_CLI = re.compile(r"\baws (\w+) ([a-z][a-z-]+)")
_CLI_HIGH_LEVEL = {"ls": "list_objects_v2", "cp": "upload_file"}


@cache
def operations(service: str) -> set[str]:
    """Every call of a service as boto3 spells it; empty for what is no service."""
    try:
        names = Loader().load_service_model(service, "service-2")["operations"]
    except UnknownServiceError:
        return set()
    return {xform_name(name) for name in names} | ADDED.get(service, set())


def planned_calls(path: Path) -> set[str]:
    """The calls that a module describes as `AwsCall("s3", "create_bucket", …)`.

    Where the operation is a variable, every operation of that service which the module names as a text.
    """
    source = path.read_text(encoding="utf-8")
    if "AwsCall(" not in source:
        return set()
    tree = ast.parse(source)
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "AwsCall":
            service, operation = node.args[:2]
            if not isinstance(service, ast.Constant) or not service.value:
                continue  # it writes down what somebody else called, or what no call made
            known = isinstance(operation, ast.Constant)
            names = {str(operation.value)} if known else texts & operations(str(service.value))
            found |= {f"{service.value}.{name}" for name in names}
    return found


def step_calls(module: str) -> set[str]:
    """The calls of a module of labkit/steps and of those whose `plan_…` it uses."""
    path = ROOT / "labkit" / "steps" / f"{module}.py"
    found = planned_calls(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        of_a_step = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("labkit.steps.")
        if of_a_step and any(name.name.startswith("plan_") for name in node.names):
            found |= step_calls(str(node.module).rpartition(".")[2])
    return found


def cell_calls(notebook: Path) -> set[str]:
    """The calls that the code cells of a notebook make: with boto3, with the AWS CLI, in the files that they write."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    found = {call for source in sources for call in _cli_calls(source)}
    clients: dict[str, str] = {}
    for source in sources:
        tree = ast.parse("\n".join(_without_magic(source)))
        clients |= dict(_made_clients(tree))
        found |= set(_called(tree, clients))
    return found


def client_calls(path: Path, services: set[str]) -> set[str]:
    """What looks like a call of a client that bears its service's name; the caller keeps those that are operations."""
    # `clients.glue.get_job(`, `retry(clients.lambda_.invoke, …)`, `s3.put_object(`, `glue.get_paginator("get_tables")`.
    call = re.compile(rf"(?<![a-z])({'|'.join(services)})_?\.(\w+)(?:\(\s*[\"'](\w+)[\"'])?")
    # `clients.find("budgets").describe_budget(`, `boto3.client("logs").get_log_events(`.
    named = re.compile(r"\b(?:client|find)\([\"']([\w-]+)[\"']\)\.(\w+)(?:\(\s*[\"'](\w+)[\"'])?")
    source = path.read_text(encoding="utf-8")
    found = [*call.findall(source), *named.findall(source)]
    return {f"{name}.{text if method in _THROUGH and text else method}" for name, method, text in found}


def _without_magic(source: str) -> Iterator[str]:
    for line in source.splitlines():
        magic = line.lstrip().startswith(("!", "%"))
        yield line[: len(line) - len(line.lstrip())] + "pass" if magic else line


def _cli_calls(source: str) -> Iterator[str]:
    for service, operation in _CLI.findall(source):
        plain = service.replace("s3api", "s3")
        yield f"{plain}.{_CLI_HIGH_LEVEL.get(operation, operation.replace('-', '_'))}"


def _made_clients(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (service := _client_of(node.value)):
            for target in node.targets:
                yield ast.unparse(target), service


def _client_of(node: ast.AST) -> str:
    """The service of `boto3.client("glue")` and `lab.client("glue")`, "" for anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "client" and node.args:
        first = node.args[0]
        return str(first.value) if isinstance(first, ast.Constant) else ""
    return ""


def _called(tree: ast.AST, clients: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        service = clients.get(ast.unparse(node.func.value)) or _client_of(node.func.value)
        first = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
        if service and node.func.attr not in ("meta", "close"):
            yield f"{service}.{first if node.func.attr in _THROUGH else node.func.attr}"
