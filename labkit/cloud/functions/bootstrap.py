r"""The inside of a function's worker process: what AWS calls the Python runtime.

Executed by path as ``python -I -S bootstrap.py <token> <preload> <site folders...>``. It is one self-contained file and imports
nothing of labkit, so that a function cannot see labkit either. Three pipes are all it has:

- standard input: one JSON document a line, ``init`` once and then ``invoke`` for each event. End of file means that the cloud is gone.
- standard output, duplicated and hidden from the function: one JSON document a line, the answer to each of those.
- standard error: everything that the function prints or logs. Text is free; a log record or the end of an invocation is a frame,
  ``\x1e<token><kind><8 hex digits of length><payload>``, so that a multi-line record stays one event as on AWS.
"""

from __future__ import annotations

import decimal
import importlib
import importlib.machinery
import io
import json
import logging
import os
import queue
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from types import ModuleType, TracebackType
from typing import Any, BinaryIO, cast

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

    def __init__(self, token: str) -> None:
        self._mark = b"\x1e" + token.encode("ascii")
        self._lock = threading.Lock()

    def write(self, kind: str, payload: bytes) -> None:
        data = b"%s%s%08x%s" % (self._mark, kind.encode("ascii"), len(payload), payload)
        with self._lock:
            while data:
                data = data[os.write(2, data) :]


class FrameHandler(logging.Handler):
    """The handler that AWS puts on the root logger."""

    def __init__(self, frames: Frames) -> None:
        super().__init__()
        self._frames = frames
        self.request_id = ""

    def emit(self, record: logging.LogRecord) -> None:
        record.aws_request_id = self.request_id
        try:
            sys.stdout.flush()
            self._frames.write("L", self.format(record).encode("utf-8", "replace"))
        except Exception:  # noqa: BLE001 - a record may hold anything
            self.handleError(record)


class Identity:
    """The caller's Cognito identity; a local cloud has none."""

    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


class Client:
    """The mobile app of a client context."""

    def __init__(self, document: dict[str, Any]) -> None:
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, document.get(name))


class ClientContext:
    """What the caller passed in ClientContext."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.custom = document.get("custom")
        self.env = document.get("env")
        self.client = Client(document["client"]) if document.get("client") else None


class LambdaContext:
    """The second argument of a handler, with AWS's names and types (``memory_limit_in_mb`` is a str there too)."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.aws_request_id: str = request["request_id"]
        self.invoked_function_arn: str = request["arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self.client_context = ClientContext(request["client_context"]) if request.get("client_context") else None
        self.identity = Identity()
        self.tenant_id: str | None = None
        self._deadline_ms: float = request["deadline_ms"]

    def get_remaining_time_in_millis(self) -> int:
        return max(int(self._deadline_ms - time.time() * 1000), 0)

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))

    def __repr__(self) -> str:
        names = (
            "aws_request_id",
            "log_group_name",
            "log_stream_name",
            "function_name",
            "memory_limit_in_mb",
            "function_version",
        )
        inside = ",".join(
            f"{name}={getattr(self, name)}" for name in (*names, "invoked_function_arn", "client_context")
        )
        return f"LambdaContext([{inside}])"


class InitFailure(Exception):
    """The function cannot be loaded: AWS's error type, its words, and stack trace lines."""

    def __init__(self, kind: str, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, list(trace)


class Worker:
    """Loads one handler and calls it for each event."""

    def __init__(self, frames: Frames, answers: BinaryIO) -> None:
        self._frames = frames
        self._answers = answers
        self._log_handler = FrameHandler(frames)
        self._shown: list[tuple[str, str]] = []
        self._handler: Callable[[Any, LambdaContext], Any] | None = None

    def init(self, request: dict[str, Any]) -> None:
        os.environ.clear()
        os.environ.update(request["env"])
        if hasattr(time, "tzset"):
            time.tzset()
        os.chdir(request["cwd"])
        tempfile.tempdir = None
        sys.path[:0] = request["paths"]
        importlib.invalidate_caches()
        self._shown = [(real, shown) for real, shown in request["shown"]]
        self._set_up_logging()
        error: TaskError | None = None
        try:
            self._handler = load_handler(request["handler"])
        except InitFailure as failure:
            error = task_error(failure.message, failure.kind, "", [self._public(line) for line in failure.trace])
        except Exception as failure:  # noqa: BLE001 - a function may raise anything
            error = self._error_of(failure, "")
        if error is not None:
            self._log_error(error)
        self._end(request["request_id"])
        self._answer({"error": error})

    def invoke(self, request: dict[str, Any]) -> None:
        request_id = request["request_id"]
        self._log_handler.request_id = request_id
        if request.get("trace"):
            os.environ["_X_AMZN_TRACE_ID"] = request["trace"]
        try:
            payload, failed = self._call(request), False
        except Exception as failure:  # noqa: BLE001 - a function may raise anything
            error = failure.args[0] if isinstance(failure, MarshalFailure) else self._error_of(failure, request_id)
            self._log_error(error)
            payload, failed = json.dumps(error), True
        self._end(request_id)
        self._answer({"payload": payload, "failed": failed})

    def _call(self, request: dict[str, Any]) -> str:
        assert self._handler is not None
        result = self._handler(json.loads(request["payload"]), LambdaContext(request))
        try:
            return json.dumps(result, default=plain_number, ensure_ascii=False)
        except Exception as failure:  # noqa: BLE001 - a function may raise anything
            message = f"Unable to marshal response: {failure}"
            raise MarshalFailure(task_error(message, "Runtime.MarshalError", request["request_id"], [])) from None

    def _error_of(self, failure: BaseException, request_id: str) -> TaskError:
        lines = [self._public(line) for line in own_frames(failure.__traceback__)]
        return task_error(str(failure), type(failure).__name__, request_id, lines)

    def _public(self, line: str) -> str:
        for real, shown in self._shown:
            line = line.replace(real, shown)
        return line

    def _log_error(self, error: TaskError) -> None:
        sys.stdout.flush()
        head = f"[ERROR] {error['errorType']}: {error['errorMessage']}\nTraceback (most recent call last):\n"
        self._frames.write("L", (head + "".join(error["stackTrace"])).encode("utf-8", "replace"))

    def _end(self, request_id: str) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self._frames.write("E", request_id.encode("ascii"))

    def _answer(self, document: dict[str, Any]) -> None:
        data = json.dumps(document).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self._answers.fileno(), data) :]

    def _set_up_logging(self) -> None:
        layout = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
        formatter = logging.Formatter(layout, "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        self._log_handler.setFormatter(formatter)
        logging.getLogger().addHandler(self._log_handler)


class MarshalFailure(Exception):
    """Carries the finished error document of a response that is not JSON."""


def load_handler(handler: str) -> Callable[[Any, LambdaContext], Any]:
    """Import ``package/module.function`` and return the function; InitFailure carries AWS's error type and words."""
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as failure:
        raise InitFailure("Runtime.MalformedHandlerName", f"Bad handler '{handler}': {failure}") from None
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
    return cast("Callable[[Any, LambdaContext], Any]", getattr(module, function_name))


def own_frames(trace: TracebackType | None) -> list[str]:
    """The formatted frames of the function's own code: ours and importlib's before it are left out."""
    frames = [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(trace)]
    while frames and (frames[0][0] == __file__ or "importlib" in frames[0][0]):
        frames.pop(0)
    return traceback.format_list(cast("list[Any]", frames))


def task_error(message: str, kind: str, request_id: str, trace: list[str]) -> TaskError:
    """AWS's error document."""
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def plain_number(value: object) -> object:
    """Numbers of DynamoDB and of databases (Decimal) are JSON numbers in a Lambda response."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def die_with_cloud() -> None:
    """On Linux the kernel ends this process with the thread that started it, even when the cloud is killed with -9."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # 1 is PR_SET_PDEATHSIG


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


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two protocol pipes to ourselves; the function's stdin is empty, its stdout and stderr are the log pipe."""
    source = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = io.TextIOWrapper(
        io.FileIO(1, "w", closefd=False), encoding="utf-8", errors="replace", line_buffering=True
    )
    sys.stderr = io.TextIOWrapper(
        io.FileIO(2, "w", closefd=False), encoding="utf-8", errors="replace", line_buffering=True
    )
    return source, cast("BinaryIO", answers)


def main() -> None:
    """Serve requests until the input ends."""
    token, preload, *folders = sys.argv[1:]
    del sys.argv[1:]
    sys.dont_write_bytecode = True
    sys.meta_path.append(cast("Any", ProvidedFinder(folders)))
    source, answers = take_pipes()
    die_with_cloud()
    inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=read_requests, args=(source, inbox), daemon=True).start()
    if preload == "1":
        import_ahead()
    worker = Worker(Frames(token), answers)
    while True:
        request = inbox.get()
        if request["type"] == "init":
            worker.init(request)
        else:
            worker.invoke(request)


if __name__ == "__main__":
    main()
