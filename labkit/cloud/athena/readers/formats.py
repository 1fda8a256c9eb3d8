"""Which reader a SerDe has; what has none is refused by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.readers.files import FileSet, Source

# Input formats of the readers below; another one (symlinks, Hudi, Delta …) means other files.
_INPUTS = {
    "", "org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat", "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "org.apache.hadoop.mapreduce.lib.input.TextInputFormat",
}  # fmt: skip
_CLOUDTRAIL = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"


def reader_of(serde: dict[str, Any], input_format: str, table: str) -> Callable[[FileSet], Source]:
    """The reader of a SerDe's files."""
    library = str(serde.get("SerializationLibrary") or "")
    short = library.rsplit(".", 1)[-1].lower()
    if input_format == _CLOUDTRAIL and short in ("jsonserde", "cloudtrailserde"):
        from labkit.cloud.athena.readers.cloudtrail import read_cloudtrail

        return read_cloudtrail
    if not library and not input_format:
        # What Athena says of a table of the catalog to which nobody gave a format.
        raise QueryFailure("HIVE_UNSUPPORTED_FORMAT", "Unable to create input format")
    reader = _readers().get(short)
    if reader is None:
        raise not_supported(f"the SerDe {library or '(none)'} of {table}")
    if input_format not in _INPUTS:
        raise not_supported(f"the input format {input_format} of {table}")
    return reader


def _readers() -> dict[str, Callable[[FileSet], Source]]:
    from labkit.cloud.athena.readers.avro import read_avro
    from labkit.cloud.athena.readers.jsonlines import read_json_lines
    from labkit.cloud.athena.readers.lazysimple import read_lazysimple
    from labkit.cloud.athena.readers.opencsv import read_opencsv
    from labkit.cloud.athena.readers.orc import read_orc
    from labkit.cloud.athena.readers.parquet import read_parquet
    from labkit.cloud.athena.readers.regex import read_regex

    return {
        "lazysimpleserde": read_lazysimple, "opencsvserde": read_opencsv, "jsonserde": read_json_lines,
        "parquethiveserde": read_parquet, "orcserde": read_orc, "regexserde": read_regex, "avroserde": read_avro,
    }  # fmt: skip
