"""Classify one file: custom classifiers in the crawler's order, then the built-in ones, then UNKNOWN."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labkit.cloud.crawler.avro_format import MAGIC as AVRO_MAGIC
from labkit.cloud.crawler.avro_format import classify_avro
from labkit.cloud.crawler.columnar import classify_orc, classify_parquet
from labkit.cloud.crawler.csv_format import CsvOptions, classify_csv, text_lines
from labkit.cloud.crawler.json_format import classify_json
from labkit.cloud.crawler.sample import DEEP_SAMPLE_BYTES, SAMPLE_BYTES, Sample, UnreadableFile, read_sample
from labkit.cloud.crawler.shape import UNKNOWN, CsvLayout, FileShape

_MARKUP = ("<?xml", "<!doctype", "<html")
_RECORDS_FOR_AVERAGE = 3  # header and first two rows: reproduces both live values on record (14 and 25)


@dataclass(frozen=True)
class JsonClassifier:
    """A custom JSON classifier."""

    name: str
    json_path: str


@dataclass(frozen=True)
class CsvClassifier:
    """A custom CSV classifier."""

    name: str
    options: CsvOptions


@dataclass(frozen=True)
class UnsupportedClassifier:
    """A Grok or XML classifier: stored, never run."""

    name: str
    kind: str


Classifier = JsonClassifier | CsvClassifier | UnsupportedClassifier


class ClassifierNotRun(Exception):
    """A crawl reached a classifier that the local cloud cannot run; the text names it."""


def classify_file(path: Path, size_bytes: int, classifiers: Sequence[Classifier] = ()) -> FileShape:
    """Return the shape of a file from its footer or its first megabyte.

    UnreadableFile when it is corrupt or not UTF-8 text; ClassifierNotRun when a Grok or XML classifier comes first.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PAR1":
        return classify_parquet(path, size_bytes)
    if head[:3] == b"ORC":
        return classify_orc(path, size_bytes)
    if head == AVRO_MAGIC:
        return classify_avro(path, size_bytes)
    sample = read_sample(path, SAMPLE_BYTES)
    shape = _classify_text(sample, size_bytes, classifiers)
    if not sample.complete and (shape.classification == UNKNOWN or shape.sample_rows < _RECORDS_FOR_AVERAGE):
        # A record longer than the sample hides the rest: look once more, deeper.
        shape = _classify_text(read_sample(path, DEEP_SAMPLE_BYTES), size_bytes, classifiers)
    return shape


def _classify_text(sample: Sample, size_bytes: int, classifiers: Sequence[Classifier]) -> FileShape:
    unknown = FileShape(UNKNOWN, compression=sample.compression, note="no classifier recognised it")
    if b"\0" in sample.data:
        return replace(unknown, note="binary data")
    text, problem = _decode(sample)
    found = _first_match(text, sample.complete, classifiers if not problem else ())
    if found is None:
        return unknown
    if problem:
        raise UnreadableFile(problem)
    found = replace(found, compression=sample.compression)
    return _with_statistics(found, text, sample, size_bytes)


def _decode(sample: Sample) -> tuple[str, str]:
    """The text and, when it is not UTF-8, what is wrong (the text is then a Latin-1 reading of it)."""
    data = sample.data.removeprefix(codecs.BOM_UTF8)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=sample.complete), ""
    except UnicodeDecodeError as error:
        text = data.decode("latin-1")
        if any(character < " " and character not in "\t\n\r\f\u0001" for character in text):
            return "", "binary data"
        line = data.count(b"\n", 0, error.start) + 1
        return text, (
            f"it is not UTF-8 text (byte 0x{data[error.start]:02x} in line {line}; probably Latin-1 or Windows-1252). "
            "AWS reads CSV and JSON as UTF-8 only: save the file as UTF-8 and upload it again"
        )


def _first_match(text: str, complete: bool, classifiers: Sequence[Classifier]) -> FileShape | None:
    for classifier in classifiers:
        found = _custom_match(text, complete, classifier)
        if found is not None:
            return found
    found = classify_json(text, complete)
    if found is None and not text.lstrip()[:16].lower().startswith(_MARKUP):
        found = classify_csv(text, complete)
    return found


def _custom_match(text: str, complete: bool, classifier: Classifier) -> FileShape | None:
    if isinstance(classifier, JsonClassifier):
        return classify_json(text, complete, classifier.json_path)
    if isinstance(classifier, CsvClassifier):
        return classify_csv(text, complete, classifier.options)
    raise ClassifierNotRun(
        f'the classifier "{classifier.name}" is a {classifier.kind} classifier, which the local cloud cannot run. '
        "Take it off the crawler, or use a CSV or JSON classifier"
    )


def _with_statistics(shape: FileShape, text: str, sample: Sample, size_bytes: int) -> FileShape:
    """recordCount of a plain CSV is floor(sizeKey / averageRecordSize), as AWS estimates it: not a row count."""
    if shape.classification == "json":
        average = max(len(sample.data) // max(shape.sample_rows, 1), 1)
        exact = sample.complete
    else:
        lines = text_lines(text, sample.complete)[:_RECORDS_FOR_AVERAGE]
        average = max(sum(len(line.encode()) for line in lines) // max(len(lines), 1), 1)
        exact = sample.complete and sample.compression != "none"
    if exact:
        count = shape.sample_rows
    else:
        inflated = (
            size_bytes * len(sample.data) // sample.consumed_bytes if sample.compression != "none" else size_bytes
        )
        count = inflated // average
    note = "" if shape.enough or not isinstance(shape.layout, CsvLayout) else "CSV needs at least two rows of data"
    return replace(shape, record_count=count, average_record_size=average, note=note)
