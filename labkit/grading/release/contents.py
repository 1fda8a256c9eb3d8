"""What students get: editions built from their sources, data, the package that runs the lab, and what installs it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import labkit
from labkit.grading.editions.build import render_edition
from labkit.grading.editions.edition import STUDENT
from labkit.grading.editions.places import Places
from labkit.grading.editions.pristine import PACKED
from labkit.grading.editions.validate import Source
from labkit.i18n import LANGUAGES, load_catalogue

_PACKAGE = Path(labkit.__file__).parent
_AS_IT_IS = (
    *("pyproject.toml", "Makefile", "LICENSE", "environment.yml", "start", ".devcontainer/devcontainer.json"),
    *("pins/labkit.txt", "pins/build.txt", "pins/uv.txt", "pins/bench.txt"),
)
_PAGES = {
    "es": ("docs/eventos.md", "docs/identidad.md", "docs/paridad.md", "docs/preguntas.md"),
    "en": ("docs/events.md", "docs/identity.md", "docs/parity.md", "docs/faq.md"),
}
_SUFFIXES = {".py", ".json", ".css", ".js", ".j2", ".properties", ".typed"}
_DATA = {".csv", ".jsonl", ".parquet", ".md"}
# How free texts are read is for those who read them.
_NOT_FOR_STUDENTS = re.compile(r"checks/rubric_\w+\.json|(shipped|pristine)/.*")
_LINK = re.compile(r"\[([^\]\[]*)\]\(([^)\s#]+)(#[^)]*)?\)")


def list_contents(sources: Sequence[Source], places: Places, languages: Sequence[str]) -> dict[str, bytes]:
    """Path in the zip → bytes. Of notebooks nothing is read but the sources, so what somebody wrote into an edition stays here."""
    root = places.root.parent
    found = {name: (root / name).read_bytes() for name in _AS_IT_IS if (root / name).is_file()}
    for source in sources:
        for language in languages:
            words = render_edition(source, STUDENT, language)
            name = f"{language}/{source.notebook.name}.ipynb"
            found[f"notebooks/{name}"] = words
            found[f"{_PACKAGE.name}/{PACKED.name}/{name}"] = words
    found |= _read_folder(places.pictures, "notebooks/img", {".svg", ".png"})
    found |= _read_folder(root / "data", "data", _DATA)
    for folder in ("etl", "lambda"):
        found |= _read_folder(root / folder, folder, {".py"})
    package = _read_folder(_PACKAGE, _PACKAGE.name, _SUFFIXES)
    found |= {name: words for name, words in package.items() if not _NOT_FOR_STUDENTS.search(name)}
    pages = [page for language in languages for page in _PAGES[language]]
    found |= {page: (root / page).read_bytes() for page in pages if (root / page).is_file()}
    found["README.md"] = _write_readme(languages)
    if tuple(languages) != LANGUAGES:
        found["labkit.toml"] = f'language = "{languages[0]}"\n'.encode()
    return {name: _drop_dead_links(name, words, found) for name, words in sorted(found.items())}


def _read_folder(folder: Path, place: str, suffixes: set[str]) -> dict[str, bytes]:
    return {
        f"{place}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in _walk(folder)
        if path.suffix in suffixes
    }


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not path.is_symlink() and not any(_is_hidden(part) for part in parts):
            yield path


def _is_hidden(part: str) -> bool:
    return part.startswith(".") or part == "__pycache__"


def _write_readme(languages: Sequence[str]) -> bytes:
    pages = load_catalogue()["release.readme"]
    version = labkit.__version__
    return "\n".join(pages[language].format(version=version) for language in languages).encode()


def _drop_dead_links(name: str, content: bytes, found: Mapping[str, bytes]) -> bytes:
    """In a page, a link to what is not in the zip becomes its words."""
    if not name.startswith("docs/"):
        return content

    def mend(link: re.Match[str]) -> str:
        target = link[2]
        if "://" in target or _resolve(name, target) in found:
            return link[0]
        return link[1]

    return _LINK.sub(mend, content.decode("utf-8")).encode()


def _resolve(page: str, target: str) -> str:
    parts: list[str] = list(PurePosixPath(page).parent.parts)
    for part in PurePosixPath(target).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/".join(parts)
