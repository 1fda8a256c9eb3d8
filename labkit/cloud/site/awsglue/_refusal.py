"""How the runtime says that a call is not there."""

from __future__ import annotations


class NotAvailableLocally(NotImplementedError):
    """A call of AWS's `awsglue` that the local runtime does not do."""


def refuse(call: str, instead: str = "") -> NotAvailableLocally:
    """The error to raise for a call that does not exist here yet; `instead` says what to type."""
    advice = f" {instead}" if instead else ""
    return NotAvailableLocally(f"{call} is not available in the local Glue runtime yet.{advice}")
