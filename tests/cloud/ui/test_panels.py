"""What a notebook shows of a cloud: queries, partitions, dropped files, the map and its changes, logs and costs."""

from __future__ import annotations

import json
import queue
from pathlib import Path
from typing import Any

import pytest

from labkit.aws.created_objects import list_everything
from labkit.errors import AwsCallError, DataError, PipelineError, UsageError
from labkit.grading.worker.inventory import take_inventory
from labkit.ui.map_watch import MapWatch


def test_the_map_of_nothing_says_that_everything_is_missing(bare: Any) -> None:
    assert {box.chip.word for part, box in bare.boxes.items() if part != "queries"} == {"falta"}
    assert bare.journey == ()


def test_a_bucket_that_locks_everybody_out_is_said_and_stops_nothing(lab: Any) -> None:
    s3, name = lab.clients.s3, "panels-locked"
    s3.create_bucket(Bucket=name)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:List*", "Resource": f"arn:aws:s3:::{name}"}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": deny}))
    try:
        assert lab.costs().unread == (name,)
        assert name in str(lab.costs())
        assert (name, "a") not in (list_everything(s3, 20_000) or {})
        assert ("objects", name) in take_inventory(lab.clients, {})
    finally:
        s3.delete_bucket_policy(Bucket=name)
        s3.delete_bucket(Bucket=name)


def test_a_query_gives_values_and_what_it_read(built: Any) -> None:
    answer = built.query("SELECT sum(n) AS total, max(t) FROM sales")
    assert (answer.columns, answer.rows, answer.value) == (("total", "_col1"), [(3, "y")], 3)
    assert (answer.scanned_bytes, answer.usd) == (8, pytest.approx(0.00005))


def test_a_query_that_fails_is_a_result_and_one_that_cannot_begin_is_an_error(built: Any) -> None:
    assert "cannot be resolved" in built.query("SELECT nada FROM sales").error
    with pytest.raises(UsageError, match="2 sentencias"):
        built.query("SELECT 1; SELECT 2")
    with pytest.raises(UsageError, match="0 sentencias"):
        built.query(" -- nada\n")
    missing = built.query("SELECT 1", workgroup="no-existe")
    assert "WorkGroup" in missing.error


def test_what_lies_in_s3_and_is_not_registered_is_seen_until_it_is_repaired(built: Any) -> None:
    before = built.partitions("sales")
    assert [part.values for part in before.only_in_s3] == [("2",)]
    assert built.query("SELECT count(*) FROM sales").value == 2
    built.query("MSCK REPAIR TABLE sales")
    after = built.partitions("sales")
    assert (len(after.registered), after.only_in_s3, after.objects) == (2, (), 2)
    assert built.query("SELECT count(*) FROM sales").value == 4
    with pytest.raises(PipelineError, match="sales"):
        built.partitions("no_existe")


def test_a_dropped_file_is_followed_to_the_function(built: Any, tmp_path: Path) -> None:
    file = tmp_path / "ventas año+1 'a'.csv"
    file.write_text("a\n", encoding="utf-8")
    found = built.drop(file)
    assert (found.state, found.uri) == ("no-run", "s3://panel-raw/raw_sales/ventas año+1 'a'.csv")
    assert found.invocation.ended_ms is not None
    assert [stop.part for stop in built.map().journey] == ["raw", "function"]
    assert len(built.logs(function=built.names.function, filter="REPORT")) >= 1


def test_what_no_rule_takes_is_said_at_once_and_what_is_no_file_is_refused(built: Any, tmp_path: Path) -> None:
    (tmp_path / "notas.txt").write_text("x", encoding="utf-8")
    assert built.drop(tmp_path / "notas.txt").state == "not-taken"
    assert built.drop(tmp_path / "notas.txt", key="otro/").key == "otro/notas.txt"
    for path in (tmp_path, tmp_path / "no.csv"):
        with pytest.raises(DataError):
            built.drop(path)


def test_what_does_not_exist_is_refused_by_name(built: Any) -> None:
    with pytest.raises(PipelineError, match="no-existe"):
        built.run_job("no-existe")
    with pytest.raises(PipelineError, match="no-existe"):
        built.crawl("no-existe")
    with pytest.raises(UsageError, match="no-existe"):
        built.logs(job="no-existe")
    with pytest.raises(AwsCallError):
        built.run_job("no-existe", run="jr_0")


def test_costs_count_what_was_done(built: Any) -> None:
    before = {(charge.kind, charge.resource): charge.count for charge in built.costs().charges}
    built.query("SELECT count(*) FROM sales")
    after = {(charge.kind, charge.resource): charge.count for charge in built.costs().charges}
    mine = ("query", built.names.workgroup)
    assert after[mine] == before[mine] + 1
    assert after["put", "panel-processed"] == before["put", "panel-processed"]


def test_a_metric_is_a_plot_of_its_points(built: Any) -> None:
    built.clients.cloudwatch.put_metric_data(Namespace="Panel", MetricData=[{"MetricName": "m<", "Value": 4.0}])
    assert sum(y for points in built.metric("m<", "Panel").series.values() for _, y in points) == 4.0
    assert "No hay datos que dibujar." in repr(built.metric("nada", "Panel"))


def test_the_map_hears_of_a_change_and_ends_when_it_is_told_to(built: Any) -> None:
    told: queue.Queue[Any] = queue.Queue()
    watch = MapWatch(built.clients, built.names, told.put)
    watch.start()
    before = told.get(timeout=30).raw.objects
    built.clients.s3.put_object(Bucket=built.names.raw_bucket, Key="otro/x", Body=b"x")
    while told.get(timeout=30).raw.objects == before:
        pass
    watch.stop()
    watch.join()
    assert not watch.alive


def test_the_map_ends_by_itself_when_nothing_changes(built: Any) -> None:
    watch = MapWatch(built.clients, built.names, lambda _state: None, idle_s=0.0)
    watch.start(built.map().state)
    watch.join()
    assert not watch.alive
