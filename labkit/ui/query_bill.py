"""What Athena bills for one statement."""

from __future__ import annotations

from labkit.prices import Prices, compute_query_cost


def compute_bill(prices: Prices, kind: str, state: str, scanned_bytes: int, *, reused: bool) -> float:
    """Dollars for a statement of `kind` DML, DDL or UTILITY that ended in `state`.

    Failures, reused results and DDL are free, but CREATE TABLE … AS and EXPLAIN ANALYZE read; one that was cancelled is billed for what
    it had read by then.
    """
    reads = scanned_bytes > 0 or (kind == "DML" and state != "CANCELLED")
    return compute_query_cost(prices, scanned_bytes) if reads and state != "FAILED" and not reused else 0.0
