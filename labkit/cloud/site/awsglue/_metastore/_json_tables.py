"""Tables of JSON files for Spark: read by Spark's own JSON source, because Hive's client here brings no JSON SerDe.

The SerDes that tables name find keys whatever their letter case; Spark's source wants them as the files spell them. So the
schema that Spark gets has the files' spelling: from the SerDe parameter `paths` that crawlers write, and from the first
records for the rest. Spark resolves names without regard to case.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from awsglue import _catalog
from awsglue import gluetypes as glue
from awsglue._files import list_files, read_start
from awsglue._types import parse_type, spark_from_glue

_SAMPLE_FILES = 10
_SAMPLE_BYTES = 1 << 20
# Hive's client loads the class that a table names, even for a table that Spark reads by itself: one that it has.
_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_PROVIDER = "spark.sql.sources.provider"
_SCHEMA = "spark.sql.sources.schema"
_PARTITION_COLUMNS = "spark.sql.sources.schema.numPartCols"


def is_json(document: Mapping[str, Any]) -> bool:
    """Whether a table's files are JSON and Spark has not written its own description of it."""
    serde = ((document.get("StorageDescriptor") or {}).get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    return serde.endswith("JsonSerDe") and _PROVIDER not in (document.get("Parameters") or {})


def _walk(value: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """(path in lower case, key as spelled) of every key below a value."""
    if isinstance(value, dict):
        for key, item in value.items():
            path = f"{prefix}.{key.lower()}"
            yield path, key
            yield from _walk(item, path)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, prefix)


def _sample(location: str) -> Iterator[Any]:
    """Values of the first lines of the first files."""
    for file in list_files(location, recurse=True)[:_SAMPLE_FILES] if location else ():
        if file.path.endswith((".gz", ".bz2")):
            continue
        for line in read_start(file, _SAMPLE_BYTES).decode("utf-8-sig", errors="replace").split("\n"):
            try:
                yield json.loads(line)
            except ValueError:
                continue  # a malformed line, or one cut off by the sample's end


def _spelling(document: Mapping[str, Any]) -> dict[str, str]:
    storage = document["StorageDescriptor"]
    found = dict(pair for record in _sample(storage.get("Location") or "") for pair in _walk(record, ""))
    listed = (storage["SerdeInfo"].get("Parameters") or {}).get("paths") or ""
    found.update((f".{key.lower()}", key) for key in listed.split(",") if key)
    return found


def _spelled(kind: glue.DataType, spelling: Mapping[str, str], prefix: str) -> glue.DataType:
    if isinstance(kind, glue.StructType):
        fields = []
        for field in kind:
            path = f"{prefix}.{field.name.lower()}"
            name = spelling.get(path, field.name)
            fields.append(glue.Field(name, _spelled(field.dataType, spelling, path)))
        return glue.StructType(fields)
    if isinstance(kind, glue.ArrayType):
        return glue.ArrayType(_spelled(kind.elementType, spelling, prefix))
    return kind


def for_spark(document: Mapping[str, Any]) -> dict[str, Any]:
    """The table's document as Spark writes one of a JSON table: provider, schema, and the path as an option."""
    table = _catalog.read_table(document, document["DatabaseName"])
    data = glue.StructType([glue.Field(name, parse_type(kind)) for name, kind in table.columns])
    spelled = _spelled(data, _spelling(document), "")
    assert isinstance(spelled, glue.StructType)
    schema = spark_from_glue(glue.StructType([*spelled, *_catalog.glue_schema(table.partition_keys)]))
    keys = {f"spark.sql.sources.schema.partCol.{place}": name for place, (name, _) in enumerate(table.partition_keys)}
    counted = {_PARTITION_COLUMNS: str(len(keys))} if keys else {}
    storage = document["StorageDescriptor"]
    ignores = str((storage["SerdeInfo"].get("Parameters") or {}).get("ignore.malformed.json", "")).lower() == "true"
    options = {"path": table.location, "mode": "DROPMALFORMED" if ignores else "FAILFAST"}
    return {
        **document,
        "StorageDescriptor": {**storage, "SerdeInfo": {"SerializationLibrary": _SERDE, "Parameters": options}},
        "Parameters": {
            **(document.get("Parameters") or {}),
            _PROVIDER: "json",
            _SCHEMA: json.dumps(schema.jsonValue()),
            "spark.sql.partitionProvider": "catalog",
            **counted,
            **keys,
        },
    }


def for_catalog(table_input: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """A TableInput without what `for_spark` added to the document it changes."""
    parameters = {
        name: value
        for name, value in (table_input.get("Parameters") or {}).items()
        if not name.startswith(("spark.sql.sources.", "spark.sql.partitionProvider"))
    }
    storage = {**table_input["StorageDescriptor"], "SerdeInfo": before["StorageDescriptor"]["SerdeInfo"]}
    return {**table_input, "StorageDescriptor": storage, "Parameters": parameters}


def partition_for_catalog(partition: dict[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """A PartitionInput of Spark's with the SerDe that the table really has."""
    if not is_json(table):
        return partition
    serde = table["StorageDescriptor"]["SerdeInfo"]
    return {**partition, "StorageDescriptor": {**partition["StorageDescriptor"], "SerdeInfo": serde}}
