"""What is done to the file: check cells overwritten, moved, doubled, marked to be skipped; points, kernels and tags invented."""

from __future__ import annotations

from typing import Any

from tests.grading.submissions import Attack, Document

S3 = "01_s3"
NOTHING = {"1.1": 0, "1.2": 0, "1.3": 0, "1.4": 0}
ALL = {"1.1": 3, "1.2": 2, "1.3": 2, "1.4": 3}
_CHECKS = ("t1-1-check", "t1-2-check", "t1-3-check", "t1-4-check")


def _checks(document: Document) -> list[dict[str, Any]]:
    return [cell for cell in document["cells"] if cell["id"] in _CHECKS]


def _overwrite(document: Document) -> None:
    for cell in _checks(document):
        cell["source"] = "pass"


def _delete(document: Document) -> None:
    document["cells"] = [cell for cell in document["cells"] if cell["id"] not in _CHECKS]


def _double(document: Document) -> None:
    """A second cell of each check's id that does nothing."""
    document["cells"] += [{**cell, "source": "pass"} for cell in _checks(document)]


def _split(document: Document) -> None:
    """A copy cut in two: the id stays with the half that checks nothing."""
    for cell in _checks(document):
        place = document["cells"].index(cell)
        rest = {**cell, "id": f"{cell['id']}-b", "source": cell["source"]}
        cell["source"] = "import labkit"
        document["cells"].insert(place + 1, rest)


def _turn_into_text(document: Document) -> None:
    for cell in _checks(document):
        cell["cell_type"] = "markdown"
        cell.pop("outputs", None)


def _move_up(document: Document) -> None:
    checks = _checks(document)
    document["cells"] = [*checks, *(cell for cell in document["cells"] if cell not in checks)]


def _mark_to_skip(document: Document) -> None:
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell["metadata"]["tags"] = ["nbval-skip", "raises-exception"]
            cell["source"] = "# NBVAL_SKIP\n" + "".join(cell["source"])


def _invent_points(document: Document) -> None:
    for cell in _checks(document):
        cell["metadata"]["nbgrader"]["points"] = 100
        cell["metadata"]["nbgrader"]["solution"] = True
        cell["metadata"]["nbgrader"]["locked"] = False
        cell["source"] = "pass"


def _other_kernel(document: Document) -> None:
    document["metadata"]["kernelspec"] = {"name": "conda-env-foo-py", "display_name": "evil", "language": "bash"}


def _claim_more_answers(document: Document) -> None:
    """Locked cells and checks said to be answers, so that their text would be the student's."""
    for cell in document["cells"]:
        cell["metadata"]["nbgrader"] = {**cell["metadata"].get("nbgrader", {}), "solution": True, "grade": False}
        if cell["cell_type"] == "code":
            cell["source"] = "pass"


def _same_id_everywhere(document: Document) -> None:
    for cell in document["cells"]:
        cell["id"] = "t1-1-check"


ATTACKS = (
    Attack("check_overwritten", S3, NOTHING, change=_overwrite),
    Attack("check_deleted", S3, NOTHING, change=_delete),
    Attack("check_doubled", S3, NOTHING, change=_double),
    Attack("check_split", S3, NOTHING, change=_split),
    Attack("check_as_text", S3, NOTHING, change=_turn_into_text),
    Attack("check_moved_up", S3, NOTHING, change=_move_up),
    Attack("marked_to_skip", S3, NOTHING, change=_mark_to_skip),
    Attack("points_invented", S3, NOTHING, change=_invent_points),
    Attack("locked_cells_claimed", S3, NOTHING, change=_claim_more_answers),
    # What was solved honestly counts, whatever happened to the cells around it.
    Attack("solved_checks_deleted", S3, ALL, solved=True, change=_delete),
    Attack("solved_other_kernel", S3, ALL, solved=True, change=_other_kernel),
    Attack("solved_marked_to_skip", S3, ALL, solved=True, change=_mark_to_skip),
    Attack("one_id_for_all", S3, NOTHING, solved=True, change=_same_id_everywhere),
)
