r"""The inside of a function's worker process: what AWS calls the Python runtime.

Executed by path as ``python -I -S bootstrap.py <token> <preload> <site folders...>``. It loads the files `runtime_*.py`
from beside it and imports nothing of labkit, so that a function cannot see labkit either. Three pipes are all it has:

- standard input: one JSON document a line, ``init`` once and then ``invoke`` for each event. End of file means that the cloud is gone.
- standard output, duplicated and hidden from the function: one JSON document a line, the answer to each of those.
- standard error: everything that the function prints or logs. Text is free; a log record or the end of an invocation is a frame,
  ``\x1e<token><kind><8 hex digits of length><payload>``, so that a multi-line record stays one event as on AWS.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import importlib.machinery
import importlib.util
import json
import os
import queue
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, BinaryIO, cast

# A response above this is not sent on (`reply.MAX_RESPONSE_BYTES`): it would only be held in memory once more.
MAX_RESPONSE_BYTES = 6_291_556

# AWS's Python image carries boto3 and what boto3 needs, and nothing else: `import pandas` without a layer fails there, so it fails here.
PROVIDED = frozenset({"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"})

TaskError = dict[str, Any]


class ProvidedFinder:
    """Finds the packages of AWS's image in our site-packages, after the function's own folder and layers had their chance."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = list(folders)

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:  # noqa: ARG002 - the protocol's
        if path is not None or name not in PROVIDED:
            return None
        return importlib.machinery.PathFinder.find_spec(name, self._folders)


class Frames:
    """Writes framed messages to the log pipe, whole, from any thread."""

    def __init__(self, token: str, descriptor: int) -> None:
        self._mark = b"\x1e" + token.encode("ascii")
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def write(self, kind: str, payload: bytes) -> None:
        data = b"%s%s%08x%s" % (self._mark, kind.encode("ascii"), len(payload), payload)
        with self._lock:
            while data:
                data = data[os.write(self._descriptor, data) :]


class Parts:
    """The modules beside this file."""

    def __init__(self, context: Any, json: Any, logging: Any, pipes: Any) -> None:
        self.context = context
        self.json = json
        self.logging = logging
        self.pipes = pipes


class InitFailure(Exception):
    """The function cannot be loaded: AWS's error type, its words, and stack trace lines."""

    def __init__(self, kind: str, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, list(trace)


class Worker:
    """Loads one handler and calls it for each event. `parts` are the modules beside this file."""

    def __init__(self, frames: Frames, answers: int, parts: Parts) -> None:
        self._frames = frames
        self._answers = answers
        self._parts = parts
        self._pid = os.getpid()
        self._json_logs = False
        self._log_handler = parts.logging.FrameHandler(
            lambda text: frames.write("L", self._public(text).encode("utf-8", "replace"))
        )
        self._shown: list[tuple[str, str]] = []
        self._handler: Callable[[Any, Any], Any] | None = None

    def init(self, request: dict[str, Any]) -> None:
        os.environ.clear()
        os.environ.update(request["env"])
        if hasattr(time, "tzset"):
            time.tzset()
        os.chdir(request["cwd"])
        tempfile.tempdir = None
        sys.path[:0] = request["paths"]
        importlib.invalidate_caches()
        self._shown = [*((real, shown) for real, shown in request["shown"]), *own_places()]
        self._json_logs = request["json_logs"]
        self._parts.logging.set_up_logging(self._log_handler, json_logs=self._json_logs, level=request["level"])
        error: TaskError | None = None
        try:
            self._handler = load_handler(request["handler"])
        except InitFailure as failure:
            error = task_error(failure.message, failure.kind, "", [self._public(line) for line in failure.trace])
        except Exception as failure:  # noqa: BLE001 - a function may raise anything
            error = self._error_of(failure, "")
        if error is not None:
            self._log_error(error)
        self._end(request["request_id"], {"error": error})

    def invoke(self, request: dict[str, Any]) -> None:
        request_id = request["request_id"]
        self._log_handler.request_id = request_id
        if request.get("trace"):
            os.environ["_X_AMZN_TRACE_ID"] = request["trace"]
        try:
            answer = self._call(request)
        except Exception as failure:  # noqa: BLE001 - a function may raise anything
            error = failure.args[0] if isinstance(failure, MarshalFailure) else self._error_of(failure, request_id)
            self._leave_if_copied()
            self._log_error(error)
            answer = {"payload": json.dumps(error), "failed": True}
        self._leave_if_copied()
        self._end(request_id, answer)

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._handler is not None
        result = self._handler(json.loads(request["payload"]), self._parts.context.LambdaContext(request))
        if isinstance(result, bytes):
            too_large = len(result) > MAX_RESPONSE_BYTES
            return {"too_large": True} if too_large else {"bytes": base64.b64encode(result).decode("ascii")}
        try:
            text = self._parts.json.write_response(result, os.environ.get("AWS_EXECUTION_ENV"))
        except Exception as failure:  # noqa: BLE001 - a function may raise anything
            message = f"Unable to marshal response: {failure}"
            raise MarshalFailure(task_error(message, "Runtime.MarshalError", request["request_id"], [])) from None
        too_large = len(text) > MAX_RESPONSE_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_RESPONSE_BYTES
        return {"too_large": True} if too_large else {"payload": text}

    def _leave_if_copied(self) -> None:
        """A handler may fork and let the copy return too: the copy has no invocation to answer."""
        if os.getpid() != self._pid:
            os._exit(0)

    def _error_of(self, failure: BaseException, request_id: str) -> TaskError:
        lines = [self._public(line) for line in own_frames(failure.__traceback__)]
        return task_error(words_of(failure), type(failure).__name__, request_id, lines)

    def _public(self, line: str) -> str:
        for real, shown in self._shown:
            line = line.replace(real, shown)
        return line

    def _log_error(self, error: TaskError) -> None:
        flush_output()
        text = self._parts.logging.error_text(error, json_logs=self._json_logs)
        self._frames.write("L", text.encode("utf-8", "replace"))

    def _end(self, request_id: str, answer: dict[str, Any]) -> None:
        """First the mark behind the last log line, then the answer; it names its request, since others may write here."""
        flush_output()
        self._frames.write("E", request_id.encode("ascii"))
        data = json.dumps({**answer, "id": request_id}).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self._answers, data) :]


class MarshalFailure(Exception):
    """Carries the finished error document of a response that is not JSON."""


def load_handler(handler: str) -> Callable[[Any, Any], Any]:
    """Import ``package/module.function`` and return the function; InitFailure carries AWS's error type and words."""
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as failure:
        raise InitFailure("Runtime.MalformedHandlerName", f"Bad handler '{handler}': {failure}") from None
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise InitFailure("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as failure:
        raise InitFailure("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {failure}") from None
    except SyntaxError as failure:
        trace = [f'  File "{failure.filename}" Line {failure.lineno}\n    {(failure.text or "").rstrip()}\n']
        raise InitFailure(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {failure}", trace
        ) from None
    if not hasattr(module, function_name):
        raise InitFailure("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")
    return cast("Callable[[Any, Any], Any]", getattr(module, function_name))


def own_frames(trace: TracebackType | None) -> list[str]:
    """The formatted frames after our own ones; importlib's stay, as on AWS."""
    frames = [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(trace)]
    while frames and frames[0][0] == __file__:
        frames.pop(0)
    return traceback.format_list(cast("list[Any]", frames))


def task_error(message: str, kind: str, request_id: str, trace: list[str]) -> TaskError:
    """AWS's error document."""
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def words_of(failure: BaseException) -> str:
    """An exception's text; one whose text raises has its name."""
    try:
        return str(failure)
    except Exception:  # noqa: BLE001 - a __str__ of the function's own
        return type(failure).__name__


def own_places() -> list[tuple[str, str]]:
    """Where this Python and the packages of AWS's image lie here, and there."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = (str(Path(os.__file__).parent), f"/var/lang/lib/{version}")
    provided = [(folder, "/var/runtime") for finder in sys.meta_path for folder in getattr(finder, "_folders", ())]
    return [*provided, library]


def flush_output() -> None:
    """What was printed goes out; a function may have closed or replaced the streams."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def die_with_cloud() -> None:
    """On Linux the kernel ends this process with the thread that started it, even when the cloud is killed with -9.

    It also gives us what our children leave behind when they end, so that the cloud finds everything a function started.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    prctl(1, signal.SIGKILL, 0, 0, 0)  # 1 is PR_SET_PDEATHSIG
    prctl(36, 1, 0, 0, 0)  # 36 is PR_SET_CHILD_SUBREAPER


def read_requests(source: BinaryIO, inbox: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Feed requests to the main thread; at end of file the cloud is gone, and so are we and whatever the handler started."""
    for line in source:
        inbox.put(json.loads(line))
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def import_ahead() -> None:
    """Import boto3 and all that a first client imports, before anyone waits for it. The client made here is thrown away."""
    import botocore.session

    importlib.import_module("boto3")
    session = botocore.session.Session()
    session.create_client("sts", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")  # noqa: S106 - of nobody


def load_parts() -> Parts:
    """The modules beside this file, without a path that a function could import them by."""
    names = ("runtime_context", "runtime_json", "runtime_logging", "runtime_pipes")
    return Parts(*(load_beside(name) for name in names))


def load_beside(name: str) -> Any:
    """A module of this folder."""
    path = Path(__file__).resolve().with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"labkit_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Serve requests until the input ends."""
    token, preload, *folders = sys.argv[1:]
    del sys.argv[1:]
    sys.dont_write_bytecode = True
    parts = load_parts()
    sys.meta_path.append(cast("Any", ProvidedFinder(folders)))
    source, answers, log = parts.pipes.take_pipes()
    die_with_cloud()
    inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=read_requests, args=(source, inbox), daemon=True).start()
    if preload == "1":
        import_ahead()
    worker = Worker(Frames(token, log), answers, parts)
    while True:
        request = inbox.get()
        if request["type"] == "init":
            worker.init(request)
        else:
            worker.invoke(request)


if __name__ == "__main__":
    main()
