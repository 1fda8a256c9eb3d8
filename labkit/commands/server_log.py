"""New lines of the local cloud's own log, each read once."""

from __future__ import annotations

from pathlib import Path


class ServerLog:
    """Remembers how far it has read; a log that is begun anew is read from its beginning, half a line waits for its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> list[str]:
        """The whole lines since the last call; none while there is no log."""
        if not self._path.is_file():
            return []
        if self._path.stat().st_size < self._offset:
            self._offset = 0
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole = data.rpartition(b"\n")[0]
        self._offset += len(whole) + 1 if whole else 0
        return whole.decode("utf-8", "replace").splitlines() if whole else []
