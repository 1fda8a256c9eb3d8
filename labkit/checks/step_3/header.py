"""3.2: a CSV of nothing but texts, whose header a crawler does not see without a classifier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labkit.aws.s3 import list_objects
from labkit.aws.session import error_code
from labkit.checks.amounts import read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_3.origin import judge_origin
from labkit.checks.step_3.places import CUSTOMERS_FILE, CUSTOMERS_TABLE

_OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_SEPARATOR, _QUOTE = ";", '"'


def check_header(context: Context) -> list[Finding]:
    """The table must have the file's own header, whole quoted notes, and a classifier that will find them again."""
    table = find_catalog_table(context, CUSTOMERS_TABLE)
    if table is None:
        raise NotAttempted("task_3.no_table", table=f"{context.names.database}.{CUSTOMERS_TABLE}")
    storage = table.get("StorageDescriptor", {})
    names = [item["Name"] for item in storage.get("Columns", [])]
    classifiers = _find_classifiers(context, table)
    return [
        judge_origin(context, table),
        _judge_file(context, storage.get("Location", "")),
        _judge_names(context, names, bool(classifiers)),
        _judge_skipping(table),
        _judge_quotes(storage.get("SerdeInfo", {})),
        _judge_classifier(table, classifiers),
        _judge_notes(context),
    ]


def find_catalog_table(context: Context, name: str) -> dict[str, Any] | None:
    """GetTable's answer for a table of the lab's database, or None."""
    from botocore.exceptions import ClientError

    try:
        return dict(context.clients.glue.get_table(DatabaseName=context.names.database, Name=name)["Table"])
    except ClientError as error:
        if error_code(error) == "EntityNotFoundException":
            return None
        raise


def _judge_file(context: Context, location: str) -> Finding:
    """The table's folder must hold the student's own file and nothing else."""
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    found = [item for item in list_objects(context.clients.s3, bucket, prefix) if item.size_bytes] if bucket else []
    facts = {"location": location, "files": len(found), "bytes": sum(item.size_bytes for item in found)}
    if len(found) == 1:
        body = context.clients.s3.get_object(Bucket=bucket, Key=found[0].key)["Body"].read()
        if body == (context.truth.folder / CUSTOMERS_FILE).read_bytes():
            return Finding(True, "task_3.header.file", facts)
    misconception = "task_3.header.mixed_folder" if len(found) > 1 else "task_3.header.other_file"
    return Finding(False, "task_3.header.file_differs", facts, misconception)


def _judge_names(context: Context, names: list[str], has_classifier: bool) -> Finding:
    wanted = [name for name in context.truth.customers[0] if name != "_file"]
    facts = {"columns": ", ".join(names[:8]) or "—", "count": len(names)}
    if [name.lower() for name in names] == wanted:
        return Finding(True, "task_3.header.names", facts)
    if len(names) == 1:
        return Finding(False, "task_3.header.names_differ", facts, "task_3.header.wrong_delimiter")
    if names and all(re.fullmatch(r"col\d+", name) for name in names):
        stale = "task_3.header.stale_table" if has_classifier else "task_3.header.all_text"
        return Finding(False, "task_3.header.names_differ", facts, stale)
    return Finding(False, "task_3.header.names_differ", facts, "task_3.header.names_by_hand")


def _judge_skipping(table: Mapping[str, Any]) -> Finding:
    storage = table.get("StorageDescriptor", {})
    said = table.get("Parameters", {}).get("skip.header.line.count")
    said = said or storage.get("SerdeInfo", {}).get("Parameters", {}).get("skip.header.line.count")
    facts = {"value": said or "—"}
    return Finding(said == "1", "task_3.header.skipping", facts, "task_3.header.header_is_a_row")


def _judge_quotes(serde: Mapping[str, Any]) -> Finding:
    library = str(serde.get("SerializationLibrary", ""))
    settings = serde.get("Parameters", {})
    facts = {
        "serde": library.rsplit(".", 1)[-1] or "—",
        "separator": settings.get("separatorChar", settings.get("field.delim", "—")),
    }
    if library.lower() != _OPEN_CSV.lower():
        return Finding(False, "task_3.header.serde", facts, "task_3.header.quotes_are_read")
    right = settings.get("separatorChar") == _SEPARATOR and settings.get("quoteChar", _QUOTE) == _QUOTE
    return Finding(right, "task_3.header.serde", facts, "task_3.header.wrong_delimiter")


def _find_classifiers(context: Context, table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The CSV classifiers of the crawler that wrote the table."""
    from botocore.exceptions import ClientError

    glue = context.clients.glue
    crawler = table.get("Parameters", {}).get("UPDATED_BY_CRAWLER", "")
    try:
        names = glue.get_crawler(Name=crawler)["Crawler"].get("Classifiers", []) if crawler else []
        found = [glue.get_classifier(Name=name)["Classifier"] for name in names]
    except ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        return []
    return [dict(item["CsvClassifier"]) for item in found if "CsvClassifier" in item]


def _judge_classifier(table: Mapping[str, Any], classifiers: list[dict[str, Any]]) -> Finding:
    crawler = table.get("Parameters", {}).get("UPDATED_BY_CRAWLER") or "—"
    if not classifiers:
        return Finding(False, "task_3.header.no_classifier", {"crawler": crawler}, "task_3.header.mended_by_hand")
    first = classifiers[0]
    facts = {
        "crawler": crawler,
        "name": first.get("Name", ""),
        "header": first.get("ContainsHeader", "UNKNOWN"),
        "delimiter": first.get("Delimiter", ","),
    }
    right = first.get("ContainsHeader") == "PRESENT" and first.get("Delimiter") == _SEPARATOR
    return Finding(right, "task_3.header.classifier", facts, "task_3.header.still_guesses")


def _judge_notes(context: Context) -> Finding:
    """How many notes hold a semicolon: a number that only a table which heeds the quotes gives."""
    value = context.get("notes_with_semicolon")
    number = read_amount(value)
    counted = sum(_SEPARATOR in row["notas"] for row in context.truth.customers)
    facts = {"value": show_value(value)}
    if number == counted:
        return Finding(True, "task_3.header.notes", facts)
    if number is None:
        return Finding(False, "task_3.header.notes_differ", facts, "task_3.answers_are_texts")
    if number == 0:
        return Finding(False, "task_3.header.notes_differ", facts, "task_3.header.quotes_are_read")
    return Finding(False, "task_3.header.notes_differ", facts, "task_3.header.counted_elsewhere")
