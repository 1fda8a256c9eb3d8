"""What Spark says of a missing bucket or a cloud that is down, said so that a person can act on it."""

from __future__ import annotations

import contextlib
import logging
import re
from typing import Any

from labkit.errors import AwsCallError
from labkit.i18n import build_lesson

_UNKNOWN_BUCKET = re.compile(r"java\.net\.UnknownHostException: ([\w.-]+)")
_CLOUD_DOWN = re.compile(r"java\.net\.ConnectException: [^\n]*Connection refused")
_METASTORE_DOWN = re.compile(r"Could not connect to the endpoint URL")


class SparkLesson(AwsCallError):
    """A failure of Spark whose cause is known; a notebook shows its sentences and no stack."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def install() -> None:
    """Put the lessons between Java's exceptions and PySpark's. Twice is once."""
    import py4j.protocol
    from pyspark.errors.exceptions.captured import install_exception_handler

    original = py4j.protocol.get_return_value
    if getattr(original, "teaches", False):
        return

    def get_return_value(*arguments: Any, **words: Any) -> Any:
        try:
            return original(*arguments, **words)
        except py4j.protocol.Py4JJavaError as error:
            lesson = find_lesson(_read_trace(error))
            if lesson is None:
                raise
            _forget_bucket(lesson)
        raise lesson

    logging.getLogger().addFilter(_is_news)
    get_return_value.teaches = True  # type: ignore[attr-defined]
    py4j.protocol.get_return_value = get_return_value
    install_exception_handler()


def _is_news(record: logging.LogRecord) -> bool:
    """Py4J logs with its stack what it raises as well: an interrupted call, or one that found no Java any more."""
    return not str(record.msg).endswith("while sending command.")


def find_lesson(trace: str) -> SparkLesson | None:
    """The lesson for a Java stack trace; None when nothing better than Spark's own words is known."""
    unknown = _UNKNOWN_BUCKET.search(trace)
    if unknown:
        return build_lesson(SparkLesson, "error.spark_no_bucket", bucket=unknown[1])
    if _CLOUD_DOWN.search(trace) or _METASTORE_DOWN.search(trace):
        return build_lesson(SparkLesson, "error.spark_cloud_gone")
    return None


def _read_trace(error: Any) -> str:
    """Java's stack trace with its causes; empty when Java cannot tell it any more."""
    from pyspark.context import SparkContext

    try:
        jvm = SparkContext._jvm
        return str(jvm.org.apache.spark.util.Utils.exceptionString(error.java_exception)) if jvm else ""
    except Exception:
        return ""


def _forget_bucket(lesson: SparkLesson) -> None:
    """Let Hadoop look for the bucket again next time: it remembers a bucket from its first use on, also one that was not there."""
    from pyspark.context import SparkContext

    context = SparkContext._active_spark_context
    jvm = SparkContext._jvm
    if context is None or jvm is None or "bucket" not in lesson.facts:
        return
    hadoop = jvm.org.apache.hadoop
    for scheme in ("s3", "s3a", "s3n"):
        uri = jvm.java.net.URI(f"{scheme}://{lesson.facts['bucket']}/")
        with contextlib.suppress(Exception):
            hadoop.fs.FileSystem.get(uri, context._jsc.hadoopConfiguration()).close()
