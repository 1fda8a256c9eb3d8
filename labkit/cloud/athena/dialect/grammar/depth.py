"""Room for statements that nest deeply: a thread with a large stack, only when one is needed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Made = TypeVar("Made")
_STACK_BYTES = 512 * 2**20  # of address space; what is not used costs nothing
_FRAMES = 60_000


def with_room(make: Callable[[], Made], too_deep: Callable[[], Exception]) -> Made:
    """What ``make`` answers, made once more where it may recurse deeply if it has to; ``too_deep`` when even that is too little."""
    try:
        return make()
    except RecursionError:
        pass
    return _in_large_thread(make, too_deep)


def _in_large_thread(make: Callable[[], Made], too_deep: Callable[[], Exception]) -> Made:
    answer: list[tuple[Any, BaseException | None]] = []

    def run() -> None:
        try:
            answer.append((make(), None))
        except RecursionError:
            answer.append((None, too_deep()))
        except BaseException as failure:  # noqa: BLE001  # raised again in the caller's thread
            answer.append((None, failure))

    with _lock:
        before, limit = threading.stack_size(_STACK_BYTES), sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _FRAMES))
        try:
            thread = threading.Thread(target=run, name="athena-deep-statement")
            thread.start()
        finally:
            threading.stack_size(before)
        thread.join()
        sys.setrecursionlimit(limit)
    made: Made
    made, failure = answer[0]
    if failure is not None:
        raise failure
    return made


_lock = threading.Lock()
