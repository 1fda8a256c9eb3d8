"""Input files of a source: listed before Spark reads them, so that a bookmark or an exclusion can leave some out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import _aws

_FILE_SCHEME = re.compile("^file:(//[^/]*)?")


@dataclass(frozen=True)
class InputFile:
    """One object or local file; `etag` tells two versions apart. `root` is the path under which it was found."""

    path: str
    size_bytes: int
    modified_ms: int
    etag: str
    storage_class: str = "STANDARD"
    root: str = ""


def _hidden(relative: str) -> bool:
    # Hadoop's rule, which Spark and Glue share: names that start with _ or . are not data. Hive's `_x=1/` is data.
    return any(part[:1] in ("_", ".") and "=" not in part for part in relative.split("/") if part)


def _wanted(relative: str, recurse: bool) -> bool:
    return bool(relative) and not relative.endswith("/") and not _hidden(relative) and (recurse or "/" not in relative)


def list_objects(bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Every object below a prefix, as ListObjectsV2 describes it."""
    client = _aws.client("s3")
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from page.get("Contents", ())
    except client.exceptions.NoSuchBucket as error:
        told = {
            **error.response,
            "Error": {**error.response["Error"], "Message": f"The specified bucket does not exist: {bucket}"},
        }
        raise type(error)(told, error.operation_name) from None


def _list_s3(path: str, recurse: bool) -> Iterator[InputFile]:
    bucket, key = _aws.split_s3(path)
    folder = key if not key or key.endswith("/") else f"{key}/"
    scheme = path.split("://", 1)[0]
    for found in list_objects(bucket, key):
        name = found["Key"]
        exact = name == key and not name.endswith("/")
        if exact or (name.startswith(folder) and _wanted(name[len(folder) :], recurse)):
            modified_ms = round(found["LastModified"].timestamp() * 1000)
            etag = str(found.get("ETag", "")).strip('"')
            storage = found.get("StorageClass", "STANDARD")
            yield InputFile(f"{scheme}://{bucket}/{name}", found["Size"], modified_ms, etag, storage)


def local_path(path: str) -> Path:
    """The file-system path of a `file:` path, literally (Hadoop unquotes nothing either), or of a bare path."""
    return Path(_FILE_SCHEME.sub("", path))


def _list_local(path: str, recurse: bool) -> Iterator[InputFile]:
    root = local_path(path)
    found = [root] if root.is_file() else sorted(each for each in root.rglob("*") if each.is_file())
    for each in found:
        relative = each.name if each == root else each.relative_to(root).as_posix()
        if each == root or _wanted(relative, recurse):
            status = each.stat()
            yield InputFile(
                f"file://{each.absolute()}", status.st_size, int(status.st_mtime * 1000), str(status.st_mtime_ns)
            )


def list_files(path: str, *, recurse: bool) -> list[InputFile]:
    """The data files at a path (a folder or one object), in order of name; empty when there are none."""
    if _aws.is_s3(path):
        return sorted((replace(file, root=path) for file in _list_s3(path, recurse)), key=lambda file: file.path)
    if "://" in path and not path.startswith("file:"):
        raise ValueError(f"Cannot list {path!r}: sources are s3://, s3a://, s3n:// or local file:// paths.")
    root = f"file://{local_path(path).absolute()}"
    return [replace(file, root=root) for file in _list_local(path, recurse)]


def require_files(paths: Iterable[str], *, recurse: bool) -> list[InputFile]:
    """The files of all paths, each once; raises FileNotFoundError for a path that holds none."""
    found: dict[str, InputFile] = {}
    for path in paths:
        files = list_files(path, recurse=recurse)
        if not files:
            hint = "" if recurse else ' (sub-folders are read only with "recurse": True)'
            raise FileNotFoundError(f"No such file or directory '{path}'{hint}")
        found.update((file.path, file) for file in files)
    return list(found.values())


def read_start(file: InputFile, size_bytes: int) -> bytes:
    """The first bytes of a file."""
    if not _aws.is_s3(file.path):
        with local_path(file.path).open("rb") as stream:
            return stream.read(size_bytes)
    if file.size_bytes == 0:
        return b""
    bucket, key = _aws.split_s3(file.path)
    reply = _aws.client("s3").get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{size_bytes - 1}")
    body: bytes = reply["Body"].read()
    return body


def open_file(file: InputFile) -> Any:
    """A binary stream over the whole file."""
    if not _aws.is_s3(file.path):
        return local_path(file.path).open("rb")
    bucket, key = _aws.split_s3(file.path)
    return _aws.open_object(bucket, key)
