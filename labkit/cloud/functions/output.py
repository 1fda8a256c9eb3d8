"""Reads what a worker writes: free text becomes one log event a line, a frame stays whole."""

from __future__ import annotations

from dataclasses import dataclass

# One line of the function longer than this is cut into several events (CloudWatch takes 1 MiB at most, AWS's runtime cuts at 256 KiB).
_MAX_LINE_BYTES = 262_144

# A record longer than this did not come from the runtime's logger in one piece of memory that a function has.
_MAX_FRAME_BYTES = 67_108_864


@dataclass(frozen=True)
class Message:
    """One log event, without its final newline."""

    text: str


@dataclass(frozen=True)
class EndMark:
    """Everything before it belongs to the invocation it names."""

    request_id: str


class OutputSplitter:
    """Turns the bytes of the log pipe into messages and end marks; keeps what is incomplete until more arrives."""

    def __init__(self, token: str) -> None:
        self._mark = b"\x1e" + token.encode("ascii")
        self._rest = b""

    def feed(self, data: bytes) -> list[Message | EndMark]:
        """What is complete now."""
        found: list[Message | EndMark] = []
        self._rest += data
        while self._step(found):
            pass
        return found

    def finish(self) -> list[Message | EndMark]:
        """What is left when the pipe is closed."""
        left, self._rest = self._rest, b""
        return [_message(line) for line in left.split(b"\n") if line]

    def _step(self, found: list[Message | EndMark]) -> bool:
        start = self._rest.find(self._mark)
        text = self._rest if start < 0 else self._rest[:start]
        lines = text.split(b"\n")
        if start < 0:
            self._rest = lines.pop()
            found.extend(part for line in lines for part in _messages(line))
            while len(self._rest) > _MAX_LINE_BYTES and b"\x1e" not in self._rest:
                found.append(_message(self._rest[:_MAX_LINE_BYTES]))
                self._rest = self._rest[_MAX_LINE_BYTES:]
            return False
        if not lines[-1]:
            lines.pop()
        found.extend(part for line in lines for part in _messages(line))
        self._rest = self._rest[start:]
        return self._take_frame(found)

    def _take_frame(self, found: list[Message | EndMark]) -> bool:
        head = len(self._mark) + 9
        if len(self._rest) < head:
            return False
        kind = self._rest[len(self._mark) : len(self._mark) + 1]
        size = _size(self._rest[len(self._mark) + 1 : head])
        if size is None:
            # Not written by the runtime: what looks like a mark is text.
            found.append(_message(self._rest[:head]))
            self._rest = self._rest[head:]
            return True
        if len(self._rest) < head + size:
            return False
        payload = self._rest[head : head + size]
        self._rest = self._rest[head + size :]
        found.append(EndMark(payload.decode("ascii", "replace")) if kind == b"E" else _message(payload))
        return True


def _size(digits: bytes) -> int | None:
    try:
        size = int(digits, 16)
    except ValueError:
        return None
    return size if 0 <= size <= _MAX_FRAME_BYTES else None


def _messages(line: bytes) -> list[Message]:
    """A line as one event, or as several when it is longer than one may be."""
    starts = range(0, max(len(line), 1), _MAX_LINE_BYTES)
    return [_message(line[start : start + _MAX_LINE_BYTES]) for start in starts]


def _message(data: bytes) -> Message:
    return Message(data.decode("utf-8", "replace").rstrip("\r\n"))
