"""Pairs of submissions whose answers read alike beyond what the task itself makes everybody write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from labkit.grading.editions.cells import Notebook
from labkit.grading.editions.edition import SOLUTION, STUDENT, Edition, build_edition
from labkit.grading.intake.submission import Submission
from labkit.grading.rebuild.build import rebuild
from labkit.grading.rebuild.read import read_student_notebook
from labkit.grading.similarity.tokens import Shingles, read_shingles

# Fewer runs than this two honest students share by chance.
LEAST_SHARED = 12
_LARGEST_BYTES = 20_000_000


@dataclass(frozen=True)
class Answers:
    """A student's answers by cell, and of each what counts in a comparison."""

    student: str
    texts: Mapping[str, str]
    shingles: Mapping[str, Shingles]

    @property
    def size(self) -> int:
        return sum(map(len, self.shingles.values()))


@dataclass(frozen=True)
class Alike:
    """One cell of two students: `share` of the shorter answer that the other has as well."""

    cell: str
    share: float
    texts: tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """Two students: `share` over all their answers, the number of runs they share, and the cells that are most alike first."""

    students: tuple[str, str]
    share: float
    shared: int
    cells: tuple[Alike, ...]


@dataclass(frozen=True)
class Known:
    """A reference notebook and what it holds: nobody has that from a fellow student."""

    reference: Notebook
    shingles: Shingles


def read_answers(submission: Submission, known: Sequence[Known], language: str) -> Answers:
    """The answers of one submission; what the reference or the handed-out text has as well is taken out."""
    texts: dict[str, str] = {}
    shingles: dict[str, Shingles] = {}
    papers = {paper.name: paper.path for paper in submission.papers if paper.path.stat().st_size <= _LARGEST_BYTES}
    for one in known:
        reference = one.reference
        if reference.name in papers:
            kinds = {cell.id: cell.kind for cell in reference.cells}
            answers = rebuild(reference, language, read_student_notebook(papers[reference.name])).answers
            for cell, source in answers.items():
                place = f"{reference.name} · {cell}"
                texts[place] = source
                shingles[place] = read_shingles(source, kinds[cell]) - one.shingles
    return Answers(submission.student, texts, shingles)


def find_known(reference: Notebook) -> Known:
    """Read the reference's solution, its handed-out edition and its other cells."""
    found: set[tuple[str, ...]] = set()
    for kind in (SOLUTION, STUDENT):
        for cell in build_edition(reference, Edition(kind, "es", None))["cells"]:
            found |= read_shingles("".join(cell["source"]), cell["cell_type"])
    return Known(reference, frozenset(found))


def find_pairs(class_answers: Sequence[Answers], threshold: float) -> list[Pair]:
    """The pairs at or above the threshold (a share between 0 and 1), most alike first.

    What more than half of a class wrote is the way that it was taught, and does not count.
    """
    held = Counter((cell, run) for answers in class_answers for cell, runs in answers.shingles.items() for run in runs)
    common = max(4, len(class_answers) // 2)
    reduced = [
        Answers(
            one.student,
            one.texts,
            {cell: frozenset(run for run in runs if held[cell, run] <= common) for cell, runs in one.shingles.items()},
        )
        for one in class_answers
    ]
    pairs = (_compare(one, other) for one, other in combinations(reduced, 2))
    found = [pair for pair in pairs if pair is not None and pair.share >= threshold]
    return sorted(found, key=lambda pair: (-pair.share, -pair.shared, pair.students))


def _compare(one: Answers, other: Answers) -> Pair | None:
    shared = {cell: one.shingles[cell] & other.shingles[cell] for cell in one.shingles.keys() & other.shingles.keys()}
    count = sum(map(len, shared.values()))
    if count < LEAST_SHARED:
        return None
    return Pair(
        (one.student, other.student), count / min(one.size, other.size), count, tuple(_list(one, other, shared))
    )


def _list(one: Answers, other: Answers, shared: Mapping[str, Shingles]) -> Iterator[Alike]:
    for cell in sorted(shared, key=lambda cell: (-len(shared[cell]), cell)):
        if shared[cell]:
            least = min(len(one.shingles[cell]), len(other.shingles[cell]))
            yield Alike(cell, len(shared[cell]) / least, (one.texts[cell], other.texts[cell]))
