"""STORED AS and ROW FORMAT: which classes the catalog gets."""

from __future__ import annotations

from dataclasses import dataclass

_QL = "org.apache.hadoop.hive.ql.io"
_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = f"{_QL}.HiveIgnoreKeyTextOutputFormat"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
HCATALOG = "org.apache.hive.hcatalog.data.JsonSerDe"
PARQUET = f"{_QL}.parquet.serde.ParquetHiveSerDe"
ORC = f"{_QL}.orc.OrcSerde"
AVRO = "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
OPENCSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


@dataclass(frozen=True)
class Format:
    """Input class, output class, SerDe."""

    input: str
    output: str
    serde: str


# STORED AS of Hive's DDL. What the engine cannot read of them is refused when it is read.
STORED_AS = {
    "TEXTFILE": Format(_TEXT_INPUT, _TEXT_OUTPUT, LAZY),
    "SEQUENCEFILE": Format("org.apache.hadoop.mapred.SequenceFileInputFormat", f"{_QL}.HiveSequenceFileOutputFormat", LAZY),
    "RCFILE": Format(
        f"{_QL}.RCFileInputFormat", f"{_QL}.RCFileOutputFormat",
        "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
    ),
    "ORC": Format(f"{_QL}.orc.OrcInputFormat", f"{_QL}.orc.OrcOutputFormat", ORC),
    "PARQUET": Format(f"{_QL}.parquet.MapredParquetInputFormat", f"{_QL}.parquet.MapredParquetOutputFormat", PARQUET),
    "AVRO": Format(f"{_QL}.avro.AvroContainerInputFormat", f"{_QL}.avro.AvroContainerOutputFormat", AVRO),
    "ION": Format(
        "com.amazon.ionhiveserde.formats.IonInputFormat", "com.amazon.ionhiveserde.formats.IonOutputFormat",
        "com.amazon.ionhiveserde.IonHiveSerDe",
    ),
}  # fmt: skip

# format = '…' of CREATE TABLE AS and UNLOAD.
FORMATS = {
    **{name: STORED_AS[name] for name in ("TEXTFILE", "ORC", "PARQUET", "AVRO")},
    "JSON": Format(_TEXT_INPUT, _TEXT_OUTPUT, OPENX),
}

# What Athena's documentation lists as SerDes (and Hive's own column SerDes).
SERDES = {
    LAZY, OPENX, HCATALOG, PARQUET, ORC, AVRO, OPENCSV, STORED_AS["RCFILE"].serde, STORED_AS["ION"].serde,
    "org.apache.hadoop.hive.serde2.RegexSerDe", "com.amazonaws.glue.serde.GrokSerDe",
    "com.amazon.emr.hive.serde.CloudTrailSerde", "org.apache.hive.hcatalog.data.CloudTrailLogSerde",
    "org.apache.hadoop.hive.serde2.columnar.ColumnarSerDe", "org.apache.hadoop.hive.serde2.lazybinary.LazyBinarySerDe",
    "org.apache.hadoop.hive.contrib.serde2.RegexSerDe", "org.apache.hadoop.hive.serde2.JsonSerDe",
}  # fmt: skip
