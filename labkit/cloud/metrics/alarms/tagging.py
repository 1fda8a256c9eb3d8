"""Tags of alarms; those of everything else are moto's."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError, Call, Handler
from labkit.cloud.metrics.alarms.records import Alarm, Alarms
from labkit.cloud.metrics.checks import missing

_MOST = 50


class AlarmTags:
    """Handlers of TagResource, UntagResource and ListTagsForResource."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms

    @property
    def calls(self) -> dict[str, Handler]:
        """Action to handler."""
        return {"TagResource": self._tag, "UntagResource": self._untag, "ListTagsForResource": self._list}

    def _tag(self, call: Call) -> dict[str, Any]:
        alarm = self._find(call)
        tags = {**(alarm.tags or {}), **{tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or []}}
        if len(tags) > _MOST:
            raise AwsError("InvalidParameterValue", f"A resource has at most {_MOST} tags.")
        self._alarms.change(call.scope, alarm, tags=tags)
        return {}

    def _untag(self, call: Call) -> dict[str, Any]:
        alarm, gone = self._find(call), call.params.get("TagKeys") or []
        self._alarms.change(
            call.scope, alarm, tags={key: value for key, value in (alarm.tags or {}).items() if key not in gone}
        )
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        return {"Tags": [{"Key": key, "Value": value} for key, value in (self._find(call).tags or {}).items()]}

    def _find(self, call: Call) -> Alarm:
        arn = str(call.params.get("ResourceARN") or "")
        if not arn:
            raise missing("ResourceARN")
        found = next((one for one in self._alarms.all(call.scope) if one.arn(call.scope) == arn), None)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"{arn} does not exist", 404)
        return found
