"""ResultReuseByAgeConfiguration: when the earlier result stands for the question, and when not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from tests.unit.cloud.athena.fakes import Answer, Athena


def _age(minutes: int | None = 60) -> dict[str, Any]:
    by_age = {"Enabled": True} | ({"MaxAgeInMinutes": minutes} if minutes is not None else {})
    return {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": by_age}}


def _reused(answer: Answer) -> bool:
    return bool(answer.execution["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"])


@pytest.fixture
def lab(athena: Athena) -> Athena:
    athena.put("t/a.csv", "1\n2\n")
    athena.ok("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    return athena


def test_the_same_question_gets_the_earlier_result(lab: Athena) -> None:
    first = lab.run("SELECT count(*) AS n FROM t")
    lab.put("t/b.csv", "3\n")
    second = lab.run("SELECT  count(*) AS n\nFROM t;", **_age())
    assert _reused(second)
    assert not _reused(first)
    assert second.rows == [["2"]]
    assert second.scanned_bytes == 0
    assert second.columns == first.columns
    places = [one.execution["ResultConfiguration"]["OutputLocation"] for one in (first, second)]
    assert places[0] == places[1]
    assert second.execution["ResultReuseConfiguration"] == _age()["ResultReuseConfiguration"]
    assert lab.run("SELECT count(*) AS n FROM t").rows == [["3"]]  # nobody asked for reuse


def test_a_reused_result_does_not_grow_younger(lab: Athena) -> None:
    base = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    lab.services.clock = lambda: base  # type: ignore[method-assign]
    lab.run("SELECT 7 AS n")
    lab.services.clock = lambda: base + timedelta(minutes=50)  # type: ignore[method-assign]
    assert _reused(lab.run("SELECT 7 AS n", **_age()))
    lab.services.clock = lambda: base + timedelta(minutes=70)  # type: ignore[method-assign]
    assert not _reused(lab.run("SELECT 7 AS n", **_age(None)))  # 60 is the default
    lab.services.clock = lambda: base + timedelta(minutes=80)  # type: ignore[method-assign]
    assert _reused(lab.run("SELECT 7 AS n", **_age()))


@pytest.mark.parametrize(
    ("first", "second", "changes"),
    [
        ("SELECT 1", "SELECT 2", {}),
        ("SELECT 'a'", "SELECT 'A'", {}),
        ("SELECT 1", "SELECT 1", {"QueryExecutionContext": {"Database": "other"}}),
        ("SELECT 1", "SELECT 1", {"WorkGroup": "w"}),
        ("SELECT 1", "SELECT 1", {"ResultConfiguration": {"OutputLocation": "s3://results/elsewhere/"}}),
        ("SELECT rand()", "SELECT rand()", {}),
        ("SELECT current_timestamp", "SELECT current_timestamp", {}),
        ("SELECT now()", "SELECT now()", {}),
        ("SHOW DATABASES", "SHOW DATABASES", {}),
    ],
)
def test_another_question_is_asked_anew(lab: Athena, first: str, second: str, changes: dict[str, Any]) -> None:
    lab.call("CreateWorkGroup", Name="w")
    lab.run(first)
    assert not _reused(lab.run(second, **_age(), **changes))


def test_parameters_belong_to_the_question(lab: Athena) -> None:
    lab.run("SELECT ?", ExecutionParameters=["1"])
    assert not _reused(lab.run("SELECT ?", ExecutionParameters=["2"], **_age()))
    assert _reused(lab.run("SELECT ?", ExecutionParameters=["1"], **_age()))


def test_execute_is_reused_until_its_text_changes(lab: Athena) -> None:
    names = {"StatementName": "p", "WorkGroup": "primary"}
    lab.call("CreatePreparedStatement", QueryStatement="SELECT ? + 1", **names)
    lab.run("EXECUTE p USING 3")
    assert _reused(lab.run("EXECUTE p USING 3", **_age()))
    lab.call("UpdatePreparedStatement", QueryStatement="SELECT ? + 2", **names)
    answer = lab.run("EXECUTE p USING 3", **_age())
    assert (answer.rows, _reused(answer)) == ([["5"]], False)


def test_failed_and_deleted_results_are_not_reused(lab: Athena) -> None:
    lab.run("SELECT 1 / 0")
    assert lab.run("SELECT 1 / 0", **_age()).state == "FAILED"
    first = lab.run("SELECT 5")
    lab.services.store.delete("results", [f"q/{first.id}.csv"])
    assert not _reused(lab.run("SELECT 5", **_age()))


def test_zero_minutes_and_bad_ages(lab: Athena) -> None:
    lab.run("SELECT 6")
    off = {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False, "MaxAgeInMinutes": 60}}}
    assert not _reused(lab.run("SELECT 6", **off))
    with pytest.raises(AwsError, match="less than or equal to 10080"):
        lab.start("SELECT 6", **_age(10081))
    with pytest.raises(AwsError, match=r"'resultReuseConfiguration\.resultReuseByAgeConfiguration\.enabled'"):
        lab.start("SELECT 6", ResultReuseConfiguration={"ResultReuseByAgeConfiguration": {}})
