"""Functions that misbehave: what they do stays their own."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc, which Linux has")


def error_of(reply: Any) -> dict[str, Any]:
    assert reply.function_error == "Unhandled"
    return json.loads(reply.payload)


def test_a_copy_of_the_handler_answers_nothing(lab: Any) -> None:
    code = """
import os, time
def lambda_handler(e, c):
    if os.fork() == 0:
        return "copy"
    return "original %s" % e["n"]
"""
    lab.add(code)
    assert [lab.invoke(payload=b'{"n": %d}' % n).payload for n in range(3)] == [
        b'"original 0"',
        b'"original 1"',
        b'"original 2"',
    ]


def test_streams_that_a_function_closes_are_its_own_loss(lab: Any) -> None:
    lab.add("import sys\ndef lambda_handler(e, c):\n    sys.stdout.close()\n    sys.stderr.close()\n    return 1\n")
    assert [lab.invoke().payload, lab.invoke().payload] == [b"1", b"1"]


def test_a_function_cannot_close_the_pipes_of_its_runtime(lab: Any) -> None:
    lab.add("import os\ndef lambda_handler(e, c):\n    print('before')\n    os.closerange(0, 100)\n    return 2\n")
    assert lab.invoke().payload == b"2"
    assert "before\n" in lab.logs.text


def test_nonsense_in_the_pipe_of_the_answers_ends_the_worker(lab: Any) -> None:
    code = """
import os
def lambda_handler(e, c):
    for descriptor in range(3, 260):
        try:
            os.write(descriptor, b"nonsense" + chr(10).encode())
        except OSError:
            pass
    return 1
"""
    lab.add(code)
    assert error_of(lab.invoke())["errorType"] == "Runtime.ExitError"


@linux
def test_forged_frames_are_text(lab: Any) -> None:
    code = """
import sys
def lambda_handler(e, c):
    token = next(part for part in open("/proc/self/cmdline").read().split(chr(0)) if len(part) == 16)
    for size in ("zzzzzzzz", "ffffffff", "-0000001"):
        sys.stdout.write(chr(30) + token + "L" + size + "forged" + chr(10))
    return 1
"""
    lab.add(code)
    assert lab.invoke().payload == b"1"
    assert f"REPORT RequestId: {lab.invoke().request_id}" in lab.logs.text


@linux
def test_the_memory_of_children_counts_even_in_a_session_of_their_own(lab: Any) -> None:
    code = """
import subprocess, sys, time
def lambda_handler(e, c):
    eat = "x = bytearray(300_000_000); x[::4096] = b'1' * len(x[::4096]); import time; time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", eat], start_new_session=True)
    print("child", child.pid, flush=True)
    time.sleep(30)
"""
    lab.add(code, timeout_s=20)
    assert error_of(lab.invoke())["errorMessage"].endswith("signal: killed")
    assert "Runtime.OutOfMemory" in lab.logs.text
    child = int(next(message for _, _, message in lab.logs.events if message.startswith("child")).split()[1])
    lab.wait_for(lambda: not _lives(child))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@linux
def test_threads_that_go_on_are_frozen_between_invocations(lab: Any) -> None:
    code = """
import threading, time
turns = 0
def turn():
    global turns
    while True:
        turns += 1
        time.sleep(0.001)
def lambda_handler(e, c):
    if e:
        threading.Thread(target=turn, daemon=True).start()
    return turns
"""
    lab.add(code)
    started = json.loads(lab.invoke(payload=b'{"start": 1}').payload)
    time.sleep(0.3)  # what it would have used, 300 turns and more
    assert json.loads(lab.invoke().payload) - started < 50


def test_what_was_printed_without_a_newline_survives_the_process(lab: Any) -> None:
    lab.add("import os\ndef lambda_handler(e, c):\n    print('partial', end='')\n    os._exit(3)\n")
    assert "exit status 3" in error_of(lab.invoke())["errorMessage"]
    assert "partial\n" in lab.logs.text


def test_a_very_long_line_becomes_several_events(lab: Any) -> None:
    lab.add("def lambda_handler(e, c):\n    print('y' * 600_000)\n")
    lab.invoke()
    parts = [message for _, _, message in lab.logs.events if message.startswith("y")]
    assert sum(len(part) - 1 for part in parts) == 600_000
    assert max(len(part) for part in parts) <= 262_145


def test_bytes_that_are_no_text_are_shown_as_far_as_they_can_be(lab: Any) -> None:
    code = "import os\ndef lambda_handler(e, c):\n    os.write(1, bytes([255]) + b' raw' + bytes([10]))\n    print(chr(0xD800))\n"
    lab.add(code)
    assert lab.invoke().function_error is None
    assert "\ufffd raw\n" in lab.logs.text


def test_output_beyond_a_bound_is_left_out_and_said_so(lab: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("labkit.cloud.functions.journal.MAX_BYTES", 2_000_000)
    lab.add(
        "def lambda_handler(e, c):\n    for _ in range(40_000):\n        print('x' * 100)\n    return 1\n", timeout_s=20
    )
    reply = lab.invoke()
    assert reply.payload == b"1"
    assert lab.logs.text.count("of output: the rest of it is left out") == 1
    assert len(lab.logs.text) < 2_500_000
    assert f"REPORT RequestId: {reply.request_id}" in lab.logs.text


def test_a_handler_that_changes_json_breaks_itself_only(lab: Any) -> None:
    lab.add("import json\njson.dumps = lambda *a, **k: '{{{'\ndef lambda_handler(e, c):\n    return 1\n", name="bad")
    lab.add("def lambda_handler(e, c):\n    return 1\n", name="good")
    assert error_of(lab.invoke("bad"))["errorType"] == "Runtime.ExitError"
    assert lab.invoke("good").payload == b"1"
