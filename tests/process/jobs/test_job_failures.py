"""What is said of scripts that fail, in Glue's words: "Error Category: ...; Failed Line Number: ...; <error>" (monitor-observability)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.process.jobs.conftest import Jobs

START = "LAUNCH ERROR | "


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("x = 1\n\nraise ValueError('no hay datos')", "Failed Line Number: 3; ValueError: no hay datos"),
        ("def f():\n    return 1 / 0\nf()", "Failed Line Number: 2; ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)", "Failed Line Number: 2; SystemExit: 3"),
        ("def f(:\n    pass", "Failed Line Number: 1; SyntaxError"),
        ("import no_such_module_x", "ModuleNotFoundError: No module named 'no_such_module_x'"),
        ("import labkit", "a Glue job has none on AWS either"),
        ("import os\nos._exit(7)", "ended without a result (exit code 7)"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "killed by signal 11"),
        ("\nraise KeyError('x')", "Error Category: INVALID_ARGUMENT_ERROR; Failed Line Number: 2; KeyError: 'x'"),
        ("raise ValueError", "Error Category: INVALID_ARGUMENT_ERROR; Failed Line Number: 1; ValueError"),
        ("1 / 0", "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; ZeroDivisionError: division by zero"),
        ("x = (\n", "Error Category: SYNTAX_ERROR; Failed Line Number: 1; SyntaxError: '(' was never closed"),
        ("if 1:\nx", "Error Category: SYNTAX_ERROR; Failed Line Number: 2; IndentationError:"),
        ("import sys; sys.exit(3)", "Error Category: SYSTEM_EXIT_ERROR; Failed Line Number: 1; SystemExit: 3"),
        ("import sys; sys.exit('mal')", "SystemExit: mal"),
        ("raise MemoryError()", "Error Category: OUT_OF_MEMORY_ERROR; Failed Line Number: 1; MemoryError"),
        ("raise KeyboardInterrupt", "Failed Line Number: 1; KeyboardInterrupt"),
        ("open('/no/such/file')", "Error Category: RESOURCE_NOT_FOUND_ERROR; Failed Line Number: 1; FileNotFoundError"),
        ("raise Exception('niño ☃ 🐍')", "Exception: niño ☃ 🐍"),
        ("raise Exception('a\\nb')", "Exception: a\nb"),
        ("raise Exception('\\udc80')", "Exception: \\udc80"),
        ("class E(Exception):\n  def __str__(self): raise ValueError('no')\nraise E", "Failed Line Number: 3; E"),
        ("def f():\n  raise Exception('in')\ntry:\n  f()\nexcept Exception as e:\n  raise RuntimeError('out') from e",
         "Failed Line Number: 6; RuntimeError: out"),
        ("assert 1 == 2, 'distinto'", "AssertionError: distinto"),
        ("import nosuchpkg.sub", "Error Category: IMPORT_ERROR; Failed Line Number: 1; ModuleNotFoundError: No module named 'nosuchpkg'"),
        ("from os import nada", "Error Category: IMPORT_ERROR; Failed Line Number: 1; ImportError: cannot import name 'nada'"),
        ("def f(): f()\nf()", "Failed Line Number: 1; RecursionError"),
    ],
)  # fmt: skip
def test_a_failure_names_its_category_its_line_and_itself(jobs: Jobs, script: str, message: str) -> None:
    jobs.create("bad", script)
    run = jobs.wait("bad", run_id := jobs.start("bad"))
    assert run["JobRunState"] == "FAILED"
    assert message in run["ErrorMessage"]
    assert run["ErrorMessage"] in jobs.log("error", run_id)


def test_a_module_that_is_not_installed_is_explained(jobs: Jobs) -> None:
    jobs.create("bad", "import nosuchpkg.sub")
    message = jobs.wait("bad", jobs.start("bad"))["ErrorMessage"]
    assert "--additional-python-modules" in message


def test_a_very_long_message_is_cut(jobs: Jobs) -> None:
    jobs.create("bad", "raise Exception('x' * 1_000_000)")
    message = jobs.wait("bad", jobs.start("bad"))["ErrorMessage"]
    assert (len(message) < 2100, message.endswith("x [...]")) == (True, True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"x = 1\ny = '\0'\n", "Failed Line Number: 2; SyntaxError: source code cannot contain null bytes"),
        (b"x = 1\ny = '\xff\xfe'\n", "SYNTAX_ERROR; "),
        (b"\xef\xbb\xbfraise ValueError('bom')\n", "Failed Line Number: 1; ValueError: bom"),
        (b"# coding: latin-1\nraise ValueError('ni\xf1o')\n", "ValueError: niño"),
        (b"x = 1\r\n\r\nraise ValueError('crlf')\r\n", "Failed Line Number: 3; ValueError: crlf"),
        (b"# coding: no-such-coding\n", "SyntaxError"),
    ],
)
def test_a_script_of_unusual_bytes_is_read_as_python_reads_it(jobs: Jobs, body: bytes, message: str) -> None:
    jobs.create("bad", "")
    jobs.services.store.put("scripts", "bad.py", body)
    run = jobs.wait("bad", jobs.start("bad"))
    assert (run["JobRunState"], message in run["ErrorMessage"]) == ("FAILED", True)


def test_an_error_in_a_module_that_came_along_names_both_lines(jobs: Jobs) -> None:
    jobs.services.store.put("scripts", "lib/ayuda.py", b"\n\ndef f():\n    raise ValueError('dentro')\n")
    jobs.create("bad", "import ayuda\n\nayuda.f()", DefaultArguments={"--extra-py-files": "s3://scripts/lib/ayuda.py"})
    run = jobs.wait("bad", run_id := jobs.start("bad"))
    assert "Failed Line Number: 3; ValueError: dentro (ayuda.py, line 4)" in run["ErrorMessage"]
    log = "\n".join(jobs.log("error", run_id))
    assert "ayuda.f()" in log
    assert "raise ValueError('dentro')" in log


def test_a_syntax_error_in_a_module_that_came_along_names_both_lines(jobs: Jobs) -> None:
    jobs.services.store.put("scripts", "lib/ayuda.py", b"\ndef f(:\n")
    jobs.create("bad", "\nimport ayuda", DefaultArguments={"--extra-py-files": "s3://scripts/lib/ayuda.py"})
    message = jobs.wait("bad", jobs.start("bad"))["ErrorMessage"]
    assert "Error Category: SYNTAX_ERROR; Failed Line Number: 2; SyntaxError" in message
    assert "ayuda.py, line 2" in message


def test_the_traceback_shows_the_scripts_frames_and_source(jobs: Jobs) -> None:
    jobs.create("bad", "def g(x):\n    return x['nada']\n\ndef f():\n    return g({})\n\nf()")
    jobs.wait("bad", run_id := jobs.start("bad"))
    log = "\n".join(jobs.log("error", run_id))
    for part in ("line 7, in <module>", "line 5, in f", "line 2, in g", "return x['nada']", "KeyError: 'nada'"):
        assert part in log
    assert "labkit/cloud" not in log


def test_the_reason_is_in_the_log_of_a_run_that_a_killed_cloud_left(build_jobs: Callable[[], Jobs]) -> None:
    before = build_jobs()
    before.create("slow", "import time\ntime.sleep(60)")
    before.wait("slow", run_id := before.start("slow"), "RUNNING")
    after = build_jobs()  # the first engine is not stopped: a killed process says nothing either
    after.engine.recover()
    run = after.run("slow", run_id)
    assert "was stopped while" in run["ErrorMessage"]
    assert run["ErrorMessage"] in after.log("error", run_id)


def test_a_thread_of_the_script_is_waited_for(jobs: Jobs) -> None:
    script = "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.3), print('late'))).start()"
    jobs.create("threads", script)
    assert jobs.wait("threads", run_id := jobs.start("threads"))["JobRunState"] == "SUCCEEDED"
    assert jobs.log("output", run_id) == ["late"]
