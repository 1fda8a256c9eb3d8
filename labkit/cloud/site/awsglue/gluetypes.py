"""Glue's types: what `DynamicFrame.schema()` is made of, as names, fields and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from ._dynamic_record import DynamicRecord, _create_dynamic_record, _revert_to_dict  # noqa: F401 - AWS keeps them here


class DataType:
    """A Glue type. Two types are equal when they have the same name, parts and properties."""

    _name: ClassVar[str] = ""

    def __init__(self, properties: dict[str, Any] = {}) -> None:
        self.properties = dict(properties)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DataType) and self.jsonValue() == other.jsonValue()

    def __hash__(self) -> int:
        return hash(json.dumps(self.jsonValue(), sort_keys=True))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @classmethod
    def typeName(cls) -> str:
        return cls._name or cls.__name__.removesuffix("Type").lower()

    def jsonValue(self) -> dict[str, Any]:
        return {"dataType": self.typeName(), **({"properties": self.properties} if self.properties else {})}


class AtomicType(DataType):
    """Glue's atomic."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.properties or ''})"

    @classmethod
    def fromJsonValue(cls, json_value: dict[str, Any]) -> AtomicType:
        return cls(json_value.get("properties", {}))


class BinaryType(AtomicType):
    """Glue's binary."""


class BooleanType(AtomicType):
    """Glue's boolean."""


class ByteType(AtomicType):
    """Glue's byte."""


class DateType(AtomicType):
    """Glue's date."""


class DecimalType(AtomicType):
    """Glue's decimal."""

    def __init__(self, precision: int = 10, scale: int = 2, properties: dict[str, Any] = {}) -> None:
        super().__init__(properties)
        self.precision, self.scale = precision, scale

    def __repr__(self) -> str:
        return f"DecimalType({self.precision}, {self.scale})"

    def jsonValue(self) -> dict[str, Any]:
        return {**super().jsonValue(), "precision": self.precision, "scale": self.scale}

    @classmethod
    def fromJsonValue(cls, json_value: dict[str, Any]) -> DecimalType:
        return cls(json_value.get("precision", 10), json_value.get("scale", 2), json_value.get("properties", {}))


class DoubleType(AtomicType):
    """Glue's double."""


class EnumType(AtomicType):
    """Glue's enum."""

    def __init__(self, options: Iterable[str], properties: dict[str, Any] = {}) -> None:
        super().__init__(properties)
        self.options = list(options)

    def __repr__(self) -> str:
        return f"EnumType({self.options})"

    def jsonValue(self) -> dict[str, Any]:
        return {**super().jsonValue(), "options": self.options}

    @classmethod
    def fromJsonValue(cls, json_value: dict[str, Any]) -> EnumType:
        return cls(json_value["options"], json_value.get("properties", {}))


class FloatType(AtomicType):
    """Glue's float."""


class IntegerType(AtomicType):
    """Glue's integer."""

    @classmethod
    def typeName(cls) -> str:
        return "int"


class LongType(AtomicType):
    """Glue's long."""


class NullType(AtomicType):
    """Glue's null."""


class ShortType(AtomicType):
    """Glue's short."""


class StringType(AtomicType):
    """Glue's string."""


class TimestampType(AtomicType):
    """Glue's timestamp."""


class TimestampNTZType(AtomicType):
    """Glue's timestampntz."""

    _name = "timestamp_ntz"


class UnknownType(AtomicType):
    """Glue's unknown."""


class _ContainerType(DataType):
    """A list of one element type."""

    def __init__(self, elementType: DataType = UnknownType(), properties: dict[str, Any] = {}) -> None:  # noqa: B008
        super().__init__(properties)
        self.elementType = elementType

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.elementType!r})"

    def jsonValue(self) -> dict[str, Any]:
        return {**super().jsonValue(), "elementType": self.elementType.jsonValue()}

    @classmethod
    def fromJsonValue(cls, json_value: dict[str, Any]) -> _ContainerType:
        return cls(_deserialize_json_value(json_value["elementType"]), json_value.get("properties", {}))


class ArrayType(_ContainerType):
    """Glue's array."""


class SetType(_ContainerType):
    """Glue's set."""


class ChoiceType(DataType):
    """A field that holds values of more than one type; `choices` maps type name to type, in order of appearance."""

    def __init__(self, choices: Iterable[DataType] = [], properties: dict[str, Any] = {}) -> None:
        super().__init__(properties)
        self.choices: dict[str, DataType] = {}
        for choice in choices:
            self.add(choice)

    def __repr__(self) -> str:
        return f"ChoiceType({list(self.choices.values())!r})"

    def add(self, new_choice: DataType) -> None:
        if new_choice.typeName() in self.choices:
            raise ValueError(f"Attempting to insert duplicate choice: {new_choice.typeName()}")
        self.choices[new_choice.typeName()] = new_choice

    def merge(self, new_choices: DataType | Iterable[DataType]) -> None:
        """Take in further types; one of a name already there is merged with it."""
        for choice in [new_choices] if isinstance(new_choices, DataType) else new_choices:
            name = choice.typeName()
            known = self.choices.get(name)
            self.choices[name] = choice if known is None else mergeDataTypes(known, choice)

    def jsonValue(self) -> dict[str, Any]:
        return {**super().jsonValue(), "choices": [choice.jsonValue() for choice in self.choices.values()]}

    @classmethod
    def fromJsonValue(cls, json_value: dict[str, Any]) -> ChoiceType:
        choices = [_deserialize_json_value(value) for value in json_value["choices"]]
        return cls(choices, json_value.get("properties", {}))


class MapType(DataType):
    """A map from strings to `valueType`."""

    def __init__(self, valueType: DataType = UnknownType(), properties: dict[str, Any] = {}) -> None:  # noqa: B008
        super().__init__(properties)
        self.valueType = valueType

    def __repr__(self) -> str:
        return f"MapType({self.valueType!r})"

    def jsonValue(self) -> dict[str, Any]:
        return {**super().jsonValue(), "valueType": self.valueType.jsonValue()}

    @classmethod
    def fromJsonValue(cls, json_value: dict[str, Any]) -> MapType:
        return cls(_deserialize_json_value(json_value["valueType"]), json_value.get("properties", {}))


class Field:
    """One named field of a struct."""

    def __init__(self, name: str, dataType: DataType, properties: dict[str, Any] = {}) -> None:
        self.name, self.dataType, self.properties = name, dataType, dict(properties)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Field) and self.jsonValue() == other.jsonValue()

    def __hash__(self) -> int:
        return hash((self.name, self.dataType))

    def __repr__(self) -> str:
        return f"Field({self.name!r}, {self.dataType!r}, {self.properties!r})"

    def jsonValue(self) -> dict[str, Any]:
        return {"name": self.name, "container": self.dataType.jsonValue(), "properties": self.properties}

    @classmethod
    def fromJsonValue(cls, json_value: dict[str, Any]) -> Field:
        container = _deserialize_json_value(json_value["container"])
        return cls(json_value["name"], container, json_value.get("properties", {}))


class StructType(DataType):
    """Named fields in order; iterating gives `Field`s."""

    def __init__(self, fields: Iterable[Field] = [], properties: dict[str, Any] = {}) -> None:
        super().__init__(properties)
        self.fields: list[Field] = []
        self.field_map: dict[str, Field] = {}
        for field in fields:
            self.add(field)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __repr__(self) -> str:
        return f"StructType({self.fields!r}, {self.properties!r})"

    def add(self, field: Field) -> None:
        self.fields.append(field)
        self.field_map[field.name] = field

    def hasField(self, field: str | Field) -> bool:
        return (field.name if isinstance(field, Field) else field) in self.field_map

    def getField(self, field: str | Field) -> Field:
        return self.field_map[field.name if isinstance(field, Field) else field]

    def jsonValue(self) -> dict[str, Any]:
        return {**super().jsonValue(), "fields": [field.jsonValue() for field in self.fields]}

    @classmethod
    def fromJsonValue(cls, json_value: dict[str, Any]) -> StructType:
        return cls([Field.fromJsonValue(value) for value in json_value["fields"]], json_value.get("properties", {}))


class EntityType(DataType):
    """Glue's entity."""

    def __init__(self, entity: str, base_type: DataType, properties: dict[str, Any]) -> None:
        super().__init__(properties)
        self.entity, self.base_type = entity, base_type


_atomic_types: list[Any] = [
    BinaryType, BooleanType, ByteType, DateType, DecimalType, DoubleType, EnumType, FloatType, IntegerType, LongType,
    NullType, ShortType, StringType, TimestampType, TimestampNTZType, UnknownType,
]  # fmt: skip
_complex_types: list[Any] = [ArrayType, ChoiceType, MapType, StructType, SetType]
_atomic_type_map: dict[str, Any] = {kind.typeName(): kind for kind in _atomic_types}
_complex_type_map: dict[str, Any] = {kind.typeName(): kind for kind in _complex_types}
_all_type_map: dict[str, Any] = {**_atomic_type_map, **_complex_type_map}


def _deserialize_json_string(json_str: str) -> DataType:
    return _deserialize_json_value(json.loads(json_str))


def _deserialize_json_value(json_val: dict[str, Any]) -> DataType:
    kind = _all_type_map.get(json_val["dataType"])
    if kind is None:
        raise ValueError(f"Unknown Glue type {json_val['dataType']!r}; known: {', '.join(sorted(_all_type_map))}.")
    result: DataType = kind.fromJsonValue(json_val)
    return result


def _serialize_schema(schema: DataType) -> str:
    return json.dumps(schema.jsonValue())


def _make_choice(s1: DataType, s2: DataType) -> ChoiceType:
    choice = ChoiceType(s1.choices.values() if isinstance(s1, ChoiceType) else [s1])
    choice.merge(s2.choices.values() if isinstance(s2, ChoiceType) else [s2])
    return choice


def _merge_fields(one: Field, other: Field) -> Field:
    kind = mergeDataTypes(one.dataType, other.dataType)
    return Field(one.name, kind, {**one.properties, **other.properties})


def _merge_structs(s1: StructType, s2: StructType) -> StructType:
    fields = [_merge_fields(field, s2.getField(field.name)) if s2.hasField(field.name) else field for field in s1]
    return StructType([*fields, *(field for field in s2 if not s1.hasField(field.name))])


def mergeDataTypes(s1: DataType, s2: DataType) -> DataType:
    """The type that holds the values of both: the same, a merged struct/array/map, or a choice."""
    if isinstance(s1, (NullType, UnknownType)) or s1 == s2:
        return s2
    if isinstance(s2, (NullType, UnknownType)):
        return s1
    if type(s1) is type(s2):
        if isinstance(s1, StructType) and isinstance(s2, StructType):
            return _merge_structs(s1, s2)
        if isinstance(s1, _ContainerType) and isinstance(s2, _ContainerType):
            return type(s1)(mergeDataTypes(s1.elementType, s2.elementType))
        if isinstance(s1, MapType) and isinstance(s2, MapType):
            return MapType(mergeDataTypes(s1.valueType, s2.valueType))
        if isinstance(s1, DecimalType) and isinstance(s2, DecimalType):
            scale = max(s1.scale, s2.scale)
            return DecimalType(min(38, scale + max(s1.precision - s1.scale, s2.precision - s2.scale)), scale)
    return _make_choice(s1, s2)
