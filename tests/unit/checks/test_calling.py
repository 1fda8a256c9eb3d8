from __future__ import annotations

import signal
from contextlib import suppress
from typing import Any

import pytest

from labkit.checks.calling import call_function


def test_answers_come_in_order_and_errors_are_answers() -> None:
    assert call_function(lambda number: 6 // number, [(2,), (0,), (3,)]) == [
        {"value": 3},
        {"error": "ZeroDivisionError: integer division or modulo by zero"},
        {"value": 2},
    ]


def test_what_a_call_changes_is_not_there_in_the_next() -> None:
    given: dict[str, Any] = {"keys": ["a"]}
    assert call_function(lambda event: event["keys"].pop(), [(given,), (given,)]) == [{"value": "a"}] * 2


def test_a_function_that_never_returns_is_told_so_and_not_called_again() -> None:
    calls = []

    def wait(number: int) -> None:
        calls.append(number)
        while True:
            with suppress(Exception):
                signal.pause()

    before = signal.getsignal(signal.SIGALRM)
    answers = call_function(wait, [(1,), (2,)], patience_s=0.05)
    assert [answer["error"].split(":")[0] for answer in answers] == ["TimeoutError"] * 2
    assert calls == [1]
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


class Speechless(Exception):
    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(("raised", "said"), [(SystemExit(3), "SystemExit: 3"), (Speechless(), "Speechless: ")])
def test_whatever_is_raised_is_an_answer(raised: BaseException, said: str) -> None:
    def fail() -> None:
        raise raised

    assert call_function(fail, [()]) == [{"error": said}]


def test_an_interrupt_of_the_student_ends_the_check() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_function(interrupt, [()])


def test_a_function_that_is_none_answers_with_an_error() -> None:
    assert call_function(None, [(1,)])[0]["error"].startswith("TypeError")
