"""Arguments of a job run as a student writes them in Python, in the spelling of Glue: `year=2024` is `--year 2024`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# Glue's own parameters have dashes, which no Python name can have.
_OF_GLUE = frozenset(
    {
        "--additional-python-modules", "--class", "--conf", "--continuous-log-logGroup", "--custom-logGroup-prefix",
        "--custom-logStream-prefix", "--datalake-formats", "--enable-auto-scaling", "--enable-continuous-cloudwatch-log",
        "--enable-glue-datacatalog", "--enable-job-insights", "--enable-metrics", "--enable-observability-metrics",
        "--enable-spark-ui", "--extra-files", "--extra-jars", "--extra-py-files", "--job-bookmark-from", "--job-bookmark-option",
        "--job-bookmark-to", "--job-language", "--python-modules-installer-option", "--spark-event-logs-path",
    }
)  # fmt: skip


def build_arguments(given: Mapping[str, Any]) -> dict[str, str]:
    """Names get their two dashes, values become text: true and false, JSON for lists and dicts."""
    return {_spell(name): _write(value) for name, value in given.items()}


def _spell(name: str) -> str:
    if name.startswith("--"):
        return name
    dashed = "--" + name.replace("_", "-")
    return dashed if dashed in _OF_GLUE else f"--{name}"


def _write(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
