"""Job arguments: `getResolvedOptions`, as AWS documents it."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Sequence
from typing import Any, NoReturn

from ._refusal import refuse

# The last resolved options; Relationalize reads TempDir here, as on AWS.
_global_args: dict[str, Any] = {}

_BOOKMARK_OPTIONS = ("job-bookmark-enable", "job-bookmark-disable", "job-bookmark-pause")
_LEGACY_OPTIONS = {
    "continuation-enabled": "job-bookmark-enable",
    "continuation-ignore": "job-bookmark-disable",
    "continuation-readonly": "job-bookmark-pause",
}
_RESERVED = ("job-bookmark-option", "continuation-option", "job-bookmark-from", "job-bookmark-to")
_RUNTIME_OWNED = ("JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "encryption-type", "enable-data-lineage")
_TEMPORARY = ("TempDir", "RedshiftTempDir")


class GlueArgumentError(Exception):
    """A job argument is missing or malformed."""


class GlueArgumentParser(argparse.ArgumentParser):
    """argparse that raises instead of ending the process."""

    def error(self, msg: str) -> NoReturn:  # AWS's parameter name
        raise GlueArgumentError(msg)


def _build_parser(options: Sequence[str]) -> GlueArgumentParser:
    parser = GlueArgumentParser()
    bookmark = parser.add_mutually_exclusive_group()
    bookmark.add_argument("--job-bookmark-option", choices=_BOOKMARK_OPTIONS)
    bookmark.add_argument("--continuation-option", choices=tuple(_LEGACY_OPTIONS))
    for name in ("job-bookmark-from", "job-bookmark-to", *_RUNTIME_OWNED, *_TEMPORARY):
        parser.add_argument(f"--{name}")
    for name in options:
        if name not in _TEMPORARY:
            parser.add_argument(f"--{name}", required=True)
    return parser


def _check_bookmark_range(resolved: dict[str, Any]) -> None:
    ends = [resolved["job_bookmark_from"], resolved["job_bookmark_to"]]
    if (ends[0] is None) != (ends[1] is None):
        raise RuntimeError(
            "Invalid job bookmark range: give both --job-bookmark-from and --job-bookmark-to, or neither."
        )
    if ends[0] is not None and resolved["job_bookmark_option"] != "job-bookmark-pause":
        raise RuntimeError("--job-bookmark-from and --job-bookmark-to need --job-bookmark-option job-bookmark-pause.")


def getResolvedOptions(args: Sequence[str], options: Sequence[str]) -> dict[str, Any]:
    """Job arguments by name. `args` is `sys.argv`; `options` are the names the script needs, all strings.

    Raises `GlueArgumentError` for a missing one and `RuntimeError` for a reserved name.
    """
    reserved = [name for name in options if name in _RESERVED]
    if reserved:
        raise RuntimeError(f"Using reserved arguments {', '.join(reserved)}")
    parsed, _ = _build_parser(options).parse_known_args(list(args)[1:])
    resolved = vars(parsed)
    legacy = resolved.pop("continuation_option")
    chosen = resolved["job_bookmark_option"] or _LEGACY_OPTIONS.get(legacy or "", "job-bookmark-disable")
    resolved["job_bookmark_option"] = chosen
    _check_bookmark_range(resolved)
    folder = resolved["TempDir"] or resolved["RedshiftTempDir"]
    resolved["TempDir"] = resolved["TempDir"] or folder
    resolved["RedshiftTempDir"] = resolved["RedshiftTempDir"] or folder
    _global_args.clear()
    _global_args.update(resolved)
    return resolved


def makeOptions(sc: Any, py_obj: dict[str, Any]) -> dict[str, Any]:
    """On AWS this becomes a Java object; here options stay a dict."""
    return dict(py_obj)


def _call_site(sc: Any, call_site: str, info: str) -> Any:
    raise refuse("awsglue.utils._call_site", "There is no Java object of a call site here.")


def _as_java_list(sc: Any, scala_seq_obj: Any) -> Any:
    raise refuse("awsglue.utils._as_java_list", "There are no Scala objects here; Python lists serve.")


def _as_scala_option(sc: Any, some_val: Any) -> Any:
    raise refuse("awsglue.utils._as_scala_option", "There are no Scala objects here; None stands for nothing.")


def _as_resolve_choiceOption(sc: Any, choice_option_str: str) -> Any:
    raise refuse("awsglue.utils._as_resolve_choiceOption", "resolveChoice takes the action as a string.")


def callsite() -> str:
    """Where the caller's caller is, as `file:line`."""
    frame = inspect.stack()[2]
    return f"{frame.filename}:{frame.lineno}"
