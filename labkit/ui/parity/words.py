"""The words that every form of the table shares."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.i18n import text
from labkit.parity.rows import AWS, DIFFERS, ENGINE, NOT_RECORDED, REFUSED, SAME, Row

# What stands before each row, as the tones of `labkit.ui.nodes` have it.
TONES = {SAME: "good", DIFFERS: "warn", REFUSED: "bad"}


def name_status(status: str) -> str:
    """What becomes of a row, in the language of now."""
    return {SAME: text("parity.same"), DIFFERS: text("parity.differs"), REFUSED: text("parity.refused")}[status]


def tell_shown(row: Row) -> str:
    """What has been seen of a row on live AWS, by this project or by others, with the day."""
    if row.recorded != NOT_RECORDED:
        return text("parity.recorded_here", date=row.recorded)
    if not row.recordings:
        return text("parity.recorded_nobody")
    dates = sorted(source.date or text("parity.no_date") for source in row.recordings)
    return text("parity.recorded_others", dates=", ".join(dict.fromkeys(dates)))


def tell_counts(rows: Sequence[Row]) -> str:
    """How many rows run the same, differ and are not run."""
    counts = {status: sum(row.status == status for row in rows) for status in (SAME, DIFFERS, REFUSED)}
    return text("parity.counts", same=counts[SAME], differs=counts[DIFFERS], refused=counts[REFUSED])


def tell_evidence(rows: Sequence[Row]) -> str:
    """Of how many of these rows AWS's behaviour was seen, by whom, and how many rest on documents or on nothing named."""
    here = sum(row.recorded != NOT_RECORDED for row in rows)
    others = sum(bool(row.recordings) for row in rows)
    documents = sum(any(source.kind in (AWS, ENGINE) for source in row.sources) for row in rows)
    tested = sum(bool(row.evidence) for row in rows)
    facts = {"rows": len(rows), "here": here, "others": others, "documents": documents, "tested": tested}
    return text("parity.evidence_counts", **facts)
