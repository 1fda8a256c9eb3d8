"""What a call sets on a bucket, as CloudTrail shows it: a policy as its document, the rest as the XML says it."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

_MAX_DEPTH = 12
_WORDS = {"true": True, "false": False}


def read_configuration(operation: str, body: bytes) -> dict[str, Any]:
    """The body of a bucket's PUT as request parameters; nothing for a body that cannot be read."""
    if not body:
        return {}
    try:
        if operation == "PutBucketPolicy":
            policy = json.loads(body)
            return {"bucketPolicy": policy} if isinstance(policy, dict) else {}
        root = ElementTree.fromstring(body)  # noqa: S314 - Python's parser expands no external entities
    except (ValueError, RecursionError, ElementTree.ParseError):
        return {}
    space, _, name = root.tag.rpartition("}")
    shown = _element(root, 0)
    mark = {"xmlns": space[1:]} if space else {}
    return {name: {**mark, **shown} if isinstance(shown, dict) else mark or shown}


def _element(element: ElementTree.Element, depth: int) -> Any:
    """Children by name, a list where a name comes again; the text of what has none."""
    if not len(element) or depth > _MAX_DEPTH:
        text = (element.text or "").strip()
        return _WORDS.get(text, text)
    shown: dict[str, Any] = {}
    several: set[str] = set()
    for child in element:
        name, value = child.tag.rpartition("}")[2], _element(child, depth + 1)
        if name in several:
            shown[name].append(value)
        elif name in shown:
            shown[name] = [shown[name], value]
            several.add(name)
        else:
            shown[name] = value
    return shown
