"""What labkit.spark() says and shows, without a Spark."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.classroom.spark import _spell, spark
from labkit.classroom.spark_lessons import find_lesson
from labkit.classroom.spark_progress import Look, Progress, Stage
from labkit.errors import UsageError
from labkit.i18n import use_language


def test_settings_may_be_written_with_dots_or_underscores() -> None:
    given = {"spark.sql.ansi.enabled": True, "spark_sql_shuffle_partitions": 8, "spark.app.name": "x"}
    assert _spell(given) == {
        "spark.sql.ansi.enabled": "true",
        "spark.sql.shuffle.partitions": "8",
        "spark.app.name": "x",
    }


@pytest.mark.parametrize("name", ["workers", "sql.shuffle.partitions", "hadoop.tmp"])
def test_what_is_no_setting_of_spark_is_refused_before_anything_starts(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        spark(**{name: 1})
    assert refused.value.key == "error.spark_setting"
    assert name in str(refused.value)


def test_on_aws_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_TARGET", "aws")
    monkeypatch.setenv("LABKIT_LANG", "en")
    with pytest.raises(UsageError) as refused:
        spark()
    assert refused.value.key == "error.spark_aws"
    assert "interactive sessions" in str(refused.value)


@pytest.mark.parametrize(
    ("trace", "key"),
    [
        ("java.lang.IllegalArgumentException: java.net.UnknownHostException: no-such-bucket", "error.spark_no_bucket"),
        ("… Caused by: java.net.UnknownHostException: a.b-c\n\tat x", "error.spark_no_bucket"),
        ("java.net.ConnectException: localhost to 127.0.0.1:4566: Connection refused", "error.spark_cloud_gone"),
        (
            'MetaException(message:Could not connect to the endpoint URL: "http://127.0.0.1:1/")',
            "error.spark_cloud_gone",
        ),
    ],
)
def test_known_causes_become_lessons(trace: str, key: str) -> None:
    lesson = find_lesson(trace)
    assert lesson is not None
    assert lesson.key == key


def test_the_bucket_is_named() -> None:
    lesson = find_lesson("Caused by: java.net.UnknownHostException: mi-bucket\n")
    assert lesson is not None
    assert "NoSuchBucket" in str(lesson)
    assert "mi-bucket" in str(lesson)
    assert len(lesson._render_traceback_()) == 1


def test_other_errors_keep_sparks_own_words() -> None:
    assert find_lesson("org.apache.spark.sql.AnalysisException: [UNRESOLVED_COLUMN]") is None


class _Tracker:
    def __init__(self, stages: dict[int, tuple[int, int]]) -> None:
        self.stages = stages

    def getActiveStageIds(self) -> list[int]:  # noqa: N802 - Spark's name
        return list(self.stages)

    def getStageInfo(self, number: int) -> Any:  # noqa: N802 - Spark's name
        done, total = self.stages[number]
        return type("Info", (), {"numCompletedTasks": done, "numTasks": total})()


class _Context:
    def __init__(self, stages: dict[int, tuple[int, int]]) -> None:
        self._tracker = _Tracker(stages)

    def statusTracker(self) -> _Tracker:  # noqa: N802 - Spark's name
        return self._tracker


class _Display:
    def __init__(self) -> None:
        self.shown: list[str] = []

    def __call__(self, seen: Look) -> _Display:
        self.shown.append(repr(seen))
        return self

    update = __call__


def test_a_long_job_has_one_display_that_ends_in_a_sentence() -> None:
    use_language("en")
    display, now = _Display(), [0.0]
    stages = {3: (1, 4)}
    progress = Progress(_Context(stages), display, lambda: now[0])
    progress.begin()
    progress.look()
    assert display.shown == []
    now[0] = 2.0
    progress.look()
    stages[3] = (3, 4)
    now[0] = 3.0
    progress.look()
    progress.end()
    progress.look()
    assert display.shown == [
        "Spark is working · stage 3: 1 of 4 tasks · 2 s",
        "Spark is working · stage 3: 3 of 4 tasks · 3 s",
        "Spark has finished · 3.0 s",
    ]


def test_a_cell_without_a_long_job_shows_nothing() -> None:
    display, now = _Display(), [0.0]
    progress = Progress(_Context({}), display, lambda: now[0])
    progress.begin()
    now[0] = 5.0
    progress.look()
    progress.end()
    assert display.shown == []


def test_the_bar_has_a_text_twin() -> None:
    use_language("es")
    look = Look((Stage(1, 2, 8),), 4.2)
    assert "etapa 1: 2 de 8 tareas" in repr(look)
    assert '<progress value="2" max="8"' in look._repr_html_()
    assert repr(look) in look._repr_html_()
