"""How errors of Spark's Python workers and of Java are read; their texts are Spark 3.5's."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

SCRIPT = "/runs/jr_1/script/etl.py"
STAGE = "Job aborted due to stage failure: Task 0 in stage 0.0 failed 1 times, most recent failure: Lost task 0.0 in stage 0.0"


@pytest.fixture(scope="module")
def failures() -> Any:
    import labkit.cloud.jobs

    path = Path(labkit.cloud.jobs.__path__[0]) / "child" / "failures.py"
    spec = importlib.util.spec_from_file_location("child_failures", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PythonException(Exception):
    pass


class Py4JJavaError(Exception):
    pass


def trace(*frames: tuple[str, int, str], error: str) -> str:
    lines = [f'  File "{file}", line {line}, in {name}\n    code()\n' for file, line, name in frames]
    return "Traceback (most recent call last):\n" + "".join(lines) + error


def test_a_udf_points_to_its_line_in_the_script(failures: Any) -> None:
    text = "\n  An exception was thrown from the Python worker. Please see the stack trace below.\n" + trace(
        ("/x/pyspark/worker.py", 1100, "main"), (SCRIPT, 81, "price"), error="ValueError: bad 'n/a'\n"
    )
    told = failures.describe(PythonException(text), SCRIPT)
    assert told == "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 81; PythonException: ValueError: bad 'n/a'"


def test_an_rdd_function_whose_message_has_several_lines(failures: Any) -> None:
    python = trace(("/x/worker.py", 3, "main"), (SCRIPT, 5, "<lambda>"), error="KeyError: 'a\nb'\n")
    text = (
        f"An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: {STAGE}: "
        f"org.apache.spark.api.python.PythonException: {python}\n\n\tat org.apache.spark.X.y(Z.scala:1)\n\nDriver stacktrace:\n\tat q"
    )
    told = failures.describe(Py4JJavaError(text), SCRIPT)
    assert told == "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 5; PythonException: KeyError: 'a\nb'"


def test_the_last_of_chained_errors_of_a_worker_is_the_one(failures: Any) -> None:
    first = trace((SCRIPT, 3, "f"), error="KeyError: 1\n")
    second = trace((SCRIPT, 9, "g"), error="RuntimeError: two\n")
    text = f"PythonException: {first}\nDuring handling of the above exception, another exception occurred:\n\n{second}\n\tat x"
    assert "Failed Line Number: 9; PythonException: RuntimeError: two" in failures.describe(Py4JJavaError(text), SCRIPT)


def test_a_function_of_a_module_in_a_zip(failures: Any) -> None:
    text = "Python worker " + trace(
        (SCRIPT, 4, "<lambda>"), ("/runs/jr_1/py-files/0/lib.zip/pkg/m.py", 7, "f"), error="TypeError: no"
    )
    told = failures.describe(PythonException(text), SCRIPT)
    assert "Failed Line Number: 4; PythonException: TypeError: no (lib.zip/pkg/m.py, line 7)" in told


def test_java_errors_lose_their_stack(failures: Any) -> None:
    text = "An error occurred while calling o178.parquet.\n: java.io.IOException: no space\n\tat a.b.C(D.java:1)\n\t... 12 more\n"
    told = failures.describe(Py4JJavaError(text), SCRIPT)
    assert told == (
        "Error Category: UNCLASSIFIED_ERROR; An error occurred while calling o178.parquet. java.io.IOException: no space"
    )


def test_a_worker_that_crashed_is_told_once(failures: Any) -> None:
    lost = "org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)"
    text = f"An error occurred while calling o1.x.\n: {STAGE}: {lost}\n\tat a\n\nDriver stacktrace:\n\tat b\nCaused by: {lost}\n\tat c"
    assert failures.describe(Py4JJavaError(text), SCRIPT).count("exited unexpectedly") == 1


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", "OUT_OF_MEMORY_ERROR"),
        ("java.io.FileNotFoundException: File does not exist", "RESOURCE_NOT_FOUND_ERROR"),
        ("org.apache.hadoop.security.AccessControlException: no", "PERMISSION_ERROR"),
        ("java.lang.UnsupportedOperationException: no", "UNSUPPORTED_OPERATION_ERROR"),
        ("java.net.ConnectException: Connection refused", "CONNECTION_ERROR"),
    ],
)
def test_categories_of_java_errors(failures: Any, text: str, category: str) -> None:
    error = Py4JJavaError(f"An error occurred while calling o1.x.\n: {text}\n\tat a")
    assert failures.describe(error, SCRIPT).startswith(f"Error Category: {category}; ")


_S3 = (
    "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied): User: arn:aws:sts::1:assumed-role/r/s is not "
    'authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/x (1).csv" because no identity-based policy allows the s3:PutObject '
    "action"
)
_GLUE = (
    "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: glue:GetTable on resource: arn:aws:glue:us-east-1:1:catalog "
    "because no identity-based policy allows the glue:GetTable action"
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"org.apache.hadoop.security.AccessControlException: {_S3}\n\tat a\nCaused by: org.apache.x: {_S3}\n\tat b",
            _S3,
        ),
        (
            f"{STAGE}: {STAGE}: TASK_WRITE_FAILED\n\tat a\nCaused by: org.apache.hadoop.security.AccessControlException: {_S3}",
            _S3,
        ),
        (
            f"org.apache.hadoop.hive.ql.metadata.HiveException: MetaException(message:AccessDeniedException: {_GLUE})\n\tat a",
            _GLUE,
        ),
    ],
)
def test_a_refusal_is_told_once_and_without_java(failures: Any, text: str, told: str) -> None:
    error = Py4JJavaError(f"An error occurred while calling o72.parquet.\n: {text}")
    expected = f"Error Category: PERMISSION_ERROR; An error occurred while calling o72.parquet. {told}"
    assert failures.describe(error, SCRIPT) == expected


def test_a_refusal_of_an_analysis_and_of_boto3(failures: Any) -> None:
    class AnalysisException(Exception):
        pass

    class ClientError(Exception):
        pass

    message = f"org.apache.hadoop.hive.ql.metadata.HiveException: MetaException(message:AccessDeniedException: {_GLUE})"
    assert (
        failures.describe(AnalysisException(message), SCRIPT)
        == f"Error Category: PERMISSION_ERROR; AnalysisException: {_GLUE}"
    )
    words = "An error occurred (AccessDenied) when calling the PutObject operation: User: x is not authorized to perform: s3:PutObject"
    assert failures.describe(ClientError(words), SCRIPT) == f"Error Category: PERMISSION_ERROR; ClientError: {words}"


def test_a_traceback_in_the_text_of_a_plain_error_is_only_text(failures: Any) -> None:
    error = ValueError(trace((SCRIPT, 5, "f"), error="KeyError: 1"))
    assert "INVALID_ARGUMENT_ERROR; ValueError: Traceback" in failures.describe(error, SCRIPT)


def test_how_a_jvm_ended(failures: Any) -> None:
    assert failures.jvm_ending(52).startswith("Error Category: OUT_OF_MEMORY_ERROR; ")
    assert "killed by signal 9" in failures.jvm_ending(-9)
    assert "exit code 1" in failures.jvm_ending(1)


def test_text_that_no_document_can_hold_is_made_visible(failures: Any) -> None:
    assert failures.clean("a\0b\udc80") == "a\\x00b\\udc80"
