"""What was measured, and the three workloads, as objects that show themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.checks.evaluation.measured import Measurement
from labkit.checks.evaluation.model import ENGINES, GLUE, LAMBDA
from labkit.i18n import text
from labkit.ui.nodes import Card, Code, Inline, Line, Node, Quiet, Table, line
from labkit.ui.shown import Shown


@dataclass(frozen=True, repr=False)
class MeasuredView(Shown):
    """One engine's run: `seconds` by sample, `billed_s` and `size` as AWS multiplies them, `run_id` as AWS knows it."""

    run: Measurement
    calls: tuple[str, ...] = ()

    @property
    def seconds(self) -> dict[str, float]:
        return dict(self.run.seconds)

    @property
    def billed_s(self) -> float:
        return self.run.billed_s

    @property
    def size(self) -> float:
        return self.run.size

    @property
    def run_id(self) -> str:
        return self.run.run_id

    def view(self) -> Node:
        headers = (text("measured.sample"), text("measured.files"), text("measured.mb"), text("measured.seconds"))
        body = tuple(_row(name, self.run) for name in self.run.seconds)
        table = Table(text("measured.caption"), headers, body, frozenset({1, 2, 3}), keyed=True)
        told: list[Node] = [line(Code(call)) for call in self.calls]
        return Card(f"{self.run.engine} · {self.run.run_id}", (*told, table, self._billed()))

    def _billed(self) -> Line:
        facts = {"billed": f"{self.billed_s:g}", "size": f"{self.size:g}"}
        if self.run.engine == GLUE:
            return line(text("measured.billed_glue", **facts))
        if self.run.engine == LAMBDA:
            return line(text("measured.billed_lambda", **facts))
        return line(text("measured.billed_pandas"))


def _row(name: str, run: Measurement) -> tuple[Inline, ...]:
    sample = run.samples[name]
    return (name, str(sample.files), f"{sample.rows_mb:.1f}", f"{sample.seconds:.3f}")


@dataclass(frozen=True, repr=False)
class MeasuredTable(Shown):
    """Seconds of every sample by engine, and the prediction for the large CSV beside what it really took."""

    runs: Mapping[str, Measurement]
    predicted: Mapping[str, float]

    def view(self) -> Node:
        if not self.runs:
            return line(text("measured.nothing"))
        names = ("months", "csv", "files", "parquet")
        headers = ("", *names, text("measured.predicted"), text("measured.times"), text("measured.billed"))
        body = tuple(self._row(engine, names) for engine in self.runs)
        return Table(text("measured.all"), headers, body, frozenset(range(1, len(headers))), keyed=True)

    def _row(self, engine: str, names: tuple[str, ...]) -> tuple[Inline, ...]:
        run, guess = self.runs[engine], self.predicted.get(engine)
        spent = [f"{run.seconds[name]:.3f}" if name in run.seconds else "–" for name in names]
        known = guess and "csv" in run.seconds
        times = f"{run.seconds['csv'] / guess:.2f}" if known and guess else "–"
        billed = f"{run.billed_s:g}" if run.billed_s else "–"
        return (engine, *spent, f"{guess:g}" if guess else "–", times, billed)


@dataclass(frozen=True, repr=False)
class Workloads(Shown):
    """A student's three workloads: `workloads["steady"]` is the document that `choose` gets."""

    documents: Mapping[str, Mapping[str, Any]]

    def __getitem__(self, name: str) -> dict[str, Any]:
        return dict(self.documents[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)

    def view(self) -> Node:
        names = ("input_mb", "memory_mb", "runs_per_month", "workers", *(f"{engine}_s" for engine in ENGINES))
        measured = any(f"{engine}_s" in document for document in self.documents.values() for engine in ENGINES)
        rows = tuple(
            (name, *(f"{document[key]:,g}" if key in document else "–" for key in names))
            for name, document in self.documents.items()
        )
        table = Table(text("workloads.caption"), ("", *names), rows, frozenset(range(1, len(names) + 1)), keyed=True)
        told = [line(text("workloads.tiny")), line(text("workloads.nightly")), line(text("workloads.steady"))]
        note = text("workloads.estimated") if measured else text("workloads.unmeasured")
        return Card(text("workloads.title"), (*told, table, line(Quiet(note))))
