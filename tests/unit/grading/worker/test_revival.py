"""A kernel that died gives way to a new one; driven without a kernel."""

from __future__ import annotations

from queue import Empty
from types import SimpleNamespace
from typing import Any

from labkit.grading.worker.revival import Revival


class Kernel:
    """Answers every cell but those in `deadly`, which end it, and those in `endless`."""

    def __init__(self, deadly: tuple[str, ...] = (), endless: tuple[str, ...] = ()) -> None:
        self.ran: list[str] = []
        self._deadly, self._endless = deadly, endless
        self._alive = True

    def is_alive(self) -> bool:
        return self._alive

    def stop(self) -> None:
        self._alive = False

    def execute_cell_input(self, source: str, **_options: Any) -> str:
        self.ran.append(source)
        if source in self._deadly:
            self._alive = False
        return source

    def await_reply(self, sent: str, timeout: float) -> None:
        assert timeout >= 1
        if sent in self._endless:
            raise Empty
        if not self._alive:
            raise RuntimeError("the kernel died")

    def await_idle(self, _sent: str, _timeout: float) -> None:
        pass


class Notebook:
    """A notebook whose next kernels are given."""

    def __init__(self, *kernels: Kernel) -> None:
        self.kernel: Kernel | None = None
        self.timed_out = False
        self._next = list(kernels)

    def setup(self) -> None:
        self.kernel = self._next.pop(0)


def _item(notebook: Notebook, cell_id: str, source: str = "") -> Any:
    cell = {"id": cell_id}
    return SimpleNamespace(parent=notebook, cell=SimpleNamespace(get=cell.get, source=source))


def _pass(revival: Revival, item: Any) -> None:
    """What pytest does around a cell that passes."""
    revival.pytest_runtest_setup(item)
    if item.parent.kernel is None:
        item.parent.setup()
    around = revival.pytest_runtest_call(item)
    next(around)
    try:
        around.send(SimpleNamespace(excinfo=None))
    except StopIteration:
        return


def test_what_had_passed_runs_again_and_checks_do_not() -> None:
    first, second = Kernel(), Kernel()
    notebook, revival = Notebook(first, second), Revival(frozenset({"check"}))
    for cell_id, source in (("open", "lab = 1"), ("check", "lab.check()"), ("answer", "x = 2")):
        _pass(revival, _item(notebook, cell_id, source))
    first.stop()
    notebook.timed_out = True
    revival.pytest_runtest_setup(_item(notebook, "later"))
    assert notebook.kernel is second
    assert second.ran == ["lab = 1", "x = 2"]
    assert not notebook.timed_out


def test_a_kernel_that_lives_goes_on_after_a_timeout() -> None:
    only = Kernel()
    notebook, revival = Notebook(only), Revival(frozenset())
    _pass(revival, _item(notebook, "open", "lab = 1"))
    notebook.timed_out = True
    revival.pytest_runtest_setup(_item(notebook, "later"))
    assert (notebook.kernel is only, notebook.timed_out, only.ran) == (True, False, [])


def test_a_notebook_that_kills_every_kernel_is_given_up() -> None:
    kernels = [Kernel(deadly=("bomb",)) for _ in range(4)]
    notebook, revival = Notebook(*kernels), Revival(frozenset())
    _pass(revival, _item(notebook, "bomb", "bomb"))
    kernels[0].stop()
    for number in range(6):
        revival.pytest_runtest_setup(_item(notebook, f"later-{number}"))
    assert [one.ran for one in kernels] == [[], ["bomb"], ["bomb"], ["bomb"]]


def test_a_cell_that_does_not_end_again_ends_the_new_kernel() -> None:
    first, second = Kernel(), Kernel(endless=("slow",))
    notebook, revival = Notebook(first, second), Revival(frozenset())
    for source in ("lab", "slow", "after"):
        _pass(revival, _item(notebook, source, source))
    first.stop()
    revival.pytest_runtest_setup(_item(notebook, "later"))
    assert second.ran == ["lab", "slow"]
    assert not second.is_alive()
