"""How far a source has been read. Source: DG monitor-continuations (modification time, maxBand) and connect-s3-home (boundedFiles)."""

from __future__ import annotations

import importlib
import io
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from typing import Any

import pytest

MINUTE = 60_000


class Service:
    """The saved state and its version, as the service behind the endpoint keeps them."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}
        self.version = 0

    def exchange(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["Action"] == "put":
            assert message["Version"] == self.version
            self.state, self.version = json.loads(json.dumps(message["State"])), self.version + 1
        return {"State": self.state, "Version": self.version}


@pytest.fixture
def bookmarks(runtime_on_path: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    module = importlib.import_module("awsglue._bookmarks")
    monkeypatch.setattr(module, "exchange", Service().exchange)
    yield module
    module.end()


@pytest.fixture
def run(bookmarks: Any) -> Callable[..., list[str]]:
    """One committed run that selects among files given as (name, time, etag)."""
    InputFile = importlib.import_module("awsglue._files").InputFile  # noqa: N806

    def select(*files: tuple[str, int, str], bound: int = 0, ctx: str = "src", option: str = "enable") -> list[str]:
        bookmark = bookmarks.start("job", "jr_1", f"job-bookmark-{option}")
        listed = [InputFile(f"s3://b/{name}", 1, at, etag) for name, at, etag in files]
        limit = (lambda found: found[:bound]) if bound else None
        chosen = bookmarks.select_new(listed, ctx, limit)
        bookmarks.save(bookmark)
        return [file.path.rpartition("/")[2] for file in chosen]

    return select


def test_inside_the_band_files_are_known_by_name_and_contents(run: Any) -> None:
    at = 100 * MINUTE
    assert run(("a", at, "1")) == ["a"]
    late = [("a", at, "1"), ("b", at - 14 * MINUTE, "1"), ("c", at - 16 * MINUTE, "1")]
    assert run(*late) == ["b"]
    assert run(("a", at, "2"), ("b", at - 14 * MINUTE, "1")) == ["a"]


def test_a_bound_is_cut_after_what_is_known_and_the_rest_comes_later(run: Any) -> None:
    """boundedFiles limits a run; the next one goes on, the oldest first whatever the names."""
    files = [("a", 3 * MINUTE, "1"), ("b", 1 * MINUTE, "1"), ("c", 60 * MINUTE, "1"), ("d", 2 * MINUTE, "1")]
    assert run(*files, bound=2) == ["b", "d"]
    assert run(*files, bound=2) == ["a", "c"]
    assert run(*files, bound=2) == []
    assert run(*files, bound=1, option="disable") == ["a"]


def test_many_files_are_compared_in_one_pass(run: Any) -> None:
    files = [(f"f{number}", 1000 + number % 7, "e") for number in range(20_000)]
    assert len(run(*files)) == 20_000
    begun = time.monotonic()
    assert run(*files) == []
    assert time.monotonic() - begun < 5  # every file with every other would be 400 million comparisons


def test_two_frames_of_one_context_add_up(bookmarks: Any) -> None:
    InputFile = importlib.import_module("awsglue._files").InputFile  # noqa: N806
    bookmark = bookmarks.start("job", "jr_1", "job-bookmark-enable")
    one, two = (InputFile(f"s3://b/{name}", 1, 5, "e") for name in "ab")
    assert bookmarks.select_new([one], "src") == [one]
    assert bookmarks.select_new([two], "src") == [two]
    bookmarks.save(bookmark)
    bookmarks.start("job", "jr_2", "job-bookmark-enable")
    assert bookmarks.select_new([one, two], "src") == []


def test_a_refusal_of_the_service_is_an_error_with_its_words(
    runtime_on_path: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scripts look for VersionMismatchException in the text of what job.commit() raises."""
    module = importlib.import_module("awsglue._bookmarks")
    body = json.dumps({"__type": "VersionMismatchException", "message": "Expected version 2 but found version 3"})

    def refuse(*_: Any, **__: Any) -> None:
        raise urllib.error.HTTPError("http://x", 400, "Error", Message(), io.BytesIO(body.encode()))

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(
        module.BookmarkError, match=r"^VersionMismatchException: Expected version 2 but found version 3$"
    ):
        module.exchange({"Action": "put"})


def test_a_run_finds_its_own_id_when_init_is_not_given_it(bookmarks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    job = importlib.import_module("awsglue.job")
    monkeypatch.setattr("sys.argv", ["s.py", "--JOB_NAME", "j", "--JOB_RUN_ID", "jr_9"])
    made = job.Job(None)
    made.init("j", {"job_bookmark_option": "job-bookmark-enable"})
    assert made._bookmark.run_id == "jr_9"
