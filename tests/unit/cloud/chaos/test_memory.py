from __future__ import annotations

from pathlib import Path
from typing import Any

from labkit.cloud.chaos.memory import Memory


def entry(key: str, number: int, arn: str = "one") -> dict[str, Any]:
    record = {"eventName": "ObjectCreated:Put", "responseElements": {"x-amz-request-id": str(number)}, "n": number}
    return {"bucket": "raw", "key": key, "arn": arn, "service": "sqs", "event": {"Records": [record]}}


def numbers(memory: Memory, key: str) -> list[int]:
    return [found["event"]["Records"][0]["n"] for found in memory.find_last("raw", key)]


def test_the_newest_event_of_a_key_is_found(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    for number in range(3):
        memory.add(entry("ñ", number))
        memory.add(entry("other", number))
    assert numbers(memory, "ñ") == [2]
    assert memory.find_last("another-bucket", "ñ") == []


def test_the_file_stays_small_and_the_newest_are_kept(tmp_path: Path) -> None:
    memory = Memory(tmp_path, limit_bytes=20_000)
    for number in range(1000):
        memory.add(entry(f"key-{number}", number))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 40_000
    assert numbers(memory, "key-999") == [999]
    assert numbers(memory, "key-0") == []


def test_a_line_that_a_kill_cut_short_is_passed_over(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.add(entry("a", 1))
    with (tmp_path / "s3-events.jsonl").open("ab") as file:
        file.write(b'{"bucket": "raw", "key": "a", "ev')
    assert numbers(Memory(tmp_path), "a") == [1]
    Memory(tmp_path).add(entry("b", 2))
    assert numbers(Memory(tmp_path), "b") == [2]
