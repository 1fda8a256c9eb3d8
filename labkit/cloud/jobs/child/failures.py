"""What is said of a script that failed: the line of the script and the error, worded as Glue words its error messages.

Glue: "Error Category: QUERY_ERROR; Failed Line Number: 84; AnalysisException: ...". The categories are those of its observability
metrics (docs.aws.amazon.com/glue/latest/dg/monitor-observability.html).
"""

from __future__ import annotations

import os
import re
import sys
import traceback

_LONGEST = 2000
_START_OF_TRACE = "Traceback (most recent call last):"
_FRAME = re.compile(r'^\s+File "(?P<file>.+)", line (?P<line>\d+), in (?P<name>.+)$')
# What S3 and Glue say to a role that may not: buried under Java's exceptions, and told by each of them again.
_REFUSED = re.compile(r"Access Denied \(Service: Amazon S3;[^\n]*|User: \S+ is not authorized to perform: glue:[^\n]*")
# By the error's class, or a word in its text; the first that fits.
_CATEGORIES = (
    (r"SyntaxError|IndentationError|TabError", "SYNTAX_ERROR"),
    (r"ModuleNotFoundError|ImportError", "IMPORT_ERROR"),
    (r"SystemExit", "SYSTEM_EXIT_ERROR"),
    (r"MemoryError|OutOfMemoryError", "OUT_OF_MEMORY_ERROR"),
    (r"VersionMismatchException", "GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR"),
    (r"Access ?Denied|AccessControlException|PermissionError|is not authorized to perform: ", "PERMISSION_ERROR"),
    (r"NoSuchBucket|NoSuchKey|EntityNotFoundException|FileNotFound|PATH_NOT_FOUND", "RESOURCE_NOT_FOUND_ERROR"),
    (r"AlreadyExists|FileExistsError", "RESOURCES_ALREADY_EXISTS_ERROR"),
    (r"AnalysisException|ParseException", "QUERY_ERROR"),
    (r"ThrottlingException|TooManyRequests|ConcurrentRunsExceeded", "THROTTLING_ERROR"),
    (r"ConnectionError|ConnectionRefused|ConnectException|EndpointConnection", "CONNECTION_ERROR"),
    (r"TimeoutError|TimeoutException", "TIMEOUT_ERROR"),
    (r"NotImplementedError|UnsupportedOperation", "UNSUPPORTED_OPERATION_ERROR"),
    (r"^(KeyError|ValueError|GlueArgumentError|ArgumentError|IllegalArgumentException)", "INVALID_ARGUMENT_ERROR"),
)


def describe(error, script):
    """One line (or a few) for ErrorMessage; `script` is the path of the script that was run."""
    name = type(error).__name__
    text = _text_of(error)
    if isinstance(error, SyntaxError) and error.filename == script:
        line, told = error.lineno, f"{name}: {error.msg}"
    else:
        line, told = _line_of(error, script), _told(name, text)
    worker = worker_failure(text)
    if worker is not None:
        line, told = _in_worker(worker, script, line)
    else:
        told += _elsewhere(error, script)
    told += _advice(error, worker)
    where = f"Failed Line Number: {line}; " if line else ""
    return clean(f"Error Category: {_category(told)}; {where}{told}")


def show(error, script):
    """Print the traceback as the script's author should see it: it begins in the script."""
    tb = error.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename != script:
        tb = tb.tb_next
    try:
        lines = traceback.format_exception(type(error), error, tb)
    except Exception:  # an exception whose own text cannot be made is still told of
        lines = [f"{type(error).__name__}\n"]
    sys.stderr.write("".join(lines).encode("utf-8", "backslashreplace").decode())
    sys.stderr.flush()


def worker_failure(text):
    """(frames, error) of a Python function that failed in one of Spark's workers; None when the text tells of none."""
    start = text.rfind(_START_OF_TRACE)
    if start < 0 or not ("PythonException" in text or "Python worker" in text):
        return None
    frames, told = [], []
    for line in text[start:].splitlines()[1:]:
        frame = _FRAME.match(line)
        if frame and not told:
            frames.append((frame["file"], int(frame["line"]), frame["name"]))
        elif line.startswith(("\tat ", "Caused by:", "Driver stacktrace")):
            break
        elif told or not line.startswith(" "):
            told.append(line)
    return frames, "\n".join(told).strip()


def clean(text):
    """Text that every log and document can hold, of a length that a person reads."""
    text = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00").strip()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " [...]"


def jvm_ending(code):
    """What to say when the JVM ended under a script; `code` is its exit code."""
    if code == 52:  # Spark's own exit code for it (SparkExitCode.OOM)
        return (
            "Error Category: OUT_OF_MEMORY_ERROR; java.lang.OutOfMemoryError: Spark's JVM (2 GB here) ran out of memory"
        )
    how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
    return f"Error Category: UNCLASSIFIED_ERROR; Spark's JVM ended while the script was running ({how}): killed, or out of memory"


def _text_of(error):
    try:
        return str(error)
    except Exception:  # see show
        return ""


def _told(name, text):
    """The error's class and what a person needs of its text: Java's stack is in the log; a missing bucket is an unknown host."""
    unknown = re.search(r"java\.net\.UnknownHostException: ([\w.-]+)", text)
    if unknown:
        return f"NoSuchBucket: The specified bucket does not exist: {unknown[1]}"
    refused = _REFUSED.search(text)
    if refused:
        calling = re.match(r"An error occurred while calling \S+?(?=\.?\n: )", text)
        told = refused[0].rstrip(")")  # of Java's MetaException(message:...)
        return f"{calling[0]}. {told}" if calling else f"{name}: {told}"
    if "Can not create a Path from an empty string" in text:  # Hive's words for it, on AWS too
        metastore = sys.modules.get("awsglue._metastore._errors")
        denied = getattr(metastore, "last_refusal", lambda: "")()
        if denied:  # Spark tries another way when the catalog refuses a table, and shows only how that failed
            return f"AccessDeniedException: {denied}"
        text += " (the database has no LocationUri: give it one, or give the table a path in S3)"
    text = text.partition("\n\nDriver stacktrace:")[0]
    text = "\n".join(line for line in text.splitlines() if not line.startswith(("\tat ", "\t... "))).strip()
    if name == "Py4JJavaError":
        # As Glue words it: An error occurred while calling o178.parquet. No such file or directory
        return re.sub(r"^(An error occurred while calling \S+?)\.?\n: ", r"\1. ", text)
    return f"{name}: {text}" if text else name


def _line_of(error, script):
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script]
    return frames[-1].lineno if frames else None


def _own(file, script):
    """Whether a file came with the run: the script, and what --extra-py-files brought, lie in one folder."""
    return file.startswith(os.path.dirname(os.path.dirname(script)) + os.sep)


def _elsewhere(error, script):
    """` (helper.py, line 3)` for an error in a module that came with the script."""
    if isinstance(error, SyntaxError) and error.filename:
        if error.filename == script or not _own(error.filename, script):
            return ""
        return f" ({_short(error.filename)}, line {error.lineno})"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _own(frame.filename, script)]
    if not frames or frames[-1].filename == script:
        return ""
    return f" ({_short(frames[-1].filename)}, line {frames[-1].lineno})"


def _short(file):
    parts = file.split(os.sep)
    return os.sep.join(parts[parts.index("py-files") + 2 :]) if "py-files" in parts else parts[-1]


def _in_worker(worker, script, called_from):
    """A function that Spark ran in its workers: its line in the script, and the line that made Spark run it."""
    frames, told = worker
    own = [frame for frame in frames if _own(frame[0], script)]
    in_script = [frame for frame in own if frame[0] == script]
    place = ""
    if own and own[-1][0] != script:
        place = f" ({_short(own[-1][0])}, line {own[-1][1]})"
    line = in_script[-1][1] if in_script else called_from
    caller = f" (in {in_script[-1][2]}, which Spark ran for line {called_from})" if in_script and called_from else ""
    return line, f"PythonException: {told}{place}{caller}"


def _advice(error, worker):
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if worker is not None:
        found = re.match(r"ModuleNotFoundError: No module named '([^']+)'", worker[1])
        missing = found[1] if found else None
    if not missing or missing.partition(".")[0] in ("labkit", "awsglue"):
        return ""
    return (
        f". {missing.partition('.')[0]} is not installed for this job: name the package that holds it in --additional-python-modules, "
        "or bring your own module with --extra-py-files"
    )


def _category(told):
    for pattern, category in _CATEGORIES:
        if re.search(pattern, told.partition("\n")[0][:400]):
            return category
    return "UNCLASSIFIED_ERROR"
