"""Executions: states, results, statistics, stopping, recovery."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from labkit.cloud.athena.engine import AthenaEngine
from labkit.cloud.call import AwsError
from tests.unit.cloud.athena.fakes import SCOPE, Athena, FakeServices


def test_results_are_a_csv_as_athena_writes_it(athena: Athena) -> None:
    answer = athena.run("SELECT 1 AS a, 'x\"y' AS b, NULL AS c, '' AS d, 'l1\nl2' AS e")
    location = answer.execution["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://results/q/{answer.id}.csv"
    stored = athena.services.store.find("results", f"q/{answer.id}.csv")
    assert stored is not None
    assert stored.path.read_bytes() == b'"a","b","c","d","e"\n"1","x""y",,"","l1\nl2"\n'
    assert athena.services.store.find("results", f"q/{answer.id}.csv.metadata") is not None
    assert answer.rows == [["1", 'x"y', None, "", "l1\nl2"]]


def test_the_first_row_is_the_header_for_a_query_and_not_for_show(athena: Athena) -> None:
    name = athena.start("SELECT 5 AS n")
    athena.wait(name)
    rows, columns = athena.rows(name)
    assert rows == [["n"], ["5"]]
    assert (columns[0]["Name"], columns[0]["Type"], columns[0]["Precision"]) == ("n", "integer", 10)
    name = athena.start("SHOW DATABASES")
    execution = athena.wait(name)
    assert athena.rows(name)[0] == [["db"]]
    assert execution["ResultConfiguration"]["OutputLocation"].endswith(f"{name}.txt")


def test_pages(athena: Athena) -> None:
    name = athena.start("SELECT x FROM UNNEST(sequence(1, 2500)) AS t(x) ORDER BY x")
    athena.wait(name)
    first = athena.call("GetQueryResults", QueryExecutionId=name)
    assert len(first["ResultSet"]["Rows"]) == 1000
    rows, _ = athena.rows(name, MaxResults=7)
    assert [row[0] for row in rows] == ["x", *map(str, range(1, 2501))]
    with pytest.raises(AwsError, match="Invalid NextToken"):
        athena.call("GetQueryResults", QueryExecutionId=name, NextToken="nada")
    with pytest.raises(AwsError, match="1000"):
        athena.call("GetQueryResults", QueryExecutionId=name, MaxResults=1001)


def test_no_output_location_is_refused(athena: Athena) -> None:
    with pytest.raises(AwsError, match="No output location provided") as caught:
        athena.start("SELECT 1", ResultConfiguration={})
    assert caught.value.code == "InvalidRequestException"


def test_a_missing_results_bucket_fails_the_query(athena: Athena) -> None:
    reason = athena.fails("SELECT 1", ResultConfiguration={"OutputLocation": "s3://nowhere/"})
    assert "nowhere" in reason


def test_a_failed_query_has_its_error(athena: Athena) -> None:
    answer = athena.run("SELECT * FROM nada")
    error = answer.execution["Status"]["AthenaError"]
    assert (error["ErrorCategory"], error["ErrorMessage"]) == (2, answer.reason)
    with pytest.raises(AwsError, match=r"did not finish successfully\. Final query state: FAILED"):
        athena.call("GetQueryResults", QueryExecutionId=answer.id)


def test_text_that_does_not_parse_makes_no_execution(athena: Athena) -> None:
    with pytest.raises(AwsError) as caught:
        athena.start("SELEC 1")
    assert caught.value.code == "InvalidRequestException"
    assert athena.call("ListQueryExecutions")["QueryExecutionIds"] == []


def test_statistics_are_measured(athena: Athena) -> None:
    found = athena.run("SELECT 1").execution
    times = found["Statistics"]
    spent = found["Status"]["CompletionDateTime"] - found["Status"]["SubmissionDateTime"]
    assert abs(times["TotalExecutionTimeInMillis"] - spent.total_seconds() * 1000) <= 1
    assert times["EngineExecutionTimeInMillis"] <= times["TotalExecutionTimeInMillis"]
    assert found["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    timeline = athena.call("GetQueryRuntimeStatistics", QueryExecutionId=found["QueryExecutionId"])[
        "QueryRuntimeStatistics"
    ]
    assert timeline["Rows"]["OutputRows"] == 1


def test_what_ran_when_the_process_died_is_failed_after_a_restart(tmp_path: Path) -> None:
    services = FakeServices(tmp_path)
    first = Athena(services)
    done = first.run("SELECT 42 AS n")
    name = first.start("SELECT 1")
    first.wait(name)
    kept = services.documents.kept["athena-execution", SCOPE, name]
    services.documents.kept["athena-execution", SCOPE, name] = {**kept, "state": "RUNNING", "completed": None}
    first.engine.stop()
    second = Athena(services)
    second.engine.start()
    status = second.call("GetQueryExecution", QueryExecutionId=name)["QueryExecution"]["Status"]
    assert status["State"] == "FAILED"
    assert "the local cloud stopped while the query was running" in status["StateChangeReason"]
    assert second.rows(done.id)[0] == [["n"], ["42"]]
    second.engine.stop()


def test_a_client_request_token_starts_one_query(athena: Athena) -> None:
    token = "t" * 32
    first = athena.start("SELECT 1", ClientRequestToken=token)
    assert athena.start("SELECT 1", ClientRequestToken=token) == first
    with pytest.raises(AwsError, match="Idempotent parameters do not match"):
        athena.start("SELECT 2", ClientRequestToken=token)


def test_many_queries_at_once(athena: Athena) -> None:
    names = [athena.start(f"SELECT {number} AS n") for number in range(30)]
    for number, name in enumerate(names):
        athena.wait(name)
        assert athena.rows(name)[0] == [["n"], [str(number)]]
    assert athena.call("ListQueryExecutions")["QueryExecutionIds"] == names[::-1]
    batch = athena.call("BatchGetQueryExecution", QueryExecutionIds=[names[0], "nada"])
    assert [one["QueryExecutionId"] for one in batch["QueryExecutions"]] == [names[0]]
    assert batch["UnprocessedQueryExecutionIds"][0]["QueryExecutionId"] == "nada"


def test_a_warmed_engine_counts_a_small_table(athena: Athena) -> None:
    athena.put("t/a.csv", "1\n2\n3\n")
    athena.ok("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    athena.engine.warm()
    assert athena.ok("SELECT count(*) FROM t") == [["3"]]


def test_scratch_files_do_not_stay(athena: Athena) -> None:
    athena.ok("SELECT 1")
    folder = athena.services.state_dir / "athena"
    for _ in range(100):
        if not list(folder.iterdir()):
            break
        time.sleep(0.01)
    assert list(folder.iterdir()) == []


def test_every_route_of_the_model_is_known() -> None:
    import botocore.session

    model = botocore.session.get_session().get_service_model("athena")
    routes = AthenaEngine(_NoServices()).routes
    assert {action for _, action in routes} <= set(model.operation_names)


class _NoServices:
    """Routes can be listed before anything runs."""
