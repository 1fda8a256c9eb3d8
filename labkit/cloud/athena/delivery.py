"""What a finished query leaves in S3, and what GetQueryResults reads back from there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labkit.cloud.athena.denials import output_denied
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.records import ACTIVE, Execution
from labkit.cloud.athena.requests import invalid
from labkit.cloud.athena.results import column_info, decode_token, encode_token, metadata_bytes, read_lines, read_page
from labkit.cloud.athena.types import BIGINT
from labkit.cloud.athena.work import Outcome
from labkit.cloud.call import AwsError
from labkit.cloud.identity.authorizer import is_denied

_PAGE = 1000
_WRITTEN = (column_info("rows", BIGINT),)


def deliver(
    store: Any, execution: Execution, outcome: Outcome, columns: tuple[dict[str, Any], ...], scratch: Path
) -> tuple[int, str | None]:
    """Put the result, its ``.metadata`` and the manifest; bytes of the result and the manifest's address."""
    written = _write(store, execution, outcome, columns, scratch)
    if not outcome.manifest:
        return written, None
    place = execution.output_location.removesuffix(".csv")
    _put(store, f"{place}-manifest.csv", "\n".join(outcome.manifest).encode() + b"\n")
    _put(store, f"{place}.metadata", metadata_bytes(columns or _WRITTEN))
    return written, f"{place}-manifest.csv"


def _write(
    store: Any, execution: Execution, outcome: Outcome, columns: tuple[dict[str, Any], ...], scratch: Path
) -> int:
    if outcome.csv is None and outcome.lines is None:
        return 0
    path = outcome.csv or scratch / "result.txt"
    if outcome.lines is not None:
        path.write_text("".join(line + "\n" for line in outcome.lines), encoding="utf-8")
    size = path.stat().st_size
    _put(store, execution.output_location, path)
    _put(store, execution.output_location + ".metadata", metadata_bytes(columns))
    return size


def _put(store: Any, location: str, body: Path | bytes) -> None:
    bucket, key = location.removeprefix("s3://").split("/", 1)
    try:
        store.put(bucket, key, body, "application/octet-stream")
    except AwsError as failure:
        if is_denied(failure):
            raise output_denied(location, failure) from None
        missing = failure.code == "NoSuchBucket"
        text = (
            f"Unable to verify/create output bucket {bucket}"
            if missing
            else f"Failed to write query results: {failure}"
        )
        raise QueryFailure("", text) from None


def results_page(store: Any, execution: Execution, params: Mapping[str, Any]) -> dict[str, Any]:
    """One page of GetQueryResults, read from the result object in S3 as AWS does."""
    if execution.state in ACTIVE:
        raise invalid(f"Query has not yet finished. Current state: {execution.state}")
    if execution.state != "SUCCEEDED":
        raise invalid(f"Query did not finish successfully. Final query state: {execution.state}")
    if params.get("QueryResultType") == "DATA_MANIFEST":
        raise AwsError("NotImplemented", "labkit's local Athena has no managed query results (DATA_MANIFEST)", 501)
    limit = params.get("MaxResults", _PAGE)
    if not 1 <= limit <= _PAGE:
        raise invalid("MaxResults is more than maximum allowed length 1000.")
    rows, following = _rows(store, execution, params.get("NextToken"), limit)
    shown = [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows]
    columns = list(execution.columns) or _written_columns(execution)
    found: dict[str, Any] = {
        "UpdateCount": execution.update_count or 0,
        "ResultSet": {"Rows": shown, "ResultSetMetadata": {"ColumnInfo": columns}},
    }
    if following is not None:
        found["NextToken"] = encode_token(execution.id, following)
    return found


def _written_columns(execution: Execution) -> list[dict[str, Any]]:
    """What Trino calls the answer of a statement that writes; it has no rows in the result."""
    return list(_WRITTEN) if execution.update_count is not None else []


def _rows(store: Any, execution: Execution, token: str | None, limit: int) -> tuple[list[list[str | None]], int | None]:
    offset = decode_token(execution.id, token) if token else 0
    if not execution.output_location.endswith((".csv", ".txt")):
        return [], None
    bucket, key = execution.output_location.removeprefix("s3://").split("/", 1)
    try:
        stored = store.find(bucket, key)
    except AwsError as error:
        if is_denied(error):
            raise AwsError("AccessDeniedException", error.message) from None
        stored = None
    if stored is None:
        raise invalid(f"Query results were not found at {execution.output_location}: the object was deleted")
    reader = read_page if key.endswith(".csv") else read_lines
    return reader(stored.path, offset, limit)
