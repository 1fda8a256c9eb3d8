"""Event documents as S3 sends them to a function, made from file names: to invoke a function by hand and to test one.

Real ones come from S3; these have the same shape (docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html),
so a handler cannot tell them apart.
"""

from __future__ import annotations

import hashlib
import random
from typing import Any
from urllib.parse import quote_plus

CREATED = "ObjectCreated:Put"
REMOVED = "ObjectRemoved:Delete"
_SHOPS = ("Cádiz", "A Coruña", "Logroño", "Ávila", "León", "Málaga")
_WORDS = ("ventas+devoluciones", "ventas de mañana", "caja nº 2", "año nuevo", "50% rebajas")


def build_record(
    bucket: str, key: str, event_name: str = CREATED, sequencer: str = "0068B1C2D3E4F50617", region: str = "us-east-1"
) -> dict[str, Any]:
    """One record about one object: `key` is the object's real name, and the record carries it form-encoded, as S3's do."""
    digest = hashlib.md5(f"{bucket}/{key}/{sequencer}".encode(), usedforsecurity=False).hexdigest()
    item: dict[str, Any] = {"key": quote_plus(key, safe="/"), "sequencer": sequencer}
    if not event_name.startswith("ObjectRemoved:"):
        item |= {"size": 1024, "eTag": digest}
    return {
        "eventVersion": "2.6",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": "2026-11-03T08:15:30.123Z",
        "eventName": event_name,
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": digest[:16].upper(), "x-amz-id-2": digest},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "new-files",
            "bucket": {"name": bucket, "ownerIdentity": {"principalId": "A1EXAMPLE"}, "arn": f"arn:aws:s3:::{bucket}"},
            "object": item,
        },
    }


def build_event(*records: dict[str, Any]) -> dict[str, Any]:
    """The document that a function gets: usually one record, sometimes more."""
    return {"Records": list(records)}


def build_test_event(bucket: str) -> dict[str, Any]:
    """What S3 sends to try a destination out: it has no Records at all."""
    return {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": bucket, "Time": "2026-11-03T08:15:30.123Z"}


def build_day(bucket: str, prefix: str, seed: int) -> dict[str, dict[str, Any]]:
    """A bad day of events, another one for each seed: "event_1" … "event_7" → document.

    Among them, in an order of the seed's own: two plain CSV files, a name with capitals, two events with a second record behind a
    file that is no CSV, a removal, and an event without records.
    """
    rng = random.Random(f"{seed}:events")
    names = [f"{shop} {word} {month:02}" for shop in _SHOPS for word in _WORDS for month in range(1, 13)]
    files = [f"{prefix}{name}" for name in rng.sample(names, 8)]
    marks = iter(f"0068B1C2{rng.getrandbits(40):010X}" for _ in range(16))

    def record(key: str, event_name: str = CREATED) -> dict[str, Any]:
        return build_record(bucket, key, event_name, next(marks))

    documents = [
        build_event(record(f"{files[0]}.csv")),
        build_event(record(f"{files[1]}.csv")),
        build_event(record(f"{files[2]}.CSV")),
        build_event(record(f"{files[3]}.txt"), record(f"{files[4]}.csv")),
        build_event(record(f"{files[5]}.json"), record(f"{files[6]}.{rng.choice(('csv', 'Csv'))}")),
        build_event(record(f"{files[7]}.csv", REMOVED)),
        build_test_event(bucket),
    ]
    rng.shuffle(documents)
    return {f"event_{number}": document for number, document in enumerate(documents, start=1)}
