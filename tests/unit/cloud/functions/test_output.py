from __future__ import annotations

import pytest

from labkit.cloud.functions.output import EndMark, Message, OutputSplitter

TOKEN = "0123456789abcdef"


def frame(kind: str, text: str) -> bytes:
    data = text.encode()
    return b"\x1e" + TOKEN.encode() + kind.encode() + b"%08x" % len(data) + data


STREAM = b"one\ntwo\n" + frame("L", "record\nof two lines\n") + b"partial" + frame("E", "id-1") + b"later\n"
EXPECTED = [
    Message("one"),
    Message("two"),
    Message("record\nof two lines"),
    Message("partial"),
    EndMark("id-1"),
    Message("later"),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_the_stream_is_the_same_however_it_is_cut(size: int) -> None:
    splitter = OutputSplitter(TOKEN)
    found = [item for start in range(0, len(STREAM), size) for item in splitter.feed(STREAM[start : start + size])]
    assert found + splitter.finish() == EXPECTED


def test_the_last_line_without_newline_comes_at_the_end() -> None:
    splitter = OutputSplitter(TOKEN)
    assert splitter.feed(b"no newline") == []
    assert splitter.finish() == [Message("no newline")]


def test_bytes_that_are_not_utf8_do_not_break_it() -> None:
    assert OutputSplitter(TOKEN).feed(b"\xff\xfe\n") == [Message("\ufffd\ufffd")]


def test_an_endless_line_is_cut_and_not_kept() -> None:
    splitter = OutputSplitter(TOKEN)
    found = [item for _ in range(10) for item in splitter.feed(b"x" * 100_000)]
    assert sum(len(item.text) for item in found if isinstance(item, Message)) >= 700_000


def test_another_workers_token_is_text() -> None:
    splitter = OutputSplitter("f" * 16)
    assert all(isinstance(item, Message) for item in splitter.feed(STREAM))
