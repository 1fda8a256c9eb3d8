"""The TableInput and PartitionInput documents that a crawl writes, key by key as AWS writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labkit.cloud.crawler.folders import CrawledFile
from labkit.cloud.crawler.grouping import Dataset, Leaf
from labkit.cloud.crawler.hive_types import Column, render
from labkit.cloud.crawler.shape import AvroLayout, CsvLayout, FileShape, GrokLayout, JsonLayout, XmlLayout

_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_OPENX_JSON = "org.openx.data.jsonserde.JsonSerDe"
_GROK = "com.amazonaws.glue.serde.GrokSerDe"
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_ORC = "org.apache.hadoop.hive.ql.io.orc"
_AVRO_IO = "org.apache.hadoop.hive.ql.io.avro"
_FORMATS: dict[str, tuple[str, str, str]] = {  # classification: input format, output format, SerDe
    "csv": (_TEXT_INPUT, _TEXT_OUTPUT, _LAZY),
    "json": (_TEXT_INPUT, _TEXT_OUTPUT, _OPENX_JSON),
    "parquet": (
        f"{_PARQUET}.MapredParquetInputFormat",
        f"{_PARQUET}.MapredParquetOutputFormat",
        f"{_PARQUET}.serde.ParquetHiveSerDe",
    ),
    "orc": (f"{_ORC}.OrcInputFormat", f"{_ORC}.OrcOutputFormat", f"{_ORC}.OrcSerde"),
    "avro": (
        f"{_AVRO_IO}.AvroContainerInputFormat",
        f"{_AVRO_IO}.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
}
RUN_ID = "CRAWL_RUN_ID"
UPDATED_BY = "UPDATED_BY_CRAWLER"
DEPRECATED_BY = "DEPRECATED_BY_CRAWLER"
# What a re-crawl rewrites or takes away; any other parameter is somebody else's and stays.
OWN_PARAMETERS = frozenset(
    {
        RUN_ID,
        "CrawlerSchemaDeserializerVersion",
        "CrawlerSchemaSerializerVersion",
        UPDATED_BY,
        DEPRECATED_BY,
        "areColumnsQuoted",
        "avro.schema.literal",
        "averageRecordSize",
        "classification",
        "columnsOrdered",
        "compressionType",
        "delimiter",
        "exclusions",
        "grokCustomPatterns",
        "grokPattern",
        "jsonPath",
        "objectCount",
        "partition_filtering.enabled",
        "recordCount",
        "rowTag",
        "sizeKey",
        "skip.header.line.count",
        "typeOfData",
    }
)


@dataclass(frozen=True)
class CrawlMark:
    """Who writes: the crawler's name, the crawl's id and its time in epoch seconds."""

    crawler: str
    run_id: str
    time: int = 0


def table_input(dataset: Dataset, name: str, mark: CrawlMark) -> dict[str, Any]:
    """Return the whole TableInput of a data set."""
    parameters = _parameters(dataset.shape, dataset.files, mark)
    if dataset.keys:
        parameters["partition_filtering.enabled"] = "true"
    if dataset.exclusions:
        parameters["exclusions"] = json.dumps(dataset.exclusions, ensure_ascii=False, separators=(",", ":"))
    return {
        "Name": name,
        "Owner": "owner",
        "LastAccessTime": mark.time,
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in dataset.keys],
        "StorageDescriptor": _storage(dataset.shape, dataset.location, parameters),
        "Parameters": dict(parameters),
    }


def partition_input(leaf: Leaf, dataset: Dataset, mark: CrawlMark) -> dict[str, Any]:
    """Return the PartitionInput of one partition, with the columns of its own files as on AWS."""
    # A partition whose only file is too short to tell has the table's schema.
    shape = leaf.shape if leaf.shape.enough else dataset.shape
    parameters = _parameters(shape, leaf.files, mark)
    return {
        "Values": list(leaf.values),
        "StorageDescriptor": _storage(shape, leaf.location, parameters),
        "Parameters": dict(parameters),
    }


def column_documents(columns: Iterable[Column]) -> list[dict[str, str]]:
    """Return columns as the catalog holds them."""
    return [{"Name": column.name, "Type": render(column.type)} for column in columns]


def _storage(shape: FileShape, location: str, parameters: dict[str, str]) -> dict[str, Any]:
    input_format, output_format, _ = _formats(shape)
    return {
        "Columns": column_documents(shape.columns),
        "Location": location,
        "InputFormat": input_format,
        "OutputFormat": output_format,
        "Compressed": shape.compression != "none",
        "NumberOfBuckets": -1,
        "SerdeInfo": _serde(shape),
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": dict(parameters),
        "StoredAsSubDirectories": False,
    }


def _formats(shape: FileShape) -> tuple[str, str, str]:
    if isinstance(shape.layout, GrokLayout):
        return _TEXT_INPUT, _TEXT_OUTPUT, _GROK
    if isinstance(shape.layout, XmlLayout):
        return "", "", ""  # no Hive reader reads it; Glue jobs do, by the classification and rowTag
    return _FORMATS.get(shape.classification, ("", "", ""))


def _serde(shape: FileShape) -> dict[str, Any]:
    library = _formats(shape)[2]
    parameters: dict[str, str] = {}
    layout = shape.layout
    if isinstance(layout, CsvLayout):
        if layout.serde == "OpenCSVSerDe":
            library = _OPEN_CSV
            parameters = {"separatorChar": layout.delimiter, "quoteChar": layout.quote, "escapeChar": "\\"}
        else:
            parameters = {"field.delim": layout.delimiter}
    elif isinstance(layout, JsonLayout):
        parameters = {"paths": ",".join(layout.paths)}
    elif isinstance(layout, AvroLayout):
        parameters = {"avro.schema.literal": layout.schema, "serialization.format": "1"}
    elif isinstance(layout, GrokLayout):
        parameters = {"input.format": layout.pattern}
        if layout.custom:
            parameters["input.grokCustomPatterns"] = layout.custom
    elif isinstance(layout, XmlLayout):
        parameters = {"rowTag": layout.row_tag}
    elif library:
        parameters = {"serialization.format": "1"}
    return {"SerializationLibrary": library, "Parameters": parameters}


def _parameters(shape: FileShape, files: Iterable[CrawledFile], mark: CrawlMark) -> dict[str, str]:
    objects = list(files)
    size = sum(file.size_bytes for file in objects)
    parameters = {
        RUN_ID: mark.run_id,
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        UPDATED_BY: mark.crawler,
        "averageRecordSize": str(shape.average_record_size),
        "classification": shape.classification,
        "compressionType": shape.compression,
        "objectCount": str(len(objects)),
        "recordCount": str(_record_count(objects, size)),
        "sizeKey": str(size),
        "typeOfData": "file",
    }
    return {**parameters, **_layout_parameters(shape)}


def _layout_parameters(shape: FileShape) -> dict[str, str]:
    layout = shape.layout
    parameters: dict[str, str] = {}
    if isinstance(layout, CsvLayout):
        parameters["areColumnsQuoted"] = "true" if layout.quoted else "false"
        parameters["columnsOrdered"] = "true"
        parameters["delimiter"] = layout.delimiter
        if layout.has_header:
            parameters["skip.header.line.count"] = "1"
    elif isinstance(layout, JsonLayout) and layout.json_path:
        parameters["jsonPath"] = layout.json_path
    elif isinstance(layout, AvroLayout):
        parameters["avro.schema.literal"] = layout.schema
    elif isinstance(layout, GrokLayout):
        parameters["grokPattern"] = layout.pattern
        if layout.custom:
            parameters["grokCustomPatterns"] = layout.custom
    elif isinstance(layout, XmlLayout):
        parameters["rowTag"] = layout.row_tag
    return parameters


def _record_count(files: list[CrawledFile], size: int) -> int:
    counted = [(file.shape.record_count, file.size_bytes) for file in files if file.shape is not None]
    seen_bytes = sum(size_bytes for _, size_bytes in counted)
    count = sum(records for records, _ in counted)
    # Files left out by SampleSize are counted in proportion to their size.
    return count * size // seen_bytes if 0 < seen_bytes < size else count
