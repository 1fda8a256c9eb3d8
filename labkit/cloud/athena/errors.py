"""Why a query failed, in Athena's own words."""

from __future__ import annotations

# ErrorCategory of GetQueryExecution's AthenaError: 1 system, 2 user, 3 other.
SYSTEM, USER = 1, 2


class QueryFailure(Exception):
    """A query that ends FAILED: ``name`` is Trino's error code, ``text`` what follows it."""

    def __init__(
        self, name: str, text: str, position: tuple[int, int] | None = None, category: int = USER, error_type: int = 1
    ) -> None:
        self.name = name
        self.position = position
        self.category = category
        self.error_type = error_type
        self.text = f"line {position[0]}:{position[1]}: {text}" if position else text
        super().__init__(self.reason)

    @property
    def reason(self) -> str:
        """StateChangeReason as Athena writes it: ``CODE: line 1:8: text``."""
        return f"{self.name}: {self.text}" if self.name else self.text


class MalformedQuery(QueryFailure):
    """Text that does not parse: StartQueryExecution itself answers InvalidRequestException, as on AWS."""

    def __init__(self, text: str, position: tuple[int, int] | None = None) -> None:
        super().__init__("", text, position)


def not_supported(text: str, position: tuple[int, int] | None = None) -> QueryFailure:
    """What this engine cannot do truthfully; the text names it."""
    return QueryFailure("NOT_SUPPORTED", f"{text} (not available in the local Athena)", position)
