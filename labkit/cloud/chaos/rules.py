"""What somebody wants disturbed, read from a request and kept as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from labkit.cloud.call import AwsError

KINDS = ("duplicate", "delay", "reorder", "throttle")
# A day: longer than a class, and short enough that a forgotten rule does not keep events for ever.
MAX_DELAY_S = 86_400.0
DEFAULT_DELAY_S = 10.0
MAX_TIMES = 1_000_000
MAX_RULES = 100
_LONGEST = 1024
_FIELDS = frozenset({"kind", "bucket", "prefix", "function", "times", "seconds"})


@dataclass(frozen=True)
class Rule:
    """One rule: `times` is how often it still acts (None: until it is taken away), `seconds` the delay of the kind `delay`."""

    id: str
    kind: str
    bucket: str = ""
    prefix: str = ""
    function: str = ""
    times: int | None = 1
    seconds: float = 0.0
    created_at: str = ""

    def covers(self, bucket: str, key: str, function: str) -> bool:
        """Whether an event of a key for a function ("" for a queue or topic) is meant; an empty field means any."""
        of_bucket = self.bucket in ("", bucket) and key.startswith(self.prefix)
        return of_bucket and self.function in ("", function)

    def document(self) -> dict[str, Any]:
        return asdict(self)


def read_rule(body: Mapping[str, Any], rule_id: str, created_at: str) -> Rule:
    """The rule that a request asks for; AwsError ValidationException says what is wrong with it."""
    check_fields(body, _FIELDS)
    kind = body.get("kind")
    if kind not in KINDS:
        raise invalid(f"kind must be one of {', '.join(KINDS)} or replay, not {kind!r}")
    texts = {name: read_text(body, name) for name in ("bucket", "prefix", "function")}
    if kind == "throttle" and (texts["bucket"] or texts["prefix"]):
        raise invalid("throttle acts on invocations: name a function, not a bucket or prefix")
    if kind != "delay" and "seconds" in body:
        raise invalid(f"seconds belongs to delay, not to {kind}")
    times, seconds = _times(body.get("times", 1)), 0.0
    if kind == "delay":
        seconds = _seconds(body.get("seconds", DEFAULT_DELAY_S))
    return Rule(rule_id, kind, **texts, times=times, seconds=seconds, created_at=created_at)


def check_fields(body: Mapping[str, Any], known: frozenset[str]) -> None:
    """Refuse a field that nothing reads: a misspelt `buckets` must not disturb every bucket."""
    if unknown := sorted(set(body) - known):
        raise invalid(f"unknown field {', '.join(map(str, unknown))}; known are {', '.join(sorted(known))}")


def read_text(body: Mapping[str, Any], name: str) -> str:
    """A field that is a text or absent ("")."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"{name} must be a text, not {value!r}")
    if len(value or "") > _LONGEST:
        raise invalid(f"{name} is longer than any key ({_LONGEST} letters)")
    return value or ""


def invalid(message: str) -> AwsError:
    """What the page answers to input it cannot use."""
    return AwsError("ValidationException", message)


def _times(value: Any) -> int | None:
    if value in ("always", None):
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_TIMES:
        raise invalid(f'times must be a whole number from 1 to {MAX_TIMES}, or "always", not {value!r}')
    return value


def _seconds(value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value <= MAX_DELAY_S:
        raise invalid(f"seconds must be more than 0 and at most {MAX_DELAY_S:.0f}, not {value!r}")
    return float(value)
