"""The errors a person is meant to read. Every one is a short lesson: what failed, why, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping


class LabError(Exception):
    """Root of every expected failure of labkit; the CLI shows it without a traceback.

    `what` names the failure and its resource, `cause` gives the reason (in AWS's words where AWS said it) and `next_step`
    what to type now. `key` and `facts` are optional: with them the CLI shows the catalogue's texts `<key>.what`, `<key>.cause`
    and `<key>.next` in the user's language, and the three English parts are the fallback.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        cause: str = "",
        next_step: str = "",
        *,
        key: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.cause = cause
        self.next_step = next_step
        self.key = key
        self.facts: dict[str, object] = dict(facts or {})

    def __str__(self) -> str:
        return "\n".join(part for part in (self.what, self.cause, self.next_step) if part)


class SettingsError(LabError):
    """An environment variable or a line of labkit.toml cannot be used."""


class CloudError(LabError):
    """The local cloud could not start, stop, or be reached."""


class AwsCallError(LabError):
    """An AWS call was refused; `cause` holds the code and message as AWS wrote them."""


class DataError(LabError):
    """A data file cannot be used as it is: empty, wrong columns, wrong encoding."""


class PipelineError(LabError):
    """A link of the chain S3 → Lambda → Glue → Athena broke, or did not answer in time."""


class UsageError(LabError):
    """The command line asks for something that does not exist."""

    exit_code = 2
