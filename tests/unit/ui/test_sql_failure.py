"""A failed statement is a lesson: Athena's words, the place, and a hint that fits the kind."""

from __future__ import annotations

import pytest

from labkit.i18n import use_language
from labkit.ui.sql_failure import build_failure


@pytest.fixture(autouse=True)
def _english() -> None:
    use_language("en")


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("line 1:9: mismatched input 'ñ'. Expecting: ','", '"año"'),
        ("FAILED: ParseException line 1:16 cannot recognize input near 'ñ' 'o' in create database statement", "`año`"),
        ("line 1:8: mismatched input '`'. Expecting: <expression>", "backticks are for DDL"),
        ("TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.db.t' does not exist", "SHOW TABLES"),
        ("SCHEMA_NOT_FOUND: line 1:15: Schema 'default' does not exist", "SHOW DATABASES"),
        ("line 1:1: mismatched input '\\'. Expecting: 'ALTER'", "for the prompt only"),
        ("WorkGroup nope is not found.", "list-work-groups"),
        ("WorkGroup nope is disabled.", "list-work-groups"),
        ("outputLocation is not a valid S3 path: bad", "--output s3://"),
        ("Unable to verify/create output bucket nada", "--output s3://"),
        ("No location was specified for table. An S3 location must be specified", "CREATE EXTERNAL TABLE t"),
        ("COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved or requester is not authorized", "single quotes"),
        ("TYPE_MISMATCH: line 1:9: Cannot apply operator: varchar(1) = integer", "CAST(x AS type)"),
        ("DIVISION_BY_ZERO: Division by zero", "NULLIF(x, 0)"),
        ("INVALID_CAST_ARGUMENT: Cannot cast 'a' to INT", "TRY_CAST"),
        ("HIVE_BAD_DATA: Field x's type INT64 in parquet file is incompatible with type string", "crawl again"),
        ("FUNCTION_NOT_FOUND: line 1:8: Function 'strftime' not registered", "no such function"),
        ("NOT_SUPPORTED: line 1:1: the function x() (not available in the local Athena)", "docs/parity.md"),
        (
            "EXPRESSION_NOT_AGGREGATE: line 1:8: 'a' must be an aggregate expression or appear in GROUP BY clause",
            "GROUP BY",
        ),
        ("Query cancelled! : Bytes scanned limit was exceeded", "workgroup limits"),
        ("GENERIC_INTERNAL_ERROR: something that does not exist", "repeat the command"),
    ],
)
def test_the_hint_fits_the_kind(reason: str, hint: str) -> None:
    failure = build_failure("SELECT x", reason)
    assert reason in failure.cause
    assert hint in failure.next_step


def test_the_place_is_shown_under_the_reason() -> None:
    assert build_failure("SELECT nada FROM t", "COLUMN_NOT_FOUND: line 1:8: Column 'nada'").cause.endswith(
        "SELECT nada FROM t\n         ^"
    )
