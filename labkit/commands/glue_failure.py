"""Why a run failed, as a lesson: the message, the line of the script, and what to do about the kinds that are known."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from labkit.commands.glue_script import Script
from labkit.errors import PipelineError
from labkit.i18n import build_lesson, text
from labkit.ui.glue_error import build_excerpt, strip_verdict
from labkit.ui.glue_result import GlueResult

_REQUIRED = re.compile(r"GlueArgumentError: .*the following arguments are required: (.+)")
_NO_BUCKET = re.compile(r"NoSuchBucket: The specified bucket does not exist: ([\w.-]+)")
_NOT_FOUND = re.compile(
    r"PATH_NOT_FOUND|Path does not exist|No such file|FileNotFound|does not exist|InvalidInputException|cannot be read"
    r"|NoSuchBucket|NoSuchKey|Wrong FS|No FileSystem|not an s3",
    re.IGNORECASE,
)


def build_failure(result: GlueResult, script: Script) -> PipelineError:
    """The lesson of a run that ended in anything but SUCCEEDED."""
    message = strip_verdict(result.error) or result.state
    where = _describe_place(result, script)
    required = _REQUIRED.search(message)
    if required:
        missing = [name.strip() for name in required[1].split(",")]
        return build_lesson(
            PipelineError,
            "error.glue_arguments",
            job=result.job,
            missing=", ".join(missing),
            command=_build_command(result, missing),
            where=where,
        )
    if result.state == "TIMEOUT":
        return build_lesson(PipelineError, "error.glue_timeout", job=result.job, reason=message)
    bucket = _NO_BUCKET.search(message)
    if bucket:
        return build_lesson(
            PipelineError,
            "error.glue_no_bucket",
            job=result.job,
            state=result.state,
            reason=message,
            where=where,
            bucket=bucket[1],
        )
    local = _find_local_path(result.arguments, message)
    if local is not None:
        name, value = local
        return build_lesson(
            PipelineError,
            "error.glue_local_path",
            job=result.job,
            state=result.state,
            reason=message,
            where=where,
            name=name,
            value=value,
            file=Path(value).name,
        )
    return build_lesson(
        PipelineError,
        "error.glue_failed",
        job=result.job,
        state=result.state,
        reason=message,
        where=where,
        run=result.run,
    )


def _describe_place(result: GlueResult, script: Script) -> str:
    excerpt = build_excerpt(script.source, result.line) if result.line else ""
    if not excerpt:
        return ""
    return "\n".join(["", text("glue.at_line", file=result.script, line=result.line), excerpt])


def _build_command(result: GlueResult, missing: list[str]) -> str:
    given = [word for name, value in result.arguments.items() for word in ([name, value] if value else [name])]
    words = " ".join(shlex.quote(word) for word in [result.script, *given])
    return f"labkit glue run {words} {' '.join(f'{name} …' for name in missing)}"


def _find_local_path(arguments: Mapping[str, str], message: str) -> tuple[str, str] | None:
    """The argument that names something of this computer, when the message is about a place that was not found."""
    if not _NOT_FOUND.search(message):
        return None
    for name, value in arguments.items():
        if value and _is_local(value):
            return name, value
    return None


def _is_local(value: str) -> bool:
    if re.match(r"[A-Za-z][\w+.-]+://", value):
        return value.startswith("file:")
    if value.startswith(("./", "../", "/", "~", ".\\", "..\\")) or re.match(r"[A-Za-z]:[\\/]", value):
        return True
    try:
        return Path(value).exists()
    except (OSError, ValueError):
        return False
