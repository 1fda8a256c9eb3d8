"""What the catalog holds in memory; each record has a document of its own on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]
Values = tuple[str, ...]
# Column statistics belong to the table (None) or to one partition.
StatisticsKey = tuple[Values | None, str]


@dataclass(frozen=True)
class Partition:
    """``position`` grows with each partition of the table; it is the order in which they are listed."""

    position: int
    document: Document


@dataclass
class Table:
    """``document`` is what GetTable shows; ``versions`` are the archived ones by id, the current one not among them."""

    document: Document
    versions: dict[str, Document] = field(default_factory=dict)
    partitions: dict[Values, Partition] = field(default_factory=dict)
    statistics: dict[StatisticsKey, Document] = field(default_factory=dict)
    indexes: dict[str, Document] = field(default_factory=dict)
    last_position: int = 0

    @property
    def keys(self) -> list[Document]:
        """The partition keys: ``Name`` and ``Type`` of each."""
        return self.document.get("PartitionKeys") or []


@dataclass
class Database:
    """``document`` is what GetDatabase shows."""

    document: Document
    tables: dict[str, Table] = field(default_factory=dict)
    functions: dict[str, Document] = field(default_factory=dict)
