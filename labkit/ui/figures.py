"""Numbers as people read them: money, time of day, durations, counts."""

from __future__ import annotations

from datetime import datetime, timezone

from labkit.i18n import text


def describe_usd(usd: float) -> str:
    """Dollars with cents beside them while they are small: `0.0147 USD (1.47 cents)`."""
    if usd == 0:
        return "0 USD"
    if usd >= 1:
        return f"{usd:,.2f} USD"
    return text("figure.cents", usd=_significant(usd), cents=_significant(usd * 100))


def format_usd(usd: float) -> str:
    """Dollars for the column of a table."""
    if 0 < usd < 0.000001:
        return "<0.000001"
    return "0" if usd == 0 else f"{usd:,.6f}" if usd < 1 else f"{usd:,.2f}"


def format_seconds(seconds: float) -> str:
    """`38 ms`, `1.4 s`, `2 min 5 s`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def format_time(at: datetime) -> str:
    """The time of day here, to the second, with the date when it is another day."""
    here = at.astimezone()
    day = "" if here.date() == datetime.now().astimezone().date() else here.strftime("%Y-%m-%d ")
    return f"{day}{here:%H:%M:%S}"


def from_ms(at_ms: int) -> datetime:
    """Epoch milliseconds as a time."""
    return datetime.fromtimestamp(at_ms / 1000, timezone.utc)


def _significant(amount: float) -> str:
    """Three figures, without an exponent."""
    digits = 2
    while amount < 10 ** (-digits + 2) and digits < 10:
        digits += 1
    return f"{amount:.{digits}f}".rstrip("0").rstrip(".")
