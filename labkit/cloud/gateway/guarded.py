"""The gateway's files as one principal may use them: what Spark does to a path is asked for as the S3 calls it stands for.

| operation | asked for |
|---|---|
| status of an object | s3:GetObject |
| status of a folder or of nothing, listing | s3:ListBucket with the prefix |
| open | s3:GetObject |
| make a folder (for a folder of work files: the folder that they will be committed to) | s3:ListBucket with the prefix |
| create, and the commit of a work file | s3:PutObject |
| delete | s3:DeleteObject on each object, and for a folder s3:ListBucket |
| rename of objects | s3:GetObject, s3:PutObject and s3:DeleteObject, and for a folder s3:ListBucket |

A work file (`_temporary`) is no object; creating one is asked for as the object that it will become, so that a job without
s3:PutObject fails at its first row and not at its last.
"""

from __future__ import annotations

from pathlib import Path

from labkit.cloud.gateway.files import Entry, Files, Place
from labkit.cloud.identity.authorizer import Guard
from labkit.cloud.identity.store import bucket_arn, object_arn, on_objects


class GuardedFiles:
    """Files behind a guard; AwsError AccessDenied for what its principal may not do."""

    def __init__(self, files: Files, guard: Guard) -> None:
        self._files = files
        self._guard = guard

    def is_there(self, place: Place) -> bool:
        """Whether there is a file or folder at a place; for the gateway's own decisions, so nothing is asked for."""
        return self._files.find(place) is not None

    def find(self, place: Place) -> Entry | None:
        """As Files.find."""
        entry = self._files.find(place)
        if not place.is_work and self._files.has_bucket(place):
            if entry is None or entry.is_folder:
                self._require_list(place)
            else:
                self._guard.require_each(on_objects("s3:GetObject", place.bucket, [place.key]))
        return entry

    def get(self, place: Place) -> Entry:
        """As Files.get."""
        self.find(place)
        return self._files.get(place)

    def list(self, place: Place) -> list[Entry]:
        """As Files.list."""
        self.find(place)
        return self._files.list(place)

    def make_folder(self, place: Place) -> None:
        """As Files.make_folder; S3 has no folders, but a connector looks first whether there is one."""
        folder = place.outside
        if self._files.has_bucket(folder):
            self._require_list(folder)
        self._files.make_folder(place)

    def new_file(self, place: Place, overwrite: bool) -> Path:
        """As Files.new_file."""
        target = place.committed
        if target is not None and self._files.has_bucket(place):
            self._guard.require("s3:PutObject", object_arn(target.bucket, target.key))
        return self._files.new_file(place, overwrite)

    def finish_file(self, place: Place, written: Path) -> None:
        """As Files.finish_file; `new_file` asked."""
        self._files.finish_file(place, written)

    def delete(self, place: Place, recursive: bool) -> bool:
        """As Files.delete."""
        if not place.is_work and self._files.has_bucket(place):
            entry = self._files.find(place)
            if entry is None or entry.is_folder:
                self._require_list(place)
            doomed = (place,) if entry is not None and not entry.is_folder else self._files.objects_below(place)
            self._guard.require_each(on_objects("s3:DeleteObject", place.bucket, [one.key for one in doomed]))
        return self._files.delete(place, recursive)

    def rename(self, source: Place, target: Place) -> bool:
        """As Files.rename."""
        moved = self._files.renamed(source, target)
        objects = [file.key for file, _ in moved if not file.is_work]
        if objects and objects != [source.key]:
            self._require_list(source)
        self._guard.require_each(on_objects("s3:GetObject", source.bucket, objects))
        for bucket in dict.fromkeys(to.bucket for _, to in moved):
            made = [to.key for _, to in moved if to.bucket == bucket and not to.is_work]
            self._guard.require_each(on_objects("s3:PutObject", bucket, made))
        self._guard.require_each(on_objects("s3:DeleteObject", source.bucket, objects))
        return self._files.rename(source, target)

    def _require_list(self, place: Place) -> None:
        prefix = f"{place.key}/" if place.key else ""
        self._guard.require("s3:ListBucket", bucket_arn(place.bucket), {"s3:prefix": (prefix,), "s3:delimiter": ("/",)})
