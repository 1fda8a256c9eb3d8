"""`--regrade WHAT`, one student by hand, and the lines of progress."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from labkit.errors import UsageError
from labkit.grading.batch.by_hand import build_by_hand
from labkit.grading.batch.regrade import forget_results
from labkit.grading.batch.run import BatchOptions
from labkit.grading.intake.people import build_key
from labkit.grading.intake.submission import Submission


@pytest.fixture
def graded(classroom: Any) -> Any:
    students = [classroom.hand_in(name, "earn", "earn") for name in ("Ana", "Luis")]
    marked = classroom.mark(*students)
    classroom.run(marked)
    return marked


@pytest.mark.parametrize(
    ("wishes", "run_again"),
    [
        (["1.2"], {"ana": ["01_s3"], "luis": ["01_s3"]}),
        (["02_iam"], {"ana": ["02_iam"], "luis": ["02_iam"]}),
        (["02"], {"ana": ["02_iam"], "luis": ["02_iam"]}),
        (["Ana"], {"ana": ["01_s3", "02_iam"]}),
        (["ana", "1.1"], {"ana": ["01_s3", "02_iam"], "luis": ["01_s3"]}),
        ([""], {"ana": ["01_s3", "02_iam"], "luis": ["01_s3", "02_iam"]}),
        ([], {}),
    ],
)
def test_only_what_is_named_runs_again(
    classroom: Any, graded: Any, wishes: list[str], run_again: dict[str, list[str]]
) -> None:
    classroom.forget_ran()
    forget_results(classroom.batch().kept, wishes, graded, classroom.references)
    done = classroom.run(graded)
    assert dict(classroom.ran()) == run_again
    assert {one.graded.earned for one in done.values()} == {2}


@pytest.mark.parametrize("wish", ["9.9", "1.99", "Nadie", "07_athena_costes", "1"])
def test_what_nobody_has_is_refused_and_nothing_is_forgotten(classroom: Any, graded: Any, wish: str) -> None:
    with pytest.raises(UsageError) as caught:
        forget_results(classroom.batch().kept, ["", wish], graded, classroom.references)
    assert wish in str(caught.value)
    assert all(classroom.batch().find_missing(one) == () for one in graded)


def test_by_hand_names_the_kept_notebook_and_the_students_own_seed(tmp_path: Path) -> None:
    ana = Submission("Ana Núñez", build_key("Ana Núñez"), "O'Hara $1", ())
    notebook = tmp_path / "ana-nunez" / "kernel-01_s3-1" / "notebooks" / "en" / "01_s3.ipynb"
    assert build_by_hand(tmp_path, ana, "01_s3", BatchOptions(language="en")) is None
    notebook.parent.mkdir(parents=True)
    notebook.write_text("{}")
    found = build_by_hand(tmp_path, ana, "01_s3", BatchOptions(language="en", cell_s=30))
    assert found is not None
    words = shlex.split(found.command)
    assert words[0] == "env"
    assert "LABKIT_STUDENT=O'Hara $1" in words
    assert {"--nbval-lax", "--nbval-cell-timeout=30", str(notebook)} <= set(words)
    assert not any(word.startswith("LABKIT_GRADED") for word in words)
    state = next(word.split("=", 1)[1] for word in words if word.startswith("LABKIT_STATE="))
    assert shlex.split(found.down)[-2:] == ["--state", state]
    assert not Path(state).exists()
