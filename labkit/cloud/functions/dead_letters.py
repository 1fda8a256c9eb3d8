"""DeadLetterConfig of functions, which moto forgets: kept here from the requests that set it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.documents import Documents

_KIND = "function-dead-letter"


class DeadLetters:
    """The dead-letter target of each function, by name."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def note(self, function: str, body: Mapping[str, Any], scope: Scope) -> None:
        """Remember the DeadLetterConfig of a CreateFunction or UpdateFunctionConfiguration request that was accepted."""
        if "DeadLetterConfig" in body:
            target = (body["DeadLetterConfig"] or {}).get("TargetArn") or ""
            self._documents.put(_KIND, scope, function, {"target": target})

    def find(self, function: str, scope: Scope) -> str | None:
        """The ARN of the queue or topic, or None."""
        document = self._documents.find(_KIND, scope, function)
        return (document["target"] or None) if document else None

    def forget(self, function: str, scope: Scope) -> None:
        """A deleted function has no dead-letter target."""
        self._documents.delete(_KIND, scope, function)
