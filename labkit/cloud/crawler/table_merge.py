"""What a re-crawl makes of a table or partition that is in the catalog already."""

from __future__ import annotations

from typing import Any

from labkit.cloud.crawler.hive_parse import parse_type
from labkit.cloud.crawler.hive_types import Array, HiveType, Map, Struct, render
from labkit.cloud.crawler.table_documents import OWN_PARAMETERS, RUN_ID

Document = dict[str, Any]
# Kept from the table in the catalog: what a person or another program added.
KEPT_FIELDS = ("Description", "Owner", "Retention", "LastAccessTime", "LastAnalyzedTime")
# "If a fundamental Amazon S3 table attribute changes, such as classification, compression type, or CSV delimiter"
_FUNDAMENTAL = ("classification", "compressionType", "delimiter")


def merge_table(found: Document, fresh: Document, *, only_new_columns: bool) -> Document:
    """Return the TableInput of a re-crawl: own parameters rewritten, foreign ones kept, columns replaced or merged."""
    kept = {key: found[key] for key in KEPT_FIELDS if found.get(key) is not None}
    keys = found.get("PartitionKeys") or []
    if keys and [key["Name"] for key in keys] == [key["Name"] for key in fresh["PartitionKeys"]]:
        kept["PartitionKeys"] = keys  # somebody may have given them types and comments
    return {**merge_partition(found, fresh, only_new_columns=only_new_columns), **kept}


def merge_partition(found: Document, fresh: Document, *, only_new_columns: bool) -> Document:
    """As `merge_table`, for what a partition has."""
    storage, old = dict(fresh["StorageDescriptor"]), found.get("StorageDescriptor") or {}
    storage["Columns"] = _columns(old.get("Columns") or [], storage["Columns"], only_new=only_new_columns)
    if only_new_columns:
        storage["InputFormat"] = old.get("InputFormat") or storage["InputFormat"]
        storage["OutputFormat"] = old.get("OutputFormat") or storage["OutputFormat"]
        storage["SerdeInfo"] = _serde(old.get("SerdeInfo") or {}, storage["SerdeInfo"])
    storage["Parameters"] = {**_foreign(old.get("Parameters")), **storage["Parameters"]}
    parameters = {**_foreign(found.get("Parameters")), **fresh["Parameters"]}
    return {**fresh, "StorageDescriptor": storage, "Parameters": parameters}


def changed_attributes(found: Document, fresh: Document) -> list[str]:
    """Return the fundamental attributes that differ: with MergeNewColumns such a table is deprecated, not changed."""
    old, new = found.get("Parameters") or {}, fresh["Parameters"]
    return [name for name in _FUNDAMENTAL if old.get(name) and old.get(name) != new.get(name)]


def same(found: Document, fresh: Document) -> bool:
    """Whether nothing but the crawl's own marks differs."""
    return all(_comparable(found.get(key)) == _comparable(fresh[key]) for key in fresh if key != "LastAccessTime")


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(inner) for key, inner in value.items() if key != RUN_ID}
    return value or None


def _foreign(parameters: dict[str, str] | None) -> dict[str, str]:
    return {key: value for key, value in (parameters or {}).items() if key not in OWN_PARAMETERS}


def _columns(old: list[Document], new: list[Document], *, only_new: bool) -> list[Document]:
    known = {column["Name"]: column for column in old}
    if not only_new:
        # A comment that somebody wrote stays with its column.
        comments = {name: {"Comment": column["Comment"]} for name, column in known.items() if column.get("Comment")}
        return [{**column, **comments.get(column["Name"], {})} for column in new]
    types = {column["Name"]: column["Type"] for column in new}
    grown = [{**column, "Type": _grow(column.get("Type") or "", types.get(column["Name"], ""))} for column in old]
    return [*grown, *(column for column in new if column["Name"] not in known)]


def _grow(old: str, new: str) -> str:
    """The old type with the struct fields that are new; "new columns are added, including nested data types"."""
    if old == new or "<" not in old or "<" not in new:
        return old
    try:
        return render(_add_fields(parse_type(old), parse_type(new)))
    except ValueError:
        return old


def _add_fields(old: HiveType, new: HiveType) -> HiveType:
    if isinstance(old, Array) and isinstance(new, Array):
        return Array(_add_fields(old.element, new.element))
    if isinstance(old, Map) and isinstance(new, Map):
        return Map(old.key, _add_fields(old.value, new.value))
    if isinstance(old, Struct) and isinstance(new, Struct):
        fields, more = dict(old.fields), dict(new.fields)
        kept = {name: _add_fields(kind, more[name]) if name in more else kind for name, kind in fields.items()}
        return Struct(tuple({**kept, **{name: kind for name, kind in more.items() if name not in fields}}.items()))
    return old


def _serde(old: Document, new: Document) -> Document:
    library = old.get("SerializationLibrary")
    if library and library != new["SerializationLibrary"]:
        return old  # a SerDe that somebody chose has other parameters
    return {**new, **old, "Parameters": {**(old.get("Parameters") or {}), **new["Parameters"]}}
