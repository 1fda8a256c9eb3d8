"""S3 object bytes as files, and a journal of every key: what moto keeps in memory survives a killed process.

moto's `FakeKey` holds an object's bytes in a temporary file and `FakeBucket` its keys in a dict. The three classes here
take their place (see `hooks.py`): bytes go to `objects/<2 hex>/<32 hex>`, and each changed key is written to the
database before the request that changed it is answered.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import threading
import time
import uuid
from bisect import bisect_left, insort
from collections import deque
from pathlib import Path
from typing import Any

from moto.s3.models import FakeBucket, FakeKey, PublicAccessBlock
from moto.s3.utils import _VersionedKeyStore

from labkit.cloud.database import Database

# A reader may have been told a path just before its object was replaced (DuckDB, a Spark task): old bytes stay this long.
_GRACE_S = 60.0


class Shelf:
    """The folder of object files and the journal of keys; one per process, set up by `hooks.install`."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self._database = database
        self._dirty: dict[tuple[str, str], JournaledKeys] = {}
        self._discarded: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def new_path(self) -> Path:
        """A path for one object's bytes; its folder exists."""
        name = uuid.uuid4().hex
        path = self.folder / name[:2] / name
        path.parent.mkdir(exist_ok=True)
        return path

    def touch(self, bucket: str, key: str, keys: JournaledKeys) -> None:
        """Remember that a key changed; `flush` writes it."""
        with self._lock:
            self._dirty[(bucket, key)] = keys

    def discard(self, path: Path) -> None:
        """Delete a file later, after the journal no longer names it."""
        with self._lock:
            self._discarded.append((time.monotonic(), str(path)))

    def flush(self) -> None:
        """Write the changed keys in one transaction."""
        with self._lock:
            if not self._dirty:
                return
            dirty, self._dirty = self._dirty, {}
        statements: list[tuple[str, tuple[Any, ...]]] = []
        for (bucket, key), keys in dirty.items():
            versions = keys.getlist(key)
            if versions:
                sql = "INSERT OR REPLACE INTO objects VALUES (?, ?, ?)"
                statements.append((sql, (bucket, str(key), pickle.dumps(versions))))
            else:
                statements.append(("DELETE FROM objects WHERE bucket = ? AND key = ?", (bucket, str(key))))
        self._database.write(statements)
        self.sweep(_GRACE_S)

    def sweep(self, older_than_s: float) -> None:
        """Delete discarded files of at least that age."""
        limit = time.monotonic() - older_than_s
        while self._discarded and self._discarded[0][0] <= limit:
            Path(self._discarded.popleft()[1]).unlink(missing_ok=True)

    def load(self, buckets: dict[str, Any]) -> None:
        """Fill the buckets' keys from the journal and delete files that no key names."""
        named: set[str] = set()
        for bucket, key, blob in self._database.read("SELECT bucket, key, versions FROM objects"):
            versions = pickle.loads(blob)  # noqa: S301 - this user's own state folder, written by `flush`
            if bucket in buckets:
                buckets[bucket].keys.restore(key, versions)
                named.update(str(version.path) for version in versions if isinstance(version, DiskKey))
        for path in self.folder.glob("??/*"):
            if str(path) not in named:
                path.unlink(missing_ok=True)


_shelf: Shelf | None = None


def use_shelf(shelf: Shelf) -> None:
    """Set the shelf that all objects of this process live on."""
    global _shelf
    _shelf = shelf


def shelf() -> Shelf:
    """The shelf in use; a programming error before `use_shelf`."""
    if _shelf is None:
        raise RuntimeError("no shelf: hooks.install() was not called")
    return _shelf


class AdoptedFile:
    """Bytes that already lie in a file: `value=AdoptedFile(path)` moves the file instead of copying it."""

    def __init__(self, path: Path) -> None:
        self.path = path


class _ClosedBuffer:
    """Stands where moto keeps a temporary file."""

    def close(self) -> None:
        return None


class DiskKey(FakeKey):
    """An S3 object (or upload part) whose bytes are one file."""

    # moto's own fields, which its base class sets.
    _value_buffer: Any
    _etag: str | None
    multipart: Any
    disposed: bool

    def __init__(self, name: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        self.path = shelf().new_path()
        super().__init__(name, value, *args, **kwargs)

    @property
    def value(self) -> bytes:
        return self.path.read_bytes()

    @value.setter
    def value(self, new_value: Any) -> None:
        self._value_buffer.close()
        self._value_buffer = _ClosedBuffer()
        if isinstance(new_value, AdoptedFile):
            shutil.move(new_value.path, self.path)
        else:
            data = new_value.encode() if isinstance(new_value, str) else new_value
            partial = self.path.with_suffix(".part")
            partial.write_bytes(data)
            os.replace(partial, self.path)
        self.contentsize = self.path.stat().st_size

    @property
    def etag(self) -> str:
        if self._etag is None:
            with self.path.open("rb") as file:
                self._etag = _md5(file)
        return f'"{self._etag}"'

    def dispose(self, garbage: bool = False) -> None:
        if not garbage and not self.disposed:
            shelf().discard(self.path)
            if self.multipart:
                self.multipart.dispose()
            self.disposed = True

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        for name in ("_value_buffer", "lock", "multipart"):
            state.pop(name, None)
        state["path"] = self.path.name
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.path = shelf().folder / state["path"][:2] / state["path"]
        self._value_buffer = _ClosedBuffer()
        self.lock = threading.Lock()
        self.multipart = None


def _md5(file: Any) -> str:
    """Hex digest of a file, read in blocks (`hashlib.file_digest` is younger than Python 3.10)."""
    digest = hashlib.md5(usedforsecurity=False)
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


class JournaledKeys(_VersionedKeyStore):
    """A bucket's keys: every change is journaled, and the names are kept sorted so that a prefix is listed in O(log n)."""

    def __init__(self, bucket: str) -> None:
        super().__init__()
        self._bucket = bucket
        self._names: list[str] = []
        self._names_lock = threading.Lock()

    def _added(self, key: str) -> None:
        with self._names_lock:
            at = bisect_left(self._names, key)
            if at == len(self._names) or self._names[at] != key:
                insort(self._names, key)
        shelf().touch(self._bucket, key, self)

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self._added(key)

    def setlist(self, key: Any, list_: Any) -> None:
        super().setlist(key, list_)
        self._added(key)

    def pop(self, key: str) -> None:
        super().pop(key)
        with self._names_lock:
            at = bisect_left(self._names, key)
            if at < len(self._names) and self._names[at] == key:
                del self._names[at]
        shelf().touch(self._bucket, key, self)

    def restore(self, key: str, versions: list[Any]) -> None:
        """Put back journaled versions, without journaling them again."""
        dict.__setitem__(self, key, versions)
        insort(self._names, key)

    def names(self, prefix: str) -> list[str]:
        """The sorted names that start with `prefix`."""
        with self._names_lock:
            start = bisect_left(self._names, prefix)
            end = bisect_left(self._names, prefix + "\U0010ffff", start)
            return self._names[start:end]

    def names_from(self, start: str, limit: int) -> list[str]:
        """Up to `limit` sorted names that are not below `start`."""
        with self._names_lock:
            at = bisect_left(self._names, start)
            return self._names[at : at + limit]


class DiskBucket(FakeBucket):
    """A bucket with journaled keys; its own settings go into the S3 snapshot, its keys do not."""

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(name, *args, **kwargs)
        self.keys = JournaledKeys(name)
        # As AWS makes buckets since April 2023: closed to the public, everything encrypted.
        self.public_access_block = PublicAccessBlock("true", "true", "true", "true")
        algorithm = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}
        self.encryption = {"Rule": algorithm}

    def get_permission(self, action: str, resource: str) -> Any:  # noqa: ARG002 - as moto asks
        """What moto asks before it serves an object: the gate has let the request in, some keys of a DeleteObjects apart."""
        from moto.iam.access_control import PermissionResult

        from labkit.cloud.identity.admission import is_denied_here

        return PermissionResult.DENIED if is_denied_here(resource) else PermissionResult.PERMITTED

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "keys"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.keys = JournaledKeys(state["name"])
