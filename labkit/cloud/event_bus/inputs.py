"""What a target gets: the event, a part of it, a constant, or a template filled with parts of it.

docs.aws.amazon.com/eventbridge, "Input transformation". Where the page is silent: an object or array inside quotes is written
without its quotes (so others saw it on AWS); a text inside quotes is escaped, so that a template of JSON stays JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.event_bus.events import Event, iso_seconds
from labkit.cloud.event_bus.json_paths import MISSING, is_path, look_up

_PLACEHOLDER = re.compile(r"<(?P<name>[^<>\s\"]+)>")
_PREDEFINED = frozenset(
    {"aws.events.rule-arn", "aws.events.rule-name", "aws.events.event", "aws.events.event.json"}
    | {"aws.events.event.ingestion-time"}
)


def compact(value: Any) -> str:
    """JSON as EventBridge writes it: no spaces, letters as they are."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def check_input(target: Mapping[str, Any]) -> None:
    """ValidationException when what a target asks for cannot be made."""
    name = target["Id"]
    if sum(bool(target.get(one)) for one in ("Input", "InputPath", "InputTransformer")) > 1:
        raise _refused(f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}.")
    if target.get("Input"):
        try:
            json.loads(target["Input"])
        except (ValueError, RecursionError):
            raise _refused(f"Input for target {name} is not a valid JSON text.") from None
    if target.get("InputPath") and not is_path(target["InputPath"]):
        raise _refused(f"Invalid JSON path {target['InputPath']} in InputPath for target {name}.")
    if target.get("InputTransformer"):
        _check_transformer(name, target["InputTransformer"])


def build_payload(event: Event, target: Mapping[str, Any], rule_arn: str) -> str:
    """The text for a target; AwsError INVALID_JSON when a template did not become JSON."""
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        found = look_up(event.document, target["InputPath"])
        return compact(None if found is MISSING else found)
    transformer = target.get("InputTransformer")
    if not transformer:
        return compact(event.document)
    values = {name: look_up(event.document, path) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    return fill(transformer["InputTemplate"], {**values, **_predefined(event, rule_arn)})


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The template with its placeholders replaced; a JSON template becomes compact JSON."""
    filled = _replace(template, values)
    if template.lstrip().startswith('"'):
        return filled  # texts, perhaps several lines of them: delivered as they stand, quotes included
    try:
        return compact(json.loads(filled))
    except ValueError:
        raise AwsError("INVALID_JSON", f"The input template did not produce valid JSON: {filled[:500]}") from None


def _replace(template: str, values: Mapping[str, Any]) -> str:
    parts, at, quoted = [], 0, False
    while at < len(template):
        letter = template[at]
        placeholder = _PLACEHOLDER.match(template, at) if letter == "<" else None
        if placeholder and placeholder["name"] in values:
            parts.append(_text(values[placeholder["name"]], quoted=quoted))
            at = placeholder.end()
            continue
        if letter == "\\" and quoted:
            parts.append(template[at : at + 2])
            at += 2
            continue
        quoted ^= letter == '"'
        parts.append(letter)
        at += 1
    return "".join(parts)


def _text(value: Any, *, quoted: bool) -> str:
    if value is MISSING:
        return "" if quoted else '""'
    if not quoted:
        return compact(value)
    if isinstance(value, str):
        return compact(value)[1:-1]
    return compact(value).replace('"', "")


def _predefined(event: Event, rule_arn: str) -> dict[str, Any]:
    document = event.document
    # Recorded on AWS: without its detail, and with this spelling of detail-type.
    head = {
        "id": document["id"], "account": document["account"], "detailType": document["detail-type"],
        "time": document["time"], "source": document["source"], "region": document["region"],
        "resources": document["resources"], "version": document["version"],
    }  # fmt: skip
    return {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event": head,
        "aws.events.event.json": dict(document),
        "aws.events.event.ingestion-time": iso_seconds(datetime.fromtimestamp(event.received, timezone.utc)),
    }


def _check_transformer(name: str, transformer: Mapping[str, Any]) -> None:
    paths = transformer.get("InputPathsMap") or {}
    for variable, path in paths.items():
        if variable.lower().startswith("aws."):
            raise _refused(f"InputPathsMap for target {name} contains the reserved key {variable}.")
        if not is_path(path):
            raise _refused(f"Invalid JSON path {path} in InputPathsMap for target {name}.")
    template = transformer.get("InputTemplate") or ""
    for found in _PLACEHOLDER.finditer(template):
        if found["name"] not in paths and found["name"] not in _PREDEFINED:
            raise _refused(f"InputTemplate for target {name} contains invalid placeholder {found['name']}.")
    sample = _replace(template, dict.fromkeys([*paths, *_PREDEFINED], MISSING))
    if not _is_json(sample):
        raise _refused(f"Invalid InputTemplate for target {name} : {sample[:500]}")


def _is_json(text: str) -> bool:
    """Whether a filled template is JSON: one value, or lines of texts."""
    decoder, at = json.JSONDecoder(), 0
    several = text.lstrip().startswith('"')
    try:
        while True:
            while at < len(text) and text[at] in " \t\r\n":
                at += 1
            _, at = decoder.raw_decode(text, at)
            rest = text[at:].strip()
            if not rest or not several:
                return not rest
    except (ValueError, RecursionError):
        return False


def _refused(message: str) -> AwsError:
    return AwsError("ValidationException", message)
