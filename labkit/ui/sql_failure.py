"""Why a statement failed, as a lesson: Athena's words, the place in the SQL, and what to do about the kinds that are known."""

from __future__ import annotations

import re

from labkit.errors import PipelineError
from labkit.i18n import build_lesson, text
from labkit.ui.sql_text import point_at

# What Athena says, and the hint that goes with it; the first that fits is given.
_HINTS = (
    (
        r"(mismatched input|extraneous input|input near) '[^']*[^\x00-\x7f]",
        "sql.hint.accent",
    ),
    (r"mismatched input '`'|backquoted|backtick", "sql.hint.backtick"),
    (r"OFFSET", "sql.hint.offset"),
    (r"mismatched input '\\'", "sql.hint.backslash"),
    (r"WorkGroup \S+ (is not found|is disabled)", "sql.hint.workgroup"),
    (r"[Oo]utput ?(location|bucket)|outputLocation", "sql.hint.output"),
    (r"External keyword required|No location was specified", "sql.hint.create"),
    (r"SCHEMA_NOT_FOUND|(Database|Schema)\b.* (does not exist|not found)", "sql.hint.schema"),
    (r"TABLE_NOT_FOUND|(Table|Database|Schema)\b.* (does not exist|not found)", "sql.hint.missing"),
    (r"COLUMN_NOT_FOUND|cannot be resolved", "sql.hint.column"),
    (r"must be an aggregate expression", "sql.hint.group"),
    (r"Cannot apply operator|TYPE_MISMATCH", "sql.hint.types"),
    (r"DIVISION_BY_ZERO", "sql.hint.zero"),
    (r"INVALID_CAST_ARGUMENT", "sql.hint.cast"),
    (r"HIVE_BAD_DATA|HIVE_PARTITION_SCHEMA_MISMATCH", "sql.hint.bad_data"),
    (r"FUNCTION_NOT_FOUND|not registered", "sql.hint.function"),
    (r"not available in the local Athena", "sql.hint.local"),
    (r"Bytes scanned limit", "sql.hint.cutoff"),
    (r"PATH_ALREADY_EXISTS|already exists", "sql.hint.exists"),
)


# The same advice where there is no command line but a notebook.
_IN_NOTEBOOKS = {
    "sql.hint.backslash": "query.hint.backslash",
    "sql.hint.missing": "query.hint.missing",
    "sql.hint.schema": "query.hint.schema",
    "sql.hint.column": "query.hint.column",
    "sql.hint.workgroup": "query.hint.workgroup",
    "sql.hint.output": "query.hint.output",
    "sql.hint.none": "query.hint.none",
}


def build_failure(sql: str, reason: str) -> PipelineError:
    """The lesson of a statement that Athena refused or could not finish."""
    return _build(sql, reason, text(_find_hint(reason)))


def build_notebook_failure(sql: str, reason: str) -> PipelineError:
    """The same lesson for somebody in a notebook."""
    return _build(sql, reason, explain(reason))


def explain(reason: str) -> str:
    """What to do about a failure with these words of Athena's, in a notebook."""
    hint = _find_hint(reason)
    return text(_IN_NOTEBOOKS.get(hint, hint))


def _find_hint(reason: str) -> str:
    return next((key for pattern, key in _HINTS if re.search(pattern, reason)), "sql.hint.none")


def _build(sql: str, reason: str, hint: str) -> PipelineError:
    place = point_at(sql, reason)
    return build_lesson(
        PipelineError, "error.sql_failed", reason=reason, place="\n" + place if place else "", hint=hint
    )
