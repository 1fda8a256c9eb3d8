"""Condition keys: those a request carries, and those that are looked up only when a policy asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Context = dict[str, tuple[str, ...]]
# Keys whose values stand on the resource, not in the request.
_LOOKED_UP = (
    "aws:resourcetag/", "iam:resourcetag/", "ssm:resourcetag/", "secretsmanager:resourcetag/", "s3:existingobjecttag/", "s3:buckettag/",
)  # fmt: skip


class LazyContext(Mapping[str, tuple[str, ...]]):
    """What a request carries, and what is on its resource: that is looked up at the first key that needs it, and once."""

    def __init__(self, carried: Context, look_up: Callable[[], Context]) -> None:
        self._carried = carried
        self._look_up = look_up
        self._found: Context | None = None

    def __getitem__(self, key: str) -> tuple[str, ...]:
        if key in self._carried or not key.startswith(_LOOKED_UP):
            return self._carried[key]
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Context:
        if self._found is None:
            self._found = {**self._look_up(), **self._carried}
        return self._found


def tags_as(tags: Mapping[str, str], *prefixes: str) -> Context:
    """Tags as condition keys: `aws:resourcetag/team`."""
    return {f"{prefix}{key.lower()}": (value,) for prefix in prefixes for key, value in tags.items()}


# The spellings of a request's tags in the services' APIs.
_TAGS = ("Tags", "tags", "TagsToAdd", "TagList", "ResourceTags")
_TAG_KEYS = ("TagKeys", "tagKeys", "TagsToRemove")
_PAIRS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"))


def request_tags(params: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a request would set."""
    found: dict[str, str] = {}
    for name in _TAGS:
        value = params.get(name)
        if isinstance(value, Mapping):
            found.update({str(key): _text(one) for key, one in value.items()})
        elif isinstance(value, list):
            found.update(_listed(value))
    return found


def tag_context(params: Mapping[str, Any]) -> Context:
    """`aws:RequestTag/…` and `aws:TagKeys` of a request; nothing when it speaks of no tags."""
    tags = request_tags(params)
    removed = [str(key) for name in _TAG_KEYS for key in _keys(params.get(name))]
    names = tuple(dict.fromkeys([*tags, *removed]))
    context = tags_as(tags, "aws:requesttag/")
    return {**context, "aws:tagkeys": names} if names else context


def _listed(tags: list[Any]) -> dict[str, str]:
    found = {}
    for tag in tags:
        if isinstance(tag, Mapping):
            for key, value in _PAIRS:
                if key in tag:
                    found[str(tag[key])] = _text(tag.get(value))
    return found


def _keys(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _text(value: Any) -> str:
    return "" if value is None else str(value)
