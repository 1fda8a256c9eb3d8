"""Rehearsals: target aws against the session's cloud, each test a student of its own so that names are apart."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from labkit import i18n
from labkit.aws.session import Clients
from labkit.commands.confirming import identify
from labkit.run.inputs import build_lab
from labkit.settings import Settings, read_settings
from labkit.steps.lab import Lab
from labkit.steps.ledger import Ledger
from labkit.steps.ownership import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

READS = re.compile(r"(Get|List|Head|Describe|BatchGet)[A-Z]|Get$")


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    i18n.use_language("es")
    yield
    i18n.use_language("es")


@dataclass
class Rehearsal:
    """One student's lab on AWS, rehearsed."""

    settings: Settings
    clients: Clients
    lab: Lab
    ledger: Ledger
    environ: dict[str, str]
    calls: Counter[str] = field(default_factory=Counter)

    def listen(self) -> None:
        """Count every call from now on, as botocore makes it."""
        prepare(self.clients)
        for service in ("s3", "iam", "glue", "lambda", "athena", "logs"):
            self.clients.find(service).meta.events.register("before-call", self._count)

    def _count(self, model: Any, **_rest: Any) -> None:
        self.calls[model.name] += 1

    @property
    def changes(self) -> list[str]:
        return sorted(name for name in self.calls if not READS.match(name))


@pytest.fixture
def rehearse(cloud: Any, tmp_path: Path) -> Callable[[str], Rehearsal]:
    """`rehearse("ana")` is ana's lab; the student's name must be a test's own."""

    def build(student: str, **more: str) -> Rehearsal:
        environ = {
            "LABKIT_TARGET": "aws",
            "AWS_ENDPOINT_URL": cloud.endpoint_url,
            "LABKIT_STUDENT": student,
            "LABKIT_STATE": str(tmp_path / f"state {student}"),
            "LABKIT_LANG": "es",
            **more,
        }
        settings, _ = identify(read_settings(environ, tmp_path))
        lab = build_lab(settings)
        return Rehearsal(settings, Clients(settings.target), lab, Ledger(settings.state_dir, settings.target), environ)

    return build


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Rehearsal], None]:
    """Set this process's variables and folder as a shell of that student's has them."""

    def enter(rehearsal: Rehearsal) -> None:
        monkeypatch.chdir(tmp_path)
        for name, value in rehearsal.environ.items():
            monkeypatch.setenv(name, value)

    return enter
