"""FilterCriteria of an event source mapping: which messages the function gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labkit.cloud.functions.api.request import refuse


def check_filters(criteria: Mapping[str, Any]) -> None:
    """AwsError InvalidParameterValueException for a pattern that is none."""
    from moto.events.models import EventPatternParser

    for one in criteria.get("Filters") or []:
        try:
            pattern = EventPatternParser(one.get("Pattern") or "").parse()
        except Exception:  # noqa: BLE001 - whatever moto's parser finds wrong
            raise refuse("Invalid filter pattern definition.") from None
        if not isinstance(pattern, dict):
            raise refuse("Invalid filter pattern definition.")


def passes(record: Mapping[str, Any], criteria: Mapping[str, Any]) -> bool:
    """Whether one of the filters lets an SQS record through; a body that is no JSON fits no pattern about its parts."""
    from moto.events.models import EventPattern, EventPatternParser

    filters = criteria.get("Filters") or []
    if not filters:
        return True
    for one in filters:
        pattern = EventPatternParser(one.get("Pattern") or "").parse()
        seen: Any = dict(record)
        if isinstance(pattern.get("body"), dict):
            try:
                seen["body"] = json.loads(seen["body"])
            except ValueError:
                continue
            if not isinstance(seen["body"], dict):
                continue
        if EventPattern(None, pattern).matches_event(seen):
            return True
    return False
