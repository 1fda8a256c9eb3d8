"""Sessions by their key: every request of a role asks for its session, and there may be thousands (`hooks.install_sessions`)."""

from __future__ import annotations

from typing import Any

from moto.sts.models import AssumedRole, STSBackend

_Index = dict[str, AssumedRole]
# By backend, with the list that was indexed and how much of it: a snapshot that is read puts another list in its place.
_indexes: dict[int, tuple[list[Any], int, _Index]] = {}


def find_session(backend: STSBackend, access_key_id: str) -> AssumedRole | None:
    """The session that a key belongs to."""
    sessions = backend.assumed_roles
    kept = _indexes.get(id(backend))
    if kept is None or kept[0] is not sessions or kept[1] != len(sessions):
        index: _Index = {one.access_key_id: one for one in list(sessions)}
        kept = _indexes[id(backend)] = (sessions, len(index), index)
    return kept[2].get(access_key_id)
