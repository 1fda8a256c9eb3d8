from __future__ import annotations

import dataclasses

import pytest

from labkit.cloud.events.bridge import build_bridge_event
from tests.unit.cloud.events.test_record import CHANGE


def test_an_event_for_event_bridge_has_the_recorded_shape() -> None:
    event = build_bridge_event(CHANGE, "123456789012")
    assert event is not None
    assert (event.detail_type, event.resource) == ("Object Created", "arn:aws:s3:::bsg-data-raw")
    assert event.detail == {
        "version": "0",
        "bucket": {"name": "bsg-data-raw"},
        "object": {"key": CHANGE.key, "size": 1024, "etag": CHANGE.etag, "sequencer": CHANGE.sequencer},
        "request-id": CHANGE.request_id,
        "requester": "123456789012",
        "source-ip-address": "127.0.0.1",
        "reason": "PutObject",
    }


@pytest.mark.parametrize(
    ("name", "detail_type", "reason", "deletion", "fields"),
    [
        ("ObjectCreated:Copy", "Object Created", "CopyObject", None, {"key", "size", "etag", "sequencer"}),
        ("ObjectRemoved:Delete", "Object Deleted", "DeleteObject", "Permanently Deleted", {"key", "sequencer"}),
        (
            "ObjectRemoved:DeleteMarkerCreated",
            "Object Deleted",
            "DeleteObject",
            "Delete Marker Created",
            {"key", "etag", "sequencer"},
        ),
        ("ObjectTagging:Put", "Object Tags Added", None, None, {"key", "etag"}),
        ("ObjectTagging:Delete", "Object Tags Deleted", None, None, {"key", "etag"}),
        ("ObjectAcl:Put", "Object ACL Updated", None, None, {"key", "etag"}),
        ("ObjectRestore:Post", "Object Restore Initiated", None, None, {"key", "size", "etag"}),
    ],
)
def test_each_kind_of_change_has_its_own_detail(
    name: str, detail_type: str, reason: str | None, deletion: str | None, fields: set[str]
) -> None:
    event = build_bridge_event(dataclasses.replace(CHANGE, event_name=f"s3:{name}"), "123456789012")
    assert event is not None
    detail = event.detail
    assert (event.detail_type, detail.get("reason"), detail.get("deletion-type")) == (detail_type, reason, deletion)
    assert set(detail["object"]) == fields


def test_a_version_is_told_when_there_is_one() -> None:
    event = build_bridge_event(dataclasses.replace(CHANGE, version_id="v1"), "123456789012")
    assert event is not None
    assert event.detail["object"]["version-id"] == "v1"
