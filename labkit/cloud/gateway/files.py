"""A file system on top of buckets: what Hadoop's committers expect, on objects that know no folders.

Three kinds of path. An *object* is a key. A *work file* lies below `_temporary` or a `.spark-staging…` folder: work in
progress, kept as a plain file, never listed by S3 and never an event. A *folder* is whatever has something below it, or was
made with MKDIRS in this process. A rename from work to object is the moment the object comes into being.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labkit.cloud.call import AwsError
from labkit.cloud.store import Store, StoredObject

# A driver warms up on work files here: no bucket, no object, no event.
WARM_BUCKET = "labkit-warm"
_WORK_PREFIXES = (".spark-staging", ".hive-staging", ".sparkStaging")


class GatewayError(Exception):
    """An error that Hadoop's client turns into the Java exception `java_class`."""

    def __init__(self, status: int, java_class: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.java_class = java_class


def not_found(path: str) -> GatewayError:
    """What Hadoop raises for a path that does not exist."""
    return GatewayError(404, "java.io.FileNotFoundException", f"File does not exist: {path}")


@dataclass(frozen=True)
class Place:
    """A path split into bucket and key; the key has no slash at either end."""

    bucket: str
    key: str

    @property
    def path(self) -> str:
        return f"/{self.bucket}/{self.key}" if self.key else f"/{self.bucket}"

    @property
    def is_work(self) -> bool:
        """Whether this is work in progress rather than an object."""
        return any(part == "_temporary" or part.startswith(_WORK_PREFIXES) for part in self.key.split("/"))

    @property
    def committed(self) -> Place | None:
        """The object that a work file will become, as Hadoop's committers place it; None for a work file of another kind."""
        if not self.is_work:
            return self
        parts = self.key.split("/")
        first = next(n for n, part in enumerate(parts) if part == "_temporary" or part.startswith(_WORK_PREFIXES))
        attempts = [n for n, part in enumerate(parts) if part.startswith("attempt_")]
        rest = parts[attempts[-1] + 1 :] if attempts else []
        return Place(self.bucket, "/".join([*parts[:first], *rest])) if rest else None

    @property
    def outside(self) -> Place:
        """The folder that the work in progress is for; the place itself when it is none."""
        parts = self.key.split("/")
        works = (n for n, part in enumerate(parts) if part == "_temporary" or part.startswith(_WORK_PREFIXES))
        return Place(self.bucket, "/".join(parts[: next(works, len(parts))]))

    def child(self, name: str) -> Place:
        return Place(self.bucket, f"{self.key}/{name}" if self.key else name)


@dataclass(frozen=True)
class Entry:
    """One file or folder; `path` is where a file's bytes lie, None for a folder."""

    name: str
    size_bytes: int
    modified_ms: int
    path: Path | None

    @property
    def is_folder(self) -> bool:
        return self.path is None


class Files:
    """File operations over all buckets; thread-safe."""

    def __init__(self, store: Store, work_dir: Path, warm_dir: Path) -> None:
        self._store = store
        self._work_dir = work_dir
        self._warm_dir = warm_dir
        self._made: set[Place] = set()
        self._lock = threading.RLock()
        shutil.rmtree(work_dir, ignore_errors=True)
        work_dir.mkdir(parents=True)

    def find(self, place: Place) -> Entry | None:
        """The file or folder at a place, or None."""
        name = place.key.rpartition("/")[2]
        if place.is_work:
            path = self._work(place)
            return _work_entry(name, path) if path.exists() else None
        if not self._store.has_bucket(place.bucket):
            return None
        if place.key:
            found = self._store.find(place.bucket, place.key)
            if found is not None:
                return _object_entry(name, found)
        return Entry(name, 0, 0, None) if self._is_folder(place) else None

    def has_bucket(self, place: Place) -> bool:
        """Whether the bucket of a place exists."""
        return self._store.has_bucket(place.bucket)

    def get(self, place: Place) -> Entry:
        """As `find`, or Hadoop's FileNotFoundException."""
        entry = self.find(place)
        if entry is None:
            raise not_found(place.path)
        return entry

    def list(self, place: Place) -> list[Entry]:
        """What lies directly in a folder, sorted by name; a file lists itself with an empty name."""
        entry = self.get(place)
        if not entry.is_folder:
            return [Entry("", entry.size_bytes, entry.modified_ms, entry.path)]
        if place.is_work:
            return [_work_entry(path.name, path) for path in sorted(self._work(place).iterdir())]
        found = {entry.name: entry for entry in self._children(place)}
        with self._lock:
            for made in self._made:
                if made.bucket == place.bucket and made.key.rpartition("/")[0] == place.key and made.key:
                    name = made.key.rpartition("/")[2]
                    found.setdefault(name, Entry(name, 0, 0, None))
        return [found[name] for name in sorted(found)]

    def make_folder(self, place: Place) -> None:
        """Make a folder and those above it; S3 keeps no trace of an empty one."""
        if place.is_work:
            self._work(place).mkdir(parents=True, exist_ok=True)
            return
        self._require_bucket(place)
        if place.key and self._store.find(place.bucket, place.key):
            raise GatewayError(403, "org.apache.hadoop.fs.FileAlreadyExistsException", f"Is a file: {place.path}")
        with self._lock:
            parts = place.key.split("/") if place.key else []
            self._made.update(Place(place.bucket, "/".join(parts[: n + 1])) for n in range(len(parts)))

    def new_file(self, place: Place, overwrite: bool) -> Path:
        """Where the bytes of a file to be created are to be written; `finish_file` makes them visible."""
        entry = self.find(place)
        if entry is not None and (entry.is_folder or not overwrite):
            kind = "a folder" if entry.is_folder else "there already"
            raise GatewayError(403, "org.apache.hadoop.fs.FileAlreadyExistsException", f"{place.path} is {kind}")
        if place.is_work:
            path = self._work(place)
            path.parent.mkdir(parents=True, exist_ok=True)
            return path
        self._require_bucket(place)
        incoming = self._work_dir / ".incoming"
        incoming.mkdir(exist_ok=True)
        return incoming / os.urandom(16).hex()

    def finish_file(self, place: Place, written: Path) -> None:
        """Turn written bytes into the file: for an object this is its PutObject."""
        if not place.is_work:
            self._store.put(place.bucket, place.key, written)

    def delete(self, place: Place, recursive: bool) -> bool:
        """Delete a file or folder; False when there is none."""
        entry = self.find(place)
        if entry is None:
            return False
        if not entry.is_folder:
            self._unlink(place)
            return True
        if not recursive and self.list(place):
            message = f"{place.path} is not empty"
            raise GatewayError(403, "org.apache.hadoop.fs.PathIsNotEmptyDirectoryException", message)
        shutil.rmtree(self._work(place), ignore_errors=True)
        if not place.is_work:
            keys = [found.key for found in self._store.list(place.bucket, _prefix(place))]
            self._store.delete(place.bucket, keys)
            self._forget(place)
        return True

    def objects_below(self, place: Place) -> tuple[Place, ...]:
        """The objects in a folder and its folders."""
        return tuple(Place(place.bucket, found.key) for found in self._store.list(place.bucket, _prefix(place)))

    def renamed(self, source: Place, target: Place) -> tuple[tuple[Place, Place], ...]:
        """The files that a rename would move and where to; empty when it cannot be done."""
        entry, existing = self.find(source), self.find(target)
        if entry is None or (existing is not None and not existing.is_folder):
            return ()
        if existing is not None:
            target = target.child(source.key.rpartition("/")[2])
        if not entry.is_folder:
            return ((source, target),)
        below = self._files_below(source)
        return tuple((file, Place(target.bucket, target.key + file.key[len(source.key) :])) for file in below)

    def rename(self, source: Place, target: Place) -> bool:
        """Move a file or folder as HDFS does: into the target if that is a folder; False when it cannot be done."""
        entry = self.find(source)
        if entry is None:
            return False
        moved = self.renamed(source, target)
        existing = self.find(target)
        if existing is not None:
            if not existing.is_folder:
                return False
            target = target.child(source.key.rpartition("/")[2])
        if entry.is_folder:
            if source.is_work and target.is_work:
                return self._move_work(source, target)
            self.make_folder(target)
        for file, to in moved:
            self._move(file, to)
        if entry.is_folder:
            self.delete(source, recursive=True)
        return True

    def _move_work(self, source: Place, target: Place) -> bool:
        destination = self._work(target)
        destination.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self._work(source), destination)
        return True

    def _move(self, source: Place, target: Place) -> None:
        if source.is_work and target.is_work:
            self._move_work(source, target)
        elif source.is_work:
            self._store.put(target.bucket, target.key, self._work(source))
        elif target.is_work:
            path = self._work(target)
            path.parent.mkdir(parents=True, exist_ok=True)
            found = self.get(source)
            shutil.copyfile(str(found.path), path)
            self._unlink(source)
        elif source.bucket == target.bucket:
            self._store.copy(source.bucket, source.key, target.key)
            self._unlink(source)
        else:
            message = f"rename between buckets: {source.path} to {target.path}"
            raise GatewayError(403, "java.lang.UnsupportedOperationException", message)

    def _files_below(self, place: Place) -> Iterator[Place]:
        if not place.is_work:
            yield from self.objects_below(place)
            return
        root = self._work(place)
        for path in sorted(root.rglob("*")):
            if path.is_file():
                yield Place(place.bucket, f"{place.key}/{path.relative_to(root).as_posix()}")

    def _children(self, place: Place) -> Iterator[Entry]:
        """Direct children, jumping over what lies deeper: O(children), not O(keys below)."""
        keys = self._store.bucket(place.bucket).keys
        prefix, start = _prefix(place), _prefix(place)
        while names := keys.names_from(start, 200):
            for name in names:
                if not name.startswith(prefix):
                    return
                child, slash, _ = name[len(prefix) :].partition("/")
                if slash:
                    if child:
                        yield Entry(child, 0, 0, None)
                    start = f"{prefix}{child}0"  # "0" follows "/" in byte order
                    break
                stored = self._store.find(place.bucket, name)
                if stored is not None and child:
                    yield _object_entry(child, stored)
                start = name + "\0"

    def _is_folder(self, place: Place) -> bool:
        if not place.key or place in self._made:
            return True
        keys = self._store.bucket(place.bucket).keys
        first = keys.names_from(_prefix(place), 1)
        return bool(first) and first[0].startswith(_prefix(place))

    def _unlink(self, place: Place) -> None:
        if place.is_work:
            self._work(place).unlink(missing_ok=True)
        else:
            self._store.delete(place.bucket, [place.key])

    def _forget(self, place: Place) -> None:
        with self._lock:
            self._made = {m for m in self._made if m != place and not _below(m, place)}

    def _require_bucket(self, place: Place) -> None:
        if not self._store.has_bucket(place.bucket):
            raise GatewayError(404, "java.io.FileNotFoundException", f"NoSuchBucket: {place.bucket}")

    def _work(self, place: Place) -> Path:
        root = self._warm_dir if place.bucket == WARM_BUCKET else self._work_dir
        path = (root / place.bucket / place.key).resolve()
        if not path.is_relative_to(root.resolve()):
            raise GatewayError(403, "org.apache.hadoop.security.AccessControlException", f"Outside: {place.path}")
        return path


def _below(place: Place, folder: Place) -> bool:
    return place.bucket == folder.bucket and place.key.startswith(_prefix(folder))


def _prefix(place: Place) -> str:
    return f"{place.key}/" if place.key else ""


def _object_entry(name: str, stored: StoredObject) -> Entry:
    return Entry(name, stored.size_bytes, int(stored.last_modified.timestamp() * 1000), stored.path)


def _work_entry(name: str, path: Path) -> Entry:
    status = path.stat()
    modified = int(status.st_mtime * 1000)
    return Entry(name, 0, modified, None) if path.is_dir() else Entry(name, status.st_size, modified, path)


def as_gateway_error(error: AwsError) -> GatewayError:
    """An S3 refusal as Hadoop's client understands it."""
    if error.code in ("NoSuchBucket", "NoSuchKey"):
        return GatewayError(404, "java.io.FileNotFoundException", f"{error.code}: {error.message}")
    if error.code == "AccessDenied":
        message = f"Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied): {error.message}"
        return GatewayError(403, "org.apache.hadoop.security.AccessControlException", message)
    return GatewayError(400, "java.io.IOException", f"{error.code}: {error.message}")
