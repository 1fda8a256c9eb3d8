"""The rows of the table: files `labkit/parity/table/*.json`, each an area with its rows in order, and the sources they cite."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
SAME = "same"
DIFFERS = "differs"
REFUSED = "refused"
STATUSES = (SAME, DIFFERS, REFUSED)
# What a source is: AWS's own word, what others recorded on a live account, the open engine that a service is made of.
AWS = "aws"
RECORDING = "recording"
ENGINE = "engine"
# `recorded` of a row that nobody of this project has seen on a live account.
NOT_RECORDED = "none"
Words = Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """Where a claim about AWS comes from. `date` is the day of a recording ("" where it is not known); `url` may be a path here."""

    key: str
    kind: str
    title: Words
    url: str
    date: str


@dataclass(frozen=True)
class Row:
    """One feature of `area`, which is all about `area_services`.

    `steps` are the notebooks that meet it, `calls` its AWS calls as boto3 spells them ("glue.start_job_run").
    `evidence` holds the tests that show what happens here, `sources` what is known of AWS; `recorded` is the day on which this
    project saw it on a live account, else "none"; `checked` the day on which somebody last went over the row and its tests.
    """

    id: str
    area: str
    area_services: tuple[str, ...]
    steps: tuple[int, ...]
    calls: tuple[str, ...]
    status: str
    what: Words
    how: Words
    evidence: tuple[str, ...]
    sources: tuple[Source, ...]
    recorded: str
    checked: str

    @property
    def recordings(self) -> tuple[Source, ...]:
        """What others recorded on live AWS about it."""
        return tuple(source for source in self.sources if source.kind == RECORDING)

    @property
    def services(self) -> set[str]:
        """The services of its calls and of its area, as boto3 names them."""
        return {*self.area_services, *(call.partition(".")[0] for call in self.calls)}


@dataclass(frozen=True)
class Area:
    """Rows that belong together; `note` says what no row can, "" for nothing."""

    name: str
    title: Words
    note: Words
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class StepCalls:
    """A notebook by its number: its title, and the AWS calls that its plan and its cells make."""

    number: int
    title: Words
    calls: tuple[str, ...]


@lru_cache(maxsize=1)
def load_sources() -> Mapping[str, Source]:
    """Every source by its key."""
    return {key: Source(key=key, **item) for key, item in _read(_FOLDER / "sources.json").items()}


@lru_cache(maxsize=1)
def load_areas() -> tuple[Area, ...]:
    """Read every file once, in the order that their `order` says. KeyError for a source that does not exist."""
    documents = [(path.stem, _read(path)) for path in sorted((_FOLDER / "table").glob("*.json"))]
    documents.sort(key=lambda pair: pair[1]["order"])
    return tuple(
        Area(name, document["title"], document.get("note", {}), tuple(_read_rows(name, document)))
        for name, document in documents
    )


@lru_cache(maxsize=1)
def load_steps() -> tuple[StepCalls, ...]:
    """The notebooks in their order."""
    document = _read(_FOLDER / "steps.json")
    return tuple(StepCalls(int(number), item["title"], tuple(item["calls"])) for number, item in document.items())


def load_rows() -> tuple[Row, ...]:
    """Every row of every area."""
    return tuple(row for area in load_areas() for row in area.rows)


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _read_rows(area: str, document: Mapping[str, Any]) -> Iterator[Row]:
    sources = load_sources()
    for item in document["rows"]:
        yield Row(
            id=item["id"],
            area=area,
            area_services=tuple(document.get("services", ())),
            steps=tuple(item["steps"]),
            calls=tuple(item["calls"]),
            status=item["status"],
            what=item["what"],
            how=item["how"],
            evidence=tuple(item["evidence"]),
            sources=tuple(sources[key] for key in item["sources"]),
            recorded=item["recorded"],
            checked=item["checked"],
        )
