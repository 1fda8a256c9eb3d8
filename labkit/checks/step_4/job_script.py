"""What a Glue script does, read from its source: which calls it makes and whether its source has a name for bookmarks."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from labkit.checks.context import Context

_SOURCES = ("from_catalog", "from_options", "create_dynamic_frame_from_catalog", "create_dynamic_frame_from_options")


@dataclass(frozen=True)
class JobScript:
    """`calls` are the last words of the calls made; `named_source` is True when a source has a transformation_ctx."""

    calls: frozenset[str]
    named_source: bool
    error: str = ""

    @property
    def reads_dynamic_frame(self) -> bool:
        return bool(self.calls & {"create_dynamic_frame", *_SOURCES})

    @property
    def keeps_bookmark(self) -> bool:
        return {"init", "commit"} <= self.calls

    @property
    def is_empty(self) -> bool:
        return not self.calls and not self.error


def read_script(context: Context, uri: str) -> JobScript:
    """The script at an `s3://` address; one that is missing or no Python has an `error`."""
    from botocore.exceptions import ClientError

    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        body = context.clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return parse_script(body.decode("utf-8"))
    except ClientError as error:
        return JobScript(frozenset(), named_source=False, error=f"{uri}: {error.response['Error']['Code']}")
    except UnicodeDecodeError:
        return JobScript(frozenset(), named_source=False, error=f"{uri}: UTF-8?")


def parse_script(source: str) -> JobScript:
    """The calls of a script; comments and texts do not count."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return JobScript(frozenset(), named_source=False, error=f"SyntaxError: {error.msg} ({error.lineno})")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    paths = [ast.unparse(call.func) for call in calls]
    named = any(
        path.rsplit(".", 1)[-1] in _SOURCES and "create" in path and _has_context(call)
        for call, path in zip(calls, paths, strict=True)
    )
    words = {word for path in paths for word in (path.rsplit(".", 1)[-1], *path.split(".")[-2:-1])}
    return JobScript(frozenset(words), named)


def _has_context(call: ast.Call) -> bool:
    for word in call.keywords:
        if word.arg == "transformation_ctx":
            return not (isinstance(word.value, ast.Constant) and not word.value.value)
    return False
