"""What a walled process sees of the class-data archive that this user has."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.cloud.jobs.archive import cache_dir
from labkit.grading.sandbox.protections import BUBBLEWRAP, Protections
from labkit.grading.worker.places import build_environment, build_prefix, find_cache

_WALLS = Protections(BUBBLEWRAP, network=True, files=True, processes=True)


@pytest.fixture(params=["LABKIT_CACHE", "XDG_CACHE_HOME"])
def cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that a variable names, with something in it."""
    monkeypatch.delenv("LABKIT_CACHE", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    own = request.param == "LABKIT_CACHE"
    monkeypatch.setenv(request.param, str(tmp_path / "cache" / ("labkit" if own else "")))
    (tmp_path / "cache/labkit").mkdir(parents=True)
    return tmp_path / "cache/labkit"


def _binds(words: list[str], place: Path) -> list[str]:
    """How a place is shown: read-only or to be written to."""
    return [words[at - 1] for at, word in enumerate(words[:-1]) if word == words[at + 1] == str(place)]


def test_the_cloud_behind_the_wall_looks_where_the_archive_of_this_user_lies(cache: Path, tmp_path: Path) -> None:
    environ = build_environment(tmp_path / "room")
    assert find_cache() == cache_dir(environ) == cache


def test_students_read_the_archive_and_only_what_makes_it_writes(cache: Path, tmp_path: Path) -> None:
    room = tmp_path / "room"
    assert _binds(build_prefix(_WALLS, room), cache) == ["--ro-bind"]
    assert _binds(build_prefix(_WALLS, room, makes_archive=True), cache) == ["--bind"]
