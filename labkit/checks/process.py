"""The check's own process: requests and answers as one JSON document a line, on standard input and output.

in   {"check": "4.2", "values": {name: exported value}, "endpoint": "http://…" or null}
out  {"ask": "choose", "calls": [[argument, …], …]}        as often as the check calls the student's function
in   {"answers": [{"value": exported value} or {"error": "TypeError: …"}, …]}
out  {"result": {…}}                                        CheckResult.as_document()
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from labkit.aws.session import Clients
from labkit.checks.context import Answer, Context, build_context
from labkit.checks.run import run_check
from labkit.checks.tasks import get_task
from labkit.checks.values import read_value
from labkit.settings import Settings, with_endpoint


def serve(requests: TextIO, settings: Settings) -> None:
    """Answer requests until the input ends."""
    # Whatever a library prints must not get between the documents.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    clients: dict[str | None, Clients] = {}
    _warm_up()
    for line in requests:
        request = json.loads(line)
        endpoint = request.get("endpoint")
        if endpoint not in clients:
            clients[endpoint] = Clients((with_endpoint(settings, endpoint) if endpoint else settings).target)
        channel = _Channel(requests, answers)
        values = {name: read_value(value) for name, value in request["values"].items()}
        context = build_context(settings, clients[endpoint], values, channel.ask)
        channel.send({"result": _check(request["check"], context)})


def _check(task_id: str, context: Context) -> dict[str, Any]:
    return run_check(get_task(task_id), context).as_document()


def _warm_up() -> None:
    """Load what many checks need while the student still reads."""
    import boto3  # noqa: F401
    import pyarrow.parquet  # noqa: F401


class _Channel:
    """The way back into the student's kernel during one check."""

    def __init__(self, requests: TextIO, answers: TextIO) -> None:
        self._requests = requests
        self._answers = answers

    def send(self, document: dict[str, Any]) -> None:
        # A fact may be any value of the student's: what JSON does not know is sent as its text.
        self._answers.write(json.dumps(document, default=str) + "\n")
        self._answers.flush()

    def ask(self, name: str, calls: Sequence[Sequence[Any]]) -> list[Answer]:
        self.send({"ask": name, "calls": [list(arguments) for arguments in calls]})
        said = json.loads(self._requests.readline())["answers"]
        return [
            Answer(error=str(item["error"])) if "error" in item else Answer(value=read_value(item["value"]))
            for item in said
        ]
