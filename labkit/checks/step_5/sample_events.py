"""Events that show one trait each, and what is right for any of them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from labkit.data.s3_events import CREATED, REMOVED, build_event, build_record, build_test_event

Event = dict[str, Any]
_CSV = re.compile(r".*\.csv", re.IGNORECASE | re.DOTALL)
_KINDS = ("CompleteMultipartUpload", "Copy", "Post")


@dataclass(frozen=True)
class Trait:
    """One thing that a handler must stand: the texts of right and wrong, and the events that show it."""

    right: str
    wrong: str
    events: tuple[Event, ...]


def find_new_files(event: Event) -> list[str]:
    """What is right: each CSV file that was created, by its real name, once."""
    seen: dict[str, None] = {}
    for item in event.get("Records") or ():
        what, stored = str(item.get("eventName", "")).partition(":"), item.get("s3")
        if stored and what[:2] == ("ObjectCreated", ":"):
            name = unquote_plus(stored["object"]["key"])
            if _CSV.fullmatch(name):
                seen[f"s3://{stored['bucket']['name']}/{name}"] = None
    return list(seen)


class _Maker:
    """Makes records of one seed's bucket."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"{seed}:new files")  # noqa: S311 - it makes names, it guards nothing
        self.bucket, self.day = f"bucket-{rng.randrange(100, 999)}", rng.randrange(10, 28)

    def record(self, name: str, event_name: str = CREATED) -> Event:
        return build_record(self.bucket, f"raw_sales/{name}", event_name)

    def events(self, *names: str) -> tuple[Event, ...]:
        """One event a name, all created."""
        return tuple(build_event(self.record(name)) for name in names)


def build_traits(seed: int) -> tuple[Trait, ...]:
    """Events that show one trait each; names differ from seed to seed."""
    make = _Maker(seed)
    return (*_build_name_traits(make), *_build_record_traits(make))


def _build_name_traits(make: _Maker) -> tuple[Trait, ...]:
    day = make.day
    elsewhere = build_event(build_record("other-bucket", f"{day}/caja.csv"))
    encoded = (
        f"Año nuevo {day}.csv",
        f"ventas+devoluciones {day}.csv",
        f"100% rebajas_{day}.csv",
        f"ventas%2B{day}.csv",
    )
    others = ("leeme.txt", f"ventas_{day}.csv.gz", f"datos.csv/nota_{day}.json", f"ventascsv_{day}")
    bare = build_event(make.record("a.txt"), make.record("csv"))
    return (
        Trait("task_5.trait.plain_right", "task_5.trait.plain_wrong", (*make.events(f"ventas_{day}.csv"), elsewhere)),
        Trait("task_5.trait.encoded_right", "task_5.trait.encoded_wrong", make.events(*encoded)),
        Trait(
            "task_5.trait.capitals_right",
            "task_5.trait.capitals_wrong",
            make.events(f"VENTAS_{day}.CSV", f"caja_{day}.Csv"),
        ),
        Trait("task_5.trait.others_right", "task_5.trait.others_wrong", (*make.events(*others), bare)),
    )


def _build_record_traits(make: _Maker) -> tuple[Trait, ...]:
    day, record = make.day, make.record
    plain = record(f"ventas_{day}.csv")
    several = (
        build_event(record(f"a_{day}.csv"), record(f"b_{day}.csv"), record(f"c {day}.csv")),
        build_event(record("leeme.txt"), record(f"z_{day}.csv")),
    )
    removed = (
        build_event(record(f"ventas_{day}.csv", REMOVED)),
        build_event(record(f"v_{day}.csv", "ObjectRemoved:DeleteMarkerCreated"), record(f"w_{day}.csv")),
        build_event(record(f"ventas_{day}.csv", "ObjectTagging:Put")),
    )
    created = tuple(build_event(record(f"g_{day}.csv", f"ObjectCreated:{kind}")) for kind in _KINDS)
    other: Event = {"eventSource": "aws:sqs", "messageId": f"m-{day}", "body": "hola.csv"}
    foreign: tuple[Event, ...] = (
        build_test_event(make.bucket),
        {},
        {"Records": []},
        {"Records": [other]},
        {"Records": [other, plain]},
    )
    once = build_event(plain, record("x.csv"), plain)
    return (
        Trait("task_5.trait.several_right", "task_5.trait.several_wrong", several),
        Trait("task_5.trait.created_right", "task_5.trait.created_wrong", (*created, *removed)),
        Trait("task_5.trait.no_records_right", "task_5.trait.no_records_wrong", foreign),
        Trait("task_5.trait.once_right", "task_5.trait.once_wrong", (once,)),
    )
