"""XML: one row an element of the row tag; attributes are ``_name``, text beside them is ``_VALUE``, as in Glue's xml format."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import reduce
from xml.parsers import expat

from labkit.cloud.crawler.hive_types import NULL, Array, Column, HiveType, Struct, merge
from labkit.cloud.crawler.shape import FileShape, XmlLayout
from labkit.cloud.crawler.text_types import scalar_type

_MAX_DEPTH = 100


@dataclass
class _Element:
    tag: str
    attributes: dict[str, str]
    children: list[_Element] = field(default_factory=list)
    text: str = ""


class _TooDeepOrUnsafe(Exception):
    """The document is nested too deep or declares entities."""


class _Reader:
    """Collects the elements of one tag (all below the root when it is empty)."""

    def __init__(self, data: bytes, row_tag: str) -> None:
        self._data, self._row_tag = data, row_tag
        self._stack: list[_Element] = []
        self._open: list[str] = []
        self.rows: list[_Element] = []
        self.root: _Element | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity

    def read(self, *, complete: bool) -> bool:
        """Parse; False when it is not XML. What an incomplete sample cuts off is left out."""
        try:
            self._parser.Parse(self._data, complete)
        except (expat.ExpatError, _TooDeepOrUnsafe):
            return False
        return bool(self._open or self.root)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _MAX_DEPTH:
            raise _TooDeepOrUnsafe
        self._open.append(tag)
        if not self._row_tag or self._stack or (tag == self._row_tag and not self._is_self_closed()):
            element = _Element(tag, attributes)
            if self._stack:
                self._stack[-1].children.append(element)
            elif self.root is None:
                self.root = element
            self._stack.append(element)

    def _end(self, _tag: str) -> None:
        self._open.pop()
        if self._stack:
            element = self._stack.pop()
            if not self._stack and self._row_tag:
                self.rows.append(element)

    def _text(self, text: str) -> None:
        if self._stack:
            self._stack[-1].text += text

    def _entity(self, *_: object) -> None:
        raise _TooDeepOrUnsafe

    def _is_self_closed(self) -> bool:
        # AWS: the row tag cannot be a self-closing empty element.
        end = self._data.find(b">", self._parser.CurrentByteIndex)
        return self._data[end - 1 : end] == b"/"


def classify_xml(text: str, complete: bool, row_tag: str = "", classification: str = "xml") -> FileShape | None:
    """Return the shape of an XML sample, or None; without a row tag the element that repeats below the root is taken."""
    start = text.lstrip()
    if not start.startswith("<") or start[:14].lower().startswith(("<!doctype html", "<html")):
        return None
    data = _without_encoding(start).encode()
    tag = row_tag or _repeated_tag(data, complete)
    reader = _Reader(data, tag)
    if not tag or not reader.read(complete=complete) or not reader.rows:
        return None
    struct = reduce(_unite, (_record(row) for row in reader.rows))
    if not isinstance(struct, Struct) or not struct.fields:
        return None
    columns: dict[str, HiveType] = {}
    for name, kind in struct.fields:
        columns[name.lower()] = merge(columns.get(name.lower(), NULL), kind)
    return FileShape(
        classification=classification,
        columns=tuple(Column(name, kind) for name, kind in columns.items()),
        layout=XmlLayout(tag),
        sample_rows=len(reader.rows),
    )


def _without_encoding(text: str) -> str:
    """The declaration's encoding no longer holds: the text is decoded."""
    if text.startswith("<?xml"):
        return text.partition("?>")[2].lstrip()
    return text


def _repeated_tag(data: bytes, complete: bool) -> str:
    reader = _Reader(data, "")
    if not reader.read(complete=complete) or reader.root is None:
        return ""
    tags = Counter(child.tag for child in reader.root.children)
    if not tags:
        return reader.root.tag if reader.root.attributes else ""
    tag, count = tags.most_common(1)[0]
    nested = any(child.children or child.attributes for child in reader.root.children if child.tag == tag)
    return tag if nested and (count > 1 or len(tags) == 1) else reader.root.tag


def _record(element: _Element) -> HiveType:
    """A row is a struct even when it holds nothing but text."""
    kind = _type(element)
    return kind if isinstance(kind, Struct) else Struct((("_VALUE", kind),)) if kind != NULL else Struct(())


def _type(element: _Element) -> HiveType:
    text = element.text.strip()
    if not element.children and not element.attributes:
        return scalar_type(text)
    kinds: dict[str, list[HiveType]] = {}
    for name, value in element.attributes.items():
        kinds.setdefault(f"_{name}", []).append(scalar_type(value))
    for child in element.children:
        kinds.setdefault(child.tag, []).append(_type(child))
    fields = [(name, found[0] if len(found) == 1 else Array(reduce(_unite, found))) for name, found in kinds.items()]
    if text:
        fields.append(("_VALUE", scalar_type(text)))
    return Struct(tuple(fields))


def _unite(left: HiveType, right: HiveType) -> HiveType:
    """Merge; what repeats in one row is an array in all, and an element that has attributes in one is a struct in all."""
    if NULL in (left, right):
        return right if left == NULL else left
    if isinstance(left, Array) or isinstance(right, Array):
        one = left.element if isinstance(left, Array) else left
        other = right.element if isinstance(right, Array) else right
        return Array(_unite(one, other))
    if isinstance(left, Struct) or isinstance(right, Struct):
        fields = dict(_fields(left))
        for name, kind in _fields(right):
            fields[name] = _unite(fields[name], kind) if name in fields else kind
        return Struct(tuple(fields.items()))
    return merge(left, right)


def _fields(kind: HiveType) -> tuple[tuple[str, HiveType], ...]:
    return kind.fields if isinstance(kind, Struct) else (("_VALUE", kind),)
