"""STORED AS and ROW FORMAT: which classes the catalog gets."""

from __future__ import annotations

from dataclasses import dataclass

_QL = "org.apache.hadoop.hive.ql.io"
_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = f"{_QL}.HiveIgnoreKeyTextOutputFormat"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
PARQUET = f"{_QL}.parquet.serde.ParquetHiveSerDe"


@dataclass(frozen=True)
class Format:
    """Input class, output class, SerDe."""

    input: str
    output: str
    serde: str


FORMATS = {
    "TEXTFILE": Format(_TEXT_INPUT, _TEXT_OUTPUT, LAZY),
    "JSON": Format(_TEXT_INPUT, _TEXT_OUTPUT, OPENX),
    "JSONFILE": Format(_TEXT_INPUT, _TEXT_OUTPUT, OPENX),
    "PARQUET": Format(f"{_QL}.parquet.MapredParquetInputFormat", f"{_QL}.parquet.MapredParquetOutputFormat", PARQUET),
    "ORC": Format(f"{_QL}.orc.OrcInputFormat", f"{_QL}.orc.OrcOutputFormat", f"{_QL}.orc.OrcSerde"),
}
