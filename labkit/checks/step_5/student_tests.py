"""Task 5.5: the student's tests, run by pytest against right handlers and against handlers with one fault each."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_5.sandbox import Reply, ask, start_child
from labkit.checks.step_5.variants import Variant, build_variants
from labkit.i18n import text

_FILE = "test_new_files.py"
# Nine times the student's tests, on a computer that may be busy.
PATIENCE_S = 30.0


def check_student_tests(context: Context) -> list[Finding]:
    """Good tests pass with every right handler and fail with every wrong one."""
    source = context.get("tests")
    if not isinstance(source, str):
        return [Finding(False, "task_5.tests_no_text", {"file": _FILE})]
    try:
        count = count_tests(source)
    except SyntaxError as error:
        return [Finding(False, "task_5.tests_syntax", {"line": error.lineno or 0, "error": error.msg})]
    if not count:
        raise NotAttempted("task_5.tests_none", file=_FILE)
    variants = build_variants()
    reply = run_tests(source, variants)
    if reply.error:
        return [Finding(False, "task_5.tests_died", {"error": reply.error})]
    outcomes: list[dict[str, Any]] = reply.value
    if errors := outcomes[0]["errors"]:
        return [Finding(False, "task_5.tests_unreadable", {"error": errors[0]})]
    right = [item for item, variant in zip(outcomes, variants, strict=True) if not variant.fault]
    wrong = [(item, variant) for item, variant in zip(outcomes, variants, strict=True) if variant.fault]
    accepted = _judge_right(right)
    if not any(item["passed"] or item["failed"] for item in outcomes):
        return [accepted]
    return [accepted, *(_judge_fault(item, variant) for item, variant in wrong)]


def count_tests(source: str) -> int:
    """How many functions pytest would take for tests. SyntaxError for what is no Python."""
    nodes = ast.walk(ast.parse(source))
    return sum(isinstance(node, ast.FunctionDef) and node.name.startswith("test") for node in nodes)


def run_tests(source: str, variants: Sequence[Variant]) -> Reply:
    """Run the tests once beside each variant; the value is a list of {"passed", "failed", "errors"} with names, in their order."""
    with tempfile.TemporaryDirectory(prefix="labkit-tests-") as place:
        names = [f"variant{number}" for number in range(len(variants))]
        root = Path(place).resolve() / "tests"
        for name, variant in zip(names, variants, strict=True):
            folder = root / name
            folder.mkdir(parents=True)
            (folder / "handler.py").write_text(variant.source, encoding="utf-8")
            (folder / _FILE).write_text(source, encoding="utf-8")
        variables = {
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "GLUE_JOB_NAME": "check",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        }
        with start_child(variables, Path(place)) as process:
            reply = ask(process, {"do": "pytest", "folder": str(root)}, PATIENCE_S)
    if reply.error:
        return reply
    nothing: dict[str, list[str]] = {"passed": [], "failed": [], "errors": []}
    return replace(reply, value=[reply.value.get(name, nothing) for name in names])


def _judge_right(outcomes: Sequence[dict[str, Any]]) -> Finding:
    failed = sorted({name for item in outcomes for name in item["failed"]})
    passed = min(len(item["passed"]) for item in outcomes)
    facts = {"failed": ", ".join(failed[:4]), "passed": passed}
    if failed:
        return Finding(False, "task_5.tests_too_strict", facts, "task_5.misconception.too_strict")
    return Finding(passed > 0, "task_5.tests_accept" if passed else "task_5.tests_nothing_ran", facts)


def _judge_fault(outcome: dict[str, Any], variant: Variant) -> Finding:
    caught = bool(outcome["failed"])
    facts = {"fault": text(variant.fault), "tests": ", ".join(outcome["failed"][:3])}
    return Finding(caught, "task_5.fault_caught" if caught else "task_5.fault_missed", facts)
