"""lab.chaos asks the local cloud only, and says so elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labkit.classroom.chaos import disturb
from labkit.errors import UsageError
from labkit.settings import Settings, read_settings


@pytest.fixture
def settings() -> Settings:
    return read_settings({"LABKIT_ACCOUNT": "123456789012"}, Path("/nowhere"))


def test_on_aws_nothing_is_done_and_said(settings: Settings) -> None:
    target = replace(settings.target, name="aws", endpoint_url=None)
    view = disturb(replace(settings, target=target), "duplicate", {"bucket": "b"})
    assert not view.local
    assert "aws" in repr(view)


def test_an_unknown_kind_is_refused_with_those_that_there_are(settings: Settings) -> None:
    with pytest.raises(UsageError) as error:
        disturb(settings, "lose", {})
    assert "lose" in str(error.value)
    assert "duplicate, delay, reorder, throttle, replay, off" in str(error.value)
