"""Task 1.1: the four sources under prefixes of their own, so that a crawler can make one table of each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePosixPath

from labkit.aws.s3 import S3Object, list_objects
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_1.places import PREFIXES, VERSIONS, find_sources_bucket

# An object is read only when its size is that of a file that is looked for; more of them than this nobody uploads by hand.
_MOST_READ = 300


@dataclass(frozen=True)
class Placed:
    """One of the student's files, found by its bytes: which source it is of, its name at home and its key."""

    source: str
    file: str
    key: str

    @property
    def folder(self) -> tuple[str, ...]:
        return tuple(self.key.split("/")[:-1])


def check_layout(context: Context) -> list[Finding]:
    """Every file is there byte for byte, none at the root, and the sources' folders neither mix nor hold anything else."""
    bucket = find_sources_bucket(context)
    objects = [item for item in list_objects(context.clients.s3, bucket, "") if _belongs_here(item)]
    if not objects:
        raise NotAttempted("task_1.layout_nothing", bucket=bucket)
    wanted = _list_sources(context)
    placed = _find_files(context, objects, wanted)
    strays = [item.key for item in objects if item.key not in {found.key for found in placed}]
    findings = [_look_for(source, files, placed, strays) for source, files in wanted.items()]
    findings.append(_look_at_root(objects))
    findings += _look_at_folders(tuple(wanted), placed, strays)
    return findings


def _belongs_here(item: S3Object) -> bool:
    # The console's "Create folder" leaves an empty object whose key ends in a slash: no file.
    return not item.key.startswith((PREFIXES, VERSIONS)) and not (item.key.endswith("/") and not item.size_bytes)


def _list_sources(context: Context) -> dict[str, dict[str, tuple[str, int]]]:
    """source → digest → (file name, size in bytes)"""
    folder = context.truth.folder
    files = {
        "ventas": context.truth.sales_files,
        "clientes": [folder / "clientes.csv"],
        "productos": [folder / "productos.jsonl"],
        "tiendas": [folder / "tiendas.parquet"],
    }
    return {
        source: {_digest(path.read_bytes()): (path.name, path.stat().st_size) for path in paths}
        for source, paths in files.items()
    }


def _find_files(
    context: Context, objects: Sequence[S3Object], wanted: Mapping[str, Mapping[str, tuple[str, int]]]
) -> list[Placed]:
    known = {digest: (source, name, size) for source, files in wanted.items() for digest, (name, size) in files.items()}
    sizes = {size for _, _, size in known.values()}
    found = []
    for item in [item for item in objects if item.size_bytes in sizes][:_MOST_READ]:
        body = context.clients.s3.get_object(Bucket=item.bucket, Key=item.key)["Body"].read()
        if (digest := _digest(body)) in known:
            source, name, _ = known[digest]
            found.append(Placed(source, name, item.key))
    return found


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _look_for(
    source: str, files: Mapping[str, tuple[str, int]], placed: Sequence[Placed], strays: Sequence[str]
) -> Finding:
    names = {name for name, _ in files.values()}
    keys = [item for item in placed if item.source == source]
    missing = sorted(names - {item.file for item in keys})
    facts = {"source": source, "found": len(names) - len(missing), "wanted": len(names), "missing": _some(missing)}
    if missing:
        changed = [key for key in strays if PurePosixPath(key.replace("\\", "/")).name in missing]
        if changed:
            return Finding(
                False,
                "task_1.layout_changed",
                {**facts, "keys": _some(changed)},
                "task_1.misconception.layout_changed",
            )
        return Finding(False, "task_1.layout_incomplete", facts)
    if len(keys) > len(names):
        twice = sorted(item.key for item in keys)
        return Finding(
            False, "task_1.layout_twice", {**facts, "keys": _some(twice)}, "task_1.misconception.layout_twice"
        )
    return Finding(True, "task_1.layout_complete", facts)


def _look_at_root(objects: Sequence[S3Object]) -> Finding:
    root = [item.key for item in objects if "/" not in item.key]
    leading = [item.key for item in objects if item.key.startswith("/")]
    if any("\\" in key for key in root):
        return Finding(False, "task_1.layout_root", {"keys": _some(root)}, "task_1.misconception.layout_backslash")
    if root:
        return Finding(False, "task_1.layout_root", {"keys": _some(root)}, "task_1.misconception.layout_root")
    if leading:
        return Finding(False, "task_1.layout_leading", {"keys": _some(leading)}, "task_1.misconception.layout_leading")
    return Finding(True, "task_1.layout_no_root", {})


def _look_at_folders(sources: Sequence[str], placed: Sequence[Placed], strays: Sequence[str]) -> list[Finding]:
    """The folder of a source is the one that all its files share: what a crawler is pointed at."""
    findings = []
    for source in sources:
        own = [item.folder for item in placed if item.source == source]
        folder = _find_common(own)
        if folder:
            findings.append(_look_at_folder(source, folder, placed, strays))
        elif any(own):
            why = "task_1.misconception.layout_scattered"
            findings.append(Finding(False, "task_1.layout_scattered", {"source": source}, why))
    return findings


def _look_at_folder(source: str, folder: tuple[str, ...], placed: Sequence[Placed], strays: Sequence[str]) -> Finding:
    facts = {"source": source, "folder": "/".join(folder) + "/"}
    mixed = [item.key for item in placed if item.source != source and _is_inside(item.folder, folder)]
    others = [key for key in strays if _is_inside(tuple(key.split("/")[:-1]), folder)]
    if mixed:
        why = "task_1.misconception.layout_mixed"
        return Finding(False, "task_1.layout_mixed", {**facts, "keys": _some(mixed)}, why)
    if others:
        why = "task_1.misconception.layout_strays"
        return Finding(False, "task_1.layout_strays", {**facts, "keys": _some(others)}, why)
    return Finding(True, "task_1.layout_own_folder", facts)


def _find_common(folders: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The longest folder that all of them lie in; () when they share none, or there are none."""
    if not folders:
        return ()
    same = takewhile(lambda parts: len(set(parts)) == 1, zip(*folders, strict=False))
    return tuple(parts[0] for parts in same)


def _is_inside(folder: tuple[str, ...], outer: tuple[str, ...]) -> bool:
    return folder[: len(outer)] == outer


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown + (" …" if len(names) > 3 else "")
