"""Records as Python functions see them."""

from __future__ import annotations

from typing import Any


class DynamicRecord(dict[str, Any]):
    """A record as `Map` and `Filter` functions see it: a dict whose keys are attributes too."""

    def __getattr__(self, attr: str) -> Any:
        if attr.startswith("__") and attr.endswith(
            "__"
        ):  # pickle and copy ask for these; a missing key must not answer
            raise AttributeError(attr)
        return self[attr]

    def __setattr__(self, attr: str, value: Any) -> None:
        self[attr] = value


def _create_dynamic_record(dynamicRecord: dict[str, Any]) -> DynamicRecord:
    return DynamicRecord(
        (key, DynamicRecord(value) if type(value) is dict else value) for key, value in dynamicRecord.items()
    )


def _revert_to_dict(dynamicRecord: dict[str, Any]) -> dict[str, Any]:
    return {key: dict(value) if isinstance(value, DynamicRecord) else value for key, value in dynamicRecord.items()}
