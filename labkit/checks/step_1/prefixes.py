"""Task 1.2: a function that measures a "folder" of S3, asked about folders that only look alike."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labkit.aws.s3 import list_objects
from labkit.checks.context import Answer, Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_1.places import PREFIXES, find_sources_bucket

FUNCTION = "measure_folder"
FIELDS = ("objects", "bytes", "folders")
_SALES = f"{PREFIXES}ventas"


@dataclass(frozen=True)
class Listing:
    """The keys of a bucket with their sizes: what the function has to count."""

    sizes: dict[str, int]

    def measure(self, folder: str) -> dict[str, int]:
        """Objects and bytes at any depth below the folder, and the folders right below it."""
        return self._measure(f"{folder}/")

    def measure_prefix(self, prefix: str) -> dict[str, int]:
        """The same for whoever takes the prefix as it is: "ventas" is also the beginning of "ventas_old"."""
        return self._measure(prefix)

    def count_direct(self, folder: str) -> int:
        return sum("/" not in rest for rest in self._below(f"{folder}/"))

    def count_all_folders(self, folder: str) -> int:
        """Folders at any depth."""
        parts = [rest.split("/")[:-1] for rest in self._below(f"{folder}/")]
        return len({tuple(part[:depth]) for part in parts for depth in range(1, len(part) + 1)})

    def _below(self, prefix: str) -> list[str]:
        return [key[len(prefix) :] for key in self.sizes if key.startswith(prefix)]

    def _measure(self, prefix: str) -> dict[str, int]:
        below = self._below(prefix)
        size = sum(size for key, size in self.sizes.items() if key.startswith(prefix))
        parts = [rest.partition("/") for rest in below]
        return {
            "objects": len(below),
            "bytes": size,
            "folders": len({head for head, slash, _ in parts if slash}),
        }


def check_prefixes(context: Context) -> list[Finding]:
    """Call the function on folders chosen here: neighbours, one inside another, one of the raw bucket, one that is not there.

    A function without the paginator passes: it is right for every folder that these buckets hold. To tell it apart 1001 objects
    would have to be put, which takes longer than a check may and costs money on AWS.
    """
    context.get(FUNCTION)
    sources, raw = find_sources_bucket(context), context.names.raw_bucket
    listings = {
        bucket: Listing({item.key: item.size_bytes for item in list_objects(context.clients.s3, bucket, "")})
        for bucket in (sources, raw)
    }
    if not listings[sources].measure(_SALES)["objects"]:
        raise NotAttempted("task_1.prefix_nothing", prefix=f"s3://{sources}/{_SALES}/")
    if not listings[raw].measure(context.names.dataset)["objects"]:
        raise NotAttempted("task_1.prefix_nothing", prefix=context.names.raw_uri)
    calls = [
        (sources, _SALES),
        (sources, f"{_SALES}_old"),
        (sources, f"{_SALES}/2024"),
        (sources, PREFIXES.rstrip("/")),
        (raw, context.names.dataset),
        (sources, f"{PREFIXES}{uuid.uuid4().hex[:8]}"),
    ]
    answers = context.call(FUNCTION, calls)
    return [
        _judge(bucket, folder, answer, listings[bucket])
        for (bucket, folder), answer in zip(calls, answers, strict=True)
    ]


def _judge(bucket: str, folder: str, answer: Answer, listing: Listing) -> Finding:
    wanted = listing.measure(folder)
    facts = {"call": f'{FUNCTION}("{bucket}", "{folder}")'}
    if answer.error:
        missing = not wanted["objects"] and ("Contents" in answer.error or "CommonPrefixes" in answer.error)
        why = "task_1.misconception.prefix_empty" if missing else ""
        return Finding(False, "task_1.prefix_error", {**facts, "error": answer.error}, why)
    if not _is_answer(answer.value):
        return Finding(False, "task_1.prefix_type", {**facts, "value": _short(answer.value)})
    given = {name: answer.value[name] for name in FIELDS}
    facts |= {"value": str(given)}
    wrong = [name for name in FIELDS if given[name] != wanted[name]]
    if not wrong:
        return Finding(True, "task_1.prefix_right", facts)
    return Finding(
        False, "task_1.prefix_wrong", {**facts, "fields": ", ".join(wrong)}, _explain(folder, given, wrong, listing)
    )


def _explain(folder: str, given: dict[str, Any], wrong: Sequence[str], listing: Listing) -> str:
    loose = listing.measure_prefix(folder)
    if "objects" in wrong and given["objects"] == loose["objects"]:
        return "task_1.misconception.prefix_neighbour"
    if "objects" in wrong and given["objects"] == listing.count_direct(folder):
        return "task_1.misconception.prefix_direct"
    if wrong == ["folders"] and given["folders"] in (listing.count_all_folders(folder), given["objects"]):
        return "task_1.misconception.prefix_deep"
    if wrong == ["folders"] and given["folders"] == loose["folders"]:
        return "task_1.misconception.prefix_slash"
    return ""


def _is_answer(value: Any) -> bool:
    return isinstance(value, dict) and all(type(value.get(name)) is int for name in FIELDS)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
