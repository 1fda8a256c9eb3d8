"""Glue types against Spark's, Hive's names and the cast strings of mappings."""

from __future__ import annotations

from typing import Any

from pyspark.sql import types as spark

from . import gluetypes as glue
from ._presence import VALUE, Marked

_ATOMS: dict[str, tuple[type[glue.AtomicType], Any]] = {
    "string": (glue.StringType, spark.StringType()),
    "int": (glue.IntegerType, spark.IntegerType()),
    "long": (glue.LongType, spark.LongType()),
    "short": (glue.ShortType, spark.ShortType()),
    "byte": (glue.ByteType, spark.ByteType()),
    "float": (glue.FloatType, spark.FloatType()),
    "double": (glue.DoubleType, spark.DoubleType()),
    "boolean": (glue.BooleanType, spark.BooleanType()),
    "date": (glue.DateType, spark.DateType()),
    "timestamp": (glue.TimestampType, spark.TimestampType()),
    "timestamp_ntz": (glue.TimestampNTZType, spark.TimestampNTZType()),
    "binary": (glue.BinaryType, spark.BinaryType()),
    "null": (glue.NullType, spark.NullType()),
    "unknown": (glue.UnknownType, spark.NullType()),
}
_SPARK_TO_GLUE = {type(kind): atom for name, (atom, kind) in _ATOMS.items() if name != "unknown"}
_SYNONYMS = {
    "integer": "int", "bigint": "long", "tinyint": "byte", "smallint": "short", "bool": "boolean", "char": "string",
    "varchar": "string", "void": "null", "real": "float",
}  # fmt: skip
_HIVE_NAMES = {"long": "bigint", "byte": "tinyint", "short": "smallint", "null": "string", "unknown": "string"}
_BARE_KINDS: dict[str, type[glue.DataType]] = {
    "decimal": glue.DecimalType,
    "array": glue.ArrayType,
    "struct": glue.StructType,
    "map": glue.MapType,
    "choice": glue.ChoiceType,
}
_OPEN, _CLOSE = "<(", ">)"


def split_top_level(text: str, separator: str = ",") -> list[str]:
    """Split at separators that are inside no bracket: `a,b<c,d>` gives `a` and `b<c,d>`."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        if letter in _OPEN:
            depth += 1
        elif letter in _CLOSE:
            depth -= 1
        elif letter == separator and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _parse_parts(name: str, inside: str) -> glue.DataType | None:
    parts = [part.strip() for part in split_top_level(inside)]
    if name in ("array", "set"):
        element = parse_type(inside)
        return glue.ArrayType(element) if name == "array" else glue.SetType(element)
    if name == "map":
        return glue.MapType(parse_type(parts[1]))
    if name == "struct":
        pairs = [split_top_level(part, ":") for part in parts if part]
        return glue.StructType(
            [glue.Field(pair[0].strip().strip("`"), parse_type(":".join(pair[1:]))) for pair in pairs]
        )
    if name == "decimal":
        return glue.DecimalType(int(parts[0]), int(parts[1]) if len(parts) > 1 else 0)
    return glue.StringType() if name in ("char", "varchar") else None


def parse_type(text: str) -> glue.DataType:
    """The Glue type of a cast or catalog string: `long`, `bigint`, `decimal(10,2)`, `array<struct<a:int>>` … in any case."""
    if not isinstance(text, str):
        raise TypeError(f"A type is named by a string such as 'long' or 'array<int>'; got {text!r}.")
    bare = text.strip()
    name = bare.lower()
    name = _SYNONYMS.get(name, name)
    if name in _ATOMS:
        return _ATOMS[name][0]()
    if name in _BARE_KINDS:
        return _BARE_KINDS[name]()
    for opening in _OPEN:
        head, bracket, rest = bare.partition(opening)
        if bracket and rest.endswith(_CLOSE[_OPEN.index(opening)]):
            parsed = _parse_parts(head.strip().lower(), rest[:-1])
            if parsed is not None:
                return parsed
    known = ", ".join(sorted([*_ATOMS, *_SYNONYMS, "decimal(p,s)", "array<…>", "struct<…>", "map<…>"]))
    raise ValueError(f"Unknown type {text!r}. Types that can be named here: {known}.")


def glue_from_spark(kind: Any) -> Any:
    """The Glue type of a Spark type (no choices: a struct stays a struct)."""
    if isinstance(kind, spark.StructType):
        return glue.StructType([glue.Field(field.name, glue_from_spark(field.dataType)) for field in kind.fields])
    if isinstance(kind, spark.ArrayType):
        return glue.ArrayType(glue_from_spark(kind.elementType))
    if isinstance(kind, spark.MapType):
        return glue.MapType(glue_from_spark(kind.valueType))
    if isinstance(kind, spark.DecimalType):
        return glue.DecimalType(kind.precision, kind.scale)
    if isinstance(kind, (spark.CharType, spark.VarcharType)):
        return glue.StringType()
    atom = _SPARK_TO_GLUE.get(type(kind))
    if atom is None:
        raise TypeError(f"A DynamicFrame cannot hold Spark type {kind.simpleString()}; cast the column first.")
    return atom()


def spark_from_glue(kind: glue.DataType) -> Any:
    """The Spark type that holds a Glue type: a choice becomes a struct with one field a type, as `toDF()` shows it."""
    if isinstance(kind, glue.StructType):
        return spark.StructType([spark.StructField(field.name, spark_from_glue(field.dataType)) for field in kind])
    if isinstance(kind, glue.ChoiceType):
        return spark.StructType([spark.StructField(name, spark_from_glue(part)) for name, part in kind.choices.items()])
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return spark.ArrayType(spark_from_glue(kind.elementType))
    if isinstance(kind, glue.MapType):
        return spark.MapType(spark.StringType(), spark_from_glue(kind.valueType))
    if isinstance(kind, glue.DecimalType):
        return spark.DecimalType(kind.precision, kind.scale)
    if isinstance(kind, Marked):
        return spark.StructType([spark.StructField(VALUE, spark_from_glue(kind.inner))])
    return spark.StringType() if isinstance(kind, glue.EnumType) else _ATOMS[kind.typeName()][1]


def spark_cast(column: Any, kind: glue.DataType) -> Any:
    """The column cast by Spark: null where a value does not convert, in ANSI mode too (Glue 6.0), where a cast raises."""
    from pyspark.sql import Column, SparkSession

    target, session = spark_from_glue(kind), SparkSession.getActiveSession()
    if session is None or session.conf.get("spark.sql.ansi.enabled") != "true":
        return column.cast(target)
    jvm: Any = session.sparkContext._jvm
    expressions = jvm.org.apache.spark.sql.catalyst.expressions
    nothing = getattr(getattr(jvm.scala, "None$"), "MODULE$")
    wanted = jvm.org.apache.spark.sql.types.DataType.fromJson(target.json())
    done = expressions.Cast(column._jc.expr(), wanted, nothing, expressions.EvalMode.LEGACY())
    return Column(jvm.org.apache.spark.sql.Column(done))


def hive_from_glue(kind: glue.DataType) -> str:
    """The catalog's name of a type; a choice becomes a struct with one field a type."""
    if isinstance(kind, (glue.StructType, glue.ChoiceType)):
        pairs = kind.choices.items() if isinstance(kind, glue.ChoiceType) else [(f.name, f.dataType) for f in kind]
        return f"struct<{','.join(f'{name}:{hive_from_glue(part)}' for name, part in pairs)}>"
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return f"array<{hive_from_glue(kind.elementType)}>"
    if isinstance(kind, glue.MapType):
        return f"map<string,{hive_from_glue(kind.valueType)}>"
    if isinstance(kind, glue.DecimalType):
        return f"decimal({kind.precision},{kind.scale})"
    name = kind.typeName()
    return _HIVE_NAMES.get(name, name)


def has_choice(kind: glue.DataType) -> bool:
    """True when a choice is anywhere in the type."""
    if isinstance(kind, glue.ChoiceType):
        return True
    if isinstance(kind, glue.StructType):
        return any(has_choice(field.dataType) for field in kind)
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return has_choice(kind.elementType)
    return isinstance(kind, glue.MapType) and has_choice(kind.valueType)


def _tree_lines(kind: glue.DataType) -> list[tuple[str, glue.DataType, bool]]:
    if isinstance(kind, glue.StructType):
        return [(field.name, field.dataType, True) for field in kind]
    if isinstance(kind, glue.ChoiceType):
        return [(name, part, False) for name, part in kind.choices.items()]
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return [("element", kind.elementType, True)]
    if isinstance(kind, glue.MapType):
        return [("keyType", glue.StringType(), True), ("valueType", kind.valueType, True)]
    return []


def format_tree(kind: glue.DataType, indent: str = "") -> str:
    """The lines below `root` that `printSchema()` shows; children of a choice are bare type names."""
    lines = []
    for name, part, named in _tree_lines(kind):
        lines.append(f"{indent}|-- {name}: {part.typeName()}" if named else f"{indent}|-- {name}")
        nested = format_tree(part, f"{indent}|    ")
        lines.extend([nested] if nested else [])
    return "\n".join(lines)
