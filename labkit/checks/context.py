"""What a check may look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labkit.aws.session import Clients
from labkit.checks.finding import NotAttempted
from labkit.checks.journal import Journal, open_journal
from labkit.checks.truth import Truth
from labkit.checks.values import MISSING, Function
from labkit.names import Names
from labkit.prices import Prices, load_prices
from labkit.settings import Settings


@dataclass(frozen=True)
class Answer:
    """What the student's function gave for one input: its value, or the text of the exception it raised."""

    value: Any = None
    error: str = ""


# (name of the value, one tuple of arguments a call) → one Answer a call
Ask = Callable[[str, Sequence[Sequence[Any]]], list[Answer]]


def _nobody(name: str, calls: Sequence[Sequence[Any]]) -> list[Answer]:
    raise LookupError(f"{name} cannot be called {len(calls)} times: no kernel is connected")


@dataclass(frozen=True)
class Context:
    """One check's surroundings: AWS, names, the student's values and journal, and the truth about the student's data.

    `values` are the named values that the check cell handed over, read by exact type (see labkit.checks.values).
    """

    clients: Clients
    settings: Settings
    truth: Truth
    journal: Journal
    values: Mapping[str, Any] = field(default_factory=dict)
    ask: Ask = _nobody

    @property
    def names(self) -> Names:
        return self.settings.names

    @property
    def account(self) -> str:
        return self.settings.target.account

    @property
    def region(self) -> str:
        return self.settings.target.region

    @property
    def prices(self) -> Prices:
        return load_prices(self.settings.prices)

    def get(self, name: str) -> Any:
        """The value that the check cell handed over. NotAttempted while it is still `...` or was not handed over."""
        value = self.values.get(name, MISSING)
        if value is MISSING:
            raise NotAttempted("check.value_missing", name=name)
        return value

    def call(self, name: str, calls: Sequence[Sequence[Any]]) -> list[Answer]:
        """Call the student's function `name` in the student's kernel, once for each tuple of arguments.

        Arguments must be plain JSON values. NotAttempted if the value is missing; one Answer with an error for each call if
        it is no function.
        """
        value = self.get(name)
        if not isinstance(value, Function):
            # What Python itself says of such a call, in either language.
            kind = getattr(value, "type", type(value).__name__)
            return [Answer(error=f"TypeError: '{kind}' object is not callable") for _ in calls]
        return self.ask(name, calls)


def build_context(
    settings: Settings, clients: Clients, values: Mapping[str, Any] | None = None, ask: Ask | None = None
) -> Context:
    """The context of one check, its journal and truth found from the settings."""
    return Context(clients, settings, Truth(settings), open_journal(settings), values or {}, ask or _nobody)
