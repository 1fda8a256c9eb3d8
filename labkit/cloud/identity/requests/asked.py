"""A request, taken apart: what the service modules read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One call: botocore's names of service, operation and top-level parameters; `environ` holds the headers."""

    service: str
    operation: str
    params: Mapping[str, Any]
    region: str
    account: str
    environ: Mapping[str, Any]
    access_key: str | None = None

    def header(self, name: str) -> str:
        """A header's value, or an empty text."""
        return str(self.environ.get("HTTP_" + name.upper().replace("-", "_"), ""))

    def text(self, name: str) -> str:
        """A parameter that is a text or a number; empty when it is absent or something else."""
        value = self.params.get(name)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def texts_at(value: Any, path: str) -> list[str]:
    """The texts at a dotted path; lists on the way are gone through (`Entries.TableName`)."""
    if isinstance(value, list):
        return [text for item in value for text in texts_at(item, path)]
    if not path:
        return [str(value)] if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else []
    head, _, rest = path.partition(".")
    return texts_at(value[head], rest) if isinstance(value, Mapping) and head in value else []


def mappings_at(value: Any, path: str) -> Iterator[Mapping[str, Any]]:
    """The objects at a dotted path, through lists."""
    if isinstance(value, list):
        for item in value:
            yield from mappings_at(item, path)
    elif isinstance(value, Mapping):
        head, _, rest = path.partition(".")
        if not path:
            yield value
        elif head in value:
            yield from mappings_at(value[head], rest)
