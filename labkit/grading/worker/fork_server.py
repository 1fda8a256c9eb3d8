"""`python -m labkit.grading.worker.fork_server`: a Python that has loaded pytest, nbval and all checks, and forks for each notebook.

Loading them takes more of the processor than running most notebooks; a worker pays it once, not once a notebook. Each notebook still has
a process of its own, which begins with nothing of the notebooks before it. One JSON document a line, on standard input and output:

in   {"words": [pytest's arguments], "folder": "…", "environ": {…}, "log": "file that gets what it prints"}
out  {"pid": 4711} once it runs, {"code": 0} once it has ended
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from labkit.grading.nbval_run import NEVER_LOADED

_SERVICES = ("athena", "cloudwatch", "glue", "iam", "lambda_", "logs", "s3")
# Nobody answers there: clients are made and never used.
_NOWHERE = "http://127.0.0.1:9"


def main() -> int:
    """Serve until the input ends; in a child, the exit code of its pytest."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    preload()
    # What is there now is nobody's garbage, and stays shared with the children.
    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            answers.close()
            return run_pytest(order)
        _tell(answers, {"pid": child})
        _tell(answers, {"code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])})
    return 0


def preload() -> None:
    """Load what a run needs, and what AWS's services look like."""
    sys.modules |= dict.fromkeys(NEVER_LOADED)  # type: ignore[arg-type]
    import ipykernel.kernelspec  # noqa: F401
    import jupyter_client.manager  # noqa: F401
    import nbval.plugin  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import pytest  # noqa: F401

    import labkit.grading.nbval_plugin
    import labkit.grading.worker.plugin  # noqa: F401
    from labkit.aws.session import Clients
    from labkit.checks.tasks import list_tasks
    from labkit.settings import read_settings, with_endpoint

    list_tasks()
    settings = with_endpoint(read_settings({}, Path(tempfile.gettempdir())), _NOWHERE)
    clients = Clients(settings.target)
    for service in _SERVICES:
        getattr(clients, service)


def run_pytest(order: dict[str, Any]) -> int:
    """Be the process that an order describes."""
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(log)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["folder"])
    tempfile.tempdir = None  # asked for before, in another environment
    sys.argv = ["pytest", *order["words"]]
    import pytest

    return int(pytest.console_main())


def _tell(answers: Any, document: dict[str, Any]) -> None:
    answers.write(json.dumps(document) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
