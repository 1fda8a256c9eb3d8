"""What a teardown says, in both languages: every reason, every state, and one sentence for each failure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labkit import i18n
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.settings import read_settings
from labkit.steps.ledger import Entry
from labkit.teardown.belongings import Belongings, Blind, Judged, SharedGroup
from labkit.teardown.ownership import Verdict
from labkit.teardown.tasks import Task
from labkit.teardown.teardown import DONE, FAILED, NOT_TRIED, STOPPED, Outcome, Report
from labkit.teardown.thing import Thing
from labkit.ui.teardown import build_document, render_outcome, render_plan, render_report, render_sentence

NOTHING = Belongings((), (), (), (), (), (), ())
FACTS = {
    "tag": "labkit:lab=x", "at": "2026-11-29", "function": "f", "parent": "b", "lab": "other", "student": "Eva", "created": "2026-01-01",
}  # fmt: skip
ENTRY = Entry("123456789012", "us-east-1", "aws", 1, "glue-trigger", "t", "made", "2026-11-29T12:00:00+00:00")


@pytest.fixture(autouse=True, params=["es", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[None]:
    i18n.use_language(request.param)
    yield
    i18n.use_language("es")


def judged(kind: str, name: str, key: str, *, ours: bool) -> Judged:
    return Judged(Thing(kind, name), Verdict(ours, key, FACTS))


def test_every_reason_is_told_with_the_command_for_what_is_not_ours() -> None:
    settings = read_settings({"LABKIT_TARGET": "aws", "AWS_REGION": "eu-south-2"}, Path("/nowhere"))
    catalogue = i18n.load_catalogue()
    strangers = [key for key in catalogue if key.startswith("teardown.other.")]
    reasons = [key for key in catalogue if key.startswith("teardown.reason.")]
    found = replace(
        NOTHING,
        ours=tuple(judged("iam-role", f"r{number}", key, ours=True) for number, key in enumerate(reasons)),
        strangers=tuple(judged("s3-bucket", f"b{number}", key, ours=False) for number, key in enumerate(strangers)),
        blind=(Blind("glue-job", "AccessDenied"),),
        unknown=(ENTRY,),
        unread={"iam-role": 900},
    )
    told = render_plan(settings, found, dry=True)
    for number in range(len(strangers)):
        assert f"aws s3 rb s3://b{number} --force --region eu-south-2" in told
    for part in ("900", "AccessDenied", "glue-trigger", "labkit:lab=x"):
        assert part in told
    assert "{" not in told


def test_every_failure_is_one_sentence_that_says_what_to_do() -> None:
    catalogue = i18n.load_catalogue()
    keys = {key.rpartition(".")[0] for key in catalogue if key.startswith("error.teardown.")}
    names = "bucket reason count key version until code table run job seconds crawler workgroup uri action kind name"
    facts = dict.fromkeys(names.split(), "x")
    for key in keys:
        error = LabError(key, key=key, facts=facts)
        told = render_sentence(error)
        assert "\n" not in told
        assert "{" not in told
        assert told.endswith((".", ")"))


def test_a_report_that_is_not_clean_names_what_is_left() -> None:
    error = build_lesson(LabError, "error.teardown.still_there", kind="s3-bucket", name="b")
    verdict = Verdict(True, "teardown.reason.ledger", FACTS)
    task = Task("s3-bucket", "b", verdict, lambda _clients: "")
    outcomes = (
        Outcome(task, FAILED, error=error),
        Outcome(task, NOT_TRIED),
        Outcome(task, DONE),
        Outcome(task, STOPPED, "jr_1"),
    )
    shared = (
        SharedGroup("/aws-glue/jobs/output", goes=True, streams=3),
        SharedGroup("/aws-glue/crawlers", goes=False, streams=0),
    )
    after = replace(NOTHING, ours=(judged("s3-bucket", "b", "teardown.reason.ledger", ours=True),), shared=shared)
    report = Report(NOTHING, outcomes, after)
    told = render_report(report)
    assert "1 buckets" in told
    assert "/aws-glue/jobs/output" in told
    assert "/aws-glue/crawlers" in told
    assert "jr_1" in render_outcome(outcomes[3])
    assert not report.is_proven
    settings = read_settings({}, Path("/nowhere"))
    document = build_document(settings, NOTHING, report)
    assert (document["proven"], document["left"]["s3-bucket"], len(document["outcomes"])) == (False, 1, 4)
    assert document["outcomes"][0]["error"]


def test_a_second_look_that_was_not_possible_is_no_proof() -> None:
    error = LabError("no network")
    report = Report(NOTHING, (), None, error)
    assert not report.is_proven
    assert "no network" in render_report(report)
    assert not Report(NOTHING, (), replace(NOTHING, blind=(Blind("iam-role", "denied"),))).is_proven
    denied, unreached = (Blind("athena-workgroup", "x", reached=reached) for reached in (True, False))
    told = [render_report(Report(NOTHING, (), replace(NOTHING, blind=(blind,)))) for blind in (denied, unreached)]
    assert [i18n.text("teardown.unreached", kind="", reason="x")[:20] in words for words in told] == [False, True]
    assert Report(NOTHING, (), NOTHING).is_proven
