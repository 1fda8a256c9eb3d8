"""Whose a path is, seen together with all the others: wrappers around a class are no student, and a class list helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labkit.grading.intake.people import Person, find_person, find_platform_person, list_folders, tidy
from labkit.grading.intake.roster import Enrolled, match_enrolled


class Placing:
    """Answers for one download.

    `fallback` is the name of the folder or zip that was given ("" when that says nothing); `claims` are names that a receipt of
    `labkit submit` gives to a folder: believed where neither a platform nor the class list knows better.
    """

    def __init__(
        self,
        places: Sequence[tuple[str, ...]],
        roster: Sequence[Enrolled] = (),
        fallback: str = "",
        claims: Mapping[tuple[str, ...], str] | None = None,
    ) -> None:
        self._roster, self._claims = roster, dict(claims or {})
        self._known: dict[Person, bool] = {}
        plain = [list_folders(parts) for parts in places if find_platform_person(parts) is None]
        self._wrappers = _find_wrappers(plain)
        alone = bool(places) and all(self._find(parts) is None for parts in places)
        self._fallback = Person(fallback) if fallback and alone else None

    def find(self, parts: tuple[str, ...]) -> Person | None:
        """The student of a path, or None."""
        return self._find(parts) or self._fallback

    def is_certain(self, parts: tuple[str, ...]) -> bool:
        """True when a platform's name or the class list says whose it is: not just any folder's name."""
        return find_platform_person(parts) is not None or self._find_enrolled(parts) is not None

    def _find(self, parts: tuple[str, ...]) -> Person | None:
        if found := find_platform_person(parts):
            return found
        if found := self._find_enrolled(parts):
            return found
        if claimed := next((name for folder, name in self._claims.items() if parts[: len(folder)] == folder), ""):
            return Person(claimed)
        folders = list_folders(parts)
        wrapped = 0
        while wrapped < len(folders) and folders[wrapped] in self._wrappers[wrapped : wrapped + 1]:
            wrapped += 1
        return find_person((*folders[wrapped:], parts[-1]))

    def _find_enrolled(self, parts: tuple[str, ...]) -> Person | None:
        """The part of a path that is in the class list, the outermost first."""
        if not self._roster:
            return None
        named = [Person(tidy(folder)) for folder in list_folders(parts)]
        loose = find_person(parts[-1:])
        for person in [*named, *([loose] if loose else [])]:
            if self._is_enrolled(person):
                return person
        return None

    def _is_enrolled(self, person: Person) -> bool:
        if person not in self._known:
            self._known[person] = match_enrolled(self._roster, person).enrolled is not None
        return self._known[person]


def _find_wrappers(folders: Sequence[Sequence[str]]) -> list[str]:
    """Folders around everything, if at least two folders with notebooks lie inside: a download's name, and nobody's."""
    wrappers: list[str] = []
    while True:
        depth = len(wrappers)
        firsts = {path[depth] if len(path) > depth else "" for path in folders}
        nexts = {path[depth + 1] if len(path) > depth + 1 else "" for path in folders}
        if len(firsts) != 1 or "" in firsts or "" in nexts or len(nexts) < 2:
            return wrappers
        wrappers.append(firsts.pop())
