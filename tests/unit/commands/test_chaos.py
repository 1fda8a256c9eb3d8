from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labkit import cli, i18n
from labkit.commands import chaos


@pytest.fixture(autouse=True)
def english() -> Any:
    i18n.use_language("en")
    yield
    i18n.use_language("es")


def parse(*words: str) -> Any:
    return cli.build_parser().parse_args(["chaos", *words])


def test_each_command_asks_for_its_own_disturbance() -> None:
    options = parse("delay", "2.5", "--bucket", "raw", "--times", "3")
    assert (options.command, options.chaos_command, options.seconds) == ("chaos disturb", "delay", 2.5)
    assert (options.bucket, options.times, options.always) == ("raw", 3, False)
    assert parse("duplicate", "--always").always
    assert parse("throttle", "--function", "fn").function == "fn"
    assert parse("replay", "s3://raw/a b").key == "s3://raw/a b"
    assert parse("off").id is None


@pytest.mark.parametrize("words", [("delay", "0"), ("delay", "inf"), ("delay", "nan"), ("duplicate", "--times", "0")])
def test_numbers_that_mean_nothing_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(Exception, match=r"cannot be used|number"):
        parse(*words)


RULE = {"kind": "delay", "bucket": "raw", "prefix": "in/", "function": "fn", "times": None, "seconds": 2.5}
EFFECT = {
    "did": "late",
    "target": "arn:aws:lambda:us-east-1:123456789012:function:fn",
    "seconds": 2.5,
    "bucket": "raw",
    "key": "in/ñ.csv",
    "event": "ObjectCreated:Put",
    "sequencer": "00AB",
}


def test_rules_and_effects_are_told_in_words() -> None:
    assert chaos.describe_rule(RULE) == "deliver 2.5 s late · s3://raw/in/* · lambda fn · always"
    throttle = {**RULE, "kind": "throttle", "function": "", "times": 2}
    assert chaos.describe_rule(throttle) == "answer TooManyRequestsException · lambda * · times: 2"
    assert chaos.describe_effect(EFFECT) == "ObjectCreated:Put s3://raw/in/ñ.csv → function:fn: delayed by 2.5 s [00AB]"
    throttled = {**EFFECT, "did": "throttled", "bucket": ""}
    assert chaos.describe_effect(throttled) == "function:fn: an invocation got TooManyRequestsException"
    for did in ("doubled", "held", "overtook", "again"):
        assert "[00AB]" in chaos.describe_effect({**EFFECT, "did": did})


def test_real_aws_and_a_cloud_that_is_down_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LABKIT_LANG", "en")
    assert cli.main(["chaos", "status", "--state", str(tmp_path)]) == 1
    assert "No local cloud runs" in capsys.readouterr().err
    monkeypatch.setenv("LABKIT_TARGET", "aws")
    assert cli.main(["chaos", "duplicate", "--state", str(tmp_path)]) == 2
    assert "disturbs the local cloud only, not 'aws'" in capsys.readouterr().err


def test_answers_of_the_page_are_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Any] = []

    def answer(_options: Any, _settings: Any, method: str, body: Any = None) -> Any:
        asked.append((method, body))
        return {"rules": [{**RULE, "id": "1a"}], "effects": [{**EFFECT, "at": "2026-11-29T03:30:49.017+00:00"}]}

    monkeypatch.setattr(chaos, "_ask", answer)
    options: Any = parse("status")
    assert chaos.status(options, None) == 0  # type: ignore[arg-type]
    printed = capsys.readouterr().out
    assert "1a  deliver 2.5 s late" in printed
    assert "2026-11-29 03:30:49.017  ObjectCreated:Put" in printed
    assert chaos.status(parse("status", "--json"), None) == 0  # type: ignore[arg-type]
    assert json.loads(capsys.readouterr().out)["rules"][0]["id"] == "1a"
    assert asked == [("GET", None)] * 2
