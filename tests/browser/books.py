"""Notebooks of a test's own, laid beside the student's."""

from __future__ import annotations

from pathlib import Path

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def write_book(folder: Path, name: str, *sources: str, kernel: str = "python3") -> str:
    """Write `<folder>/notebooks/es/<name>.ipynb` with these code cells; returns its name."""
    import nbformat

    book = nbformat.v4.new_notebook(metadata={"kernelspec": {**KERNEL, "name": kernel}})
    book.cells = [nbformat.v4.new_code_cell(source, id=f"c{place}") for place, source in enumerate(sources)]
    path = folder / "notebooks" / "es" / f"{name}.ipynb"
    nbformat.write(book, path)
    return name


def write_solution(folder: Path, name: str, language: str = "es") -> str:
    """The notebook with its solutions, under a name of its own; returns that name."""
    from labkit.grading.editions.build import render_edition
    from labkit.grading.editions.edition import SOLUTION
    from labkit.grading.editions.places import find_places
    from labkit.grading.editions.validate import read_source

    words = render_edition(read_source(find_places(), name), SOLUTION, language)
    (folder / "notebooks" / language / f"{name}_resuelto.ipynb").write_bytes(words)
    return f"{name}_resuelto"
