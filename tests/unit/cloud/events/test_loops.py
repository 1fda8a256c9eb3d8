from __future__ import annotations

from labkit.cloud.call import Call, Scope
from labkit.cloud.events.loops import MAX_RUNS_IN_CHAIN, Loops, explain


def test_a_chain_through_jobs_gets_deeper_with_every_run() -> None:
    loops, trace, depths = Loops({}), "Root=1-abc-def;Parent=1;Sampled=0;Lineage=a:1", []
    for number in range(MAX_RUNS_IN_CHAIN):
        run_id = f"jr_{number:064x}"
        loops.run_started(run_id, trace)
        depth = loops.depth(run_id)
        depths.append(depth)
        # Lambda keeps the root of the header and adds parts of its own.
        trace = loops.trace(depth) + ";Parent=2;Sampled=0;Lineage=a:1"
    assert depths == list(range(1, MAX_RUNS_IN_CHAIN + 1))
    assert [loops.is_endless(depth) for depth in depths] == [False] * 15 + [True]


def test_a_job_that_writes_many_objects_is_no_loop() -> None:
    loops = Loops({})
    loops.run_started("jr_aaaaaaaaaaaaaaaa", "Root=1-a-b")
    traces = [loops.trace(loops.depth("jr_aaaaaaaaaaaaaaaa")) for _ in range(100)]
    for number, trace in enumerate(traces):
        loops.run_started(f"jr_{number:013x}", trace)
    assert {loops.depth(f"jr_{number:013x}") for number in range(100)} == {2}


def test_runs_that_no_function_started_and_other_callers_have_no_depth() -> None:
    loops = Loops({})
    loops.run_started("jr_0123456789abcdef", None)
    loops.run_started("jr_1111111111111111", "Parent=1")
    for run_id in ("jr_0123456789abcdef", "jr_1111111111111111", "jr_unknown", None):
        assert loops.depth(run_id) == 0


def test_start_job_run_is_answered_as_it_was_and_remembered() -> None:
    loops = Loops({})
    start = loops.watch(lambda _: {"JobRunId": "jr_0123456789abcdef"}, lambda: "Root=1-a-b")
    assert start(Call("glue", "StartJobRun", {}, Scope("1", "r"))) == {"JobRunId": "jr_0123456789abcdef"}
    assert loops.depth("jr_0123456789abcdef") == 1


def test_the_brake_can_be_let_off_and_says_that_aws_has_none() -> None:
    assert not Loops({"LABKIT_LOOP_BRAKE": "off"}).is_endless(1000)
    assert "AWS does not detect loops through Glue" in explain("fn")
