"""What came of a file that was dropped into the raw bucket, hop by hop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from labkit.aws.glue_jobs import JobRun
from labkit.aws.invocations import Invocation
from labkit.aws.notifications import Rule
from labkit.i18n import text
from labkit.ui.figures import format_seconds, format_time, from_ms
from labkit.ui.glue_progress import format_size
from labkit.ui.job_result import STATES, JobResult
from labkit.ui.nodes import Block, Card, Chip, Code, Details, Line, Listing, Node, Quiet, line
from labkit.ui.shown import Shown

_MULTIPART_BYTES = 8 * 1024 * 1024
_LINES_SHOWN = 15


@dataclass(frozen=True, repr=False)
class DropResult(Shown):
    """What `lab.drop` gives back: the object, the function's invocation and the job run that followed, as far as they came."""

    bucket: str
    key: str
    size_bytes: int
    began_ms: int
    rules: Sequence[Rule] = field(default_factory=tuple)
    invocation: Invocation | None = None
    run: JobRun | None = None
    outcome: JobResult | None = None
    interrupted: bool = False

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def rule(self) -> Rule | None:
        """The rule of the bucket's notifications that takes this object, if any."""
        # Larger files go up in parts, and S3 tells of another event.
        event = "ObjectCreated:CompleteMultipartUpload" if self.size_bytes > _MULTIPART_BYTES else "ObjectCreated:Put"
        return next((rule for rule in self.rules if rule.takes_key(self.key) and rule.takes_event(event)), None)

    @property
    def state(self) -> str:
        """The run's state; before there is one: no-rule, not-taken, waiting, failed (the function) or no-run."""
        if self.outcome is not None:
            return self.outcome.state
        if self.rule is None:
            return "not-taken" if self.rules else "no-rule"
        if self.invocation is None:
            return "waiting"
        if self.invocation.error:
            return "failed"
        return self.run.state if self.run is not None else "no-run"

    def note(self) -> Shown:
        """One line that stays where the progress was."""
        return _Note(self)

    def chip(self) -> Chip:
        """How the chain ended, or where it stopped."""
        if self.outcome is not None or self.run is not None:
            word, tone = STATES.get(self.state, ("state.unknown", "note"))
            return Chip(text(word), tone)
        words = {
            "no-rule": Chip(text("drop.no_rule"), "warn"),
            "not-taken": Chip(text("drop.not_taken"), "warn"),
            "waiting": Chip(text("drop.waiting"), "run"),
            "failed": Chip(text("drop.failed"), "bad"),
            "no-run": Chip(text("drop.no_run"), "warn"),
        }
        return words[self.state]

    def view(self) -> Node:
        hops = Listing(tuple(self._hops()), ordered=True)
        inside: list[Node] = [*self._warnings(), hops, *self._function_log()]
        if self.outcome is not None:
            inside.append(self.outcome.view())
        return Card(text("drop.title", uri=self.uri), tuple(inside), self.chip())

    def _warnings(self) -> list[Node]:
        found: list[Node] = []
        if self.size_bytes == 0:
            found.append(line(Chip(text("drop.empty"), "warn"), text("drop.empty_why")))
        if not self.key.lower().endswith(".csv"):
            found.append(line(Chip(text("drop.not_csv"), "warn"), text("drop.not_csv_why")))
        if self.interrupted:
            found.append(line(Chip(text("drop.interrupted"), "warn"), text("drop.interrupted_why")))
        return found

    def _hops(self) -> list[Line]:
        at = format_time(from_ms(self.began_ms))
        hops = [
            line(Chip(text("drop.put"), "good"), Quiet(at), text("drop.put_what", size=format_size(self.size_bytes)))
        ]
        rule = self.rule
        if rule is None:
            return [*hops, self._no_event()]
        what = text("drop.rule_takes", prefix=rule.prefix or "—", suffix=rule.suffix or "—")
        hops.append(line(Chip(text("drop.event"), "good"), what, Code(rule.function)))
        hops.append(self._invocation(rule))
        if self.invocation is not None and not self.invocation.error and self.invocation.ended_ms is not None:
            hops.append(self._run())
        return hops

    def _no_event(self) -> Line:
        if not self.rules:
            return line(Chip(text("drop.no_event"), "warn"), text("drop.nobody_listens", bucket=self.bucket))
        filters = "; ".join(f"{rule.prefix or '—'} … {rule.suffix or '—'}" for rule in self.rules)
        return line(Chip(text("drop.no_event"), "warn"), text("drop.no_rule_takes", filters=filters))

    def _invocation(self, rule: Rule) -> Line:
        one = self.invocation
        if one is None:
            return line(Chip(text("drop.waiting"), "run"), text("drop.no_invocation", function=rule.function))
        at = Quiet(format_time(from_ms(one.started_ms)))
        if one.error:
            return line(Chip(text("drop.failed"), "bad"), at, one.error, Quiet(text("drop.retries")))
        tone = "run" if one.ended_ms is None else "good"
        return line(
            Chip(text("drop.invoked"), tone),
            at,
            text("drop.took", seconds=format_seconds(one.duration_ms / 1000)),
            Code(one.request),
        )

    def _run(self) -> Line:
        if self.run is None:
            return line(Chip(text("drop.no_run"), "warn"), text("drop.no_run_why"))
        return line(
            Chip(text("drop.run"), "good"), Quiet(format_time(self.run.started_on)), self.run.job, Code(self.run.id)
        )

    def _function_log(self) -> list[Node]:
        if self.invocation is None or not self.invocation.lines:
            return []
        title = text("drop.function_log", function=self.invocation.function)
        shown = "\n".join(self.invocation.lines[-_LINES_SHOWN:])
        return [Details(title, (Block(shown, title),), open=self.state in ("failed", "no-run"))]


@dataclass(frozen=True, repr=False)
class _Note(Shown):
    result: DropResult

    def view(self) -> Node:
        return line(self.result.chip(), Code(self.result.uri))
