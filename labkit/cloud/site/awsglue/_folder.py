"""A folder as Hadoop's file system sees it: where sinks put their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Folder:
    """A folder of files; `path` is its URI."""

    def __init__(self, spark: SparkSession, path: str) -> None:
        context: Any = spark.sparkContext
        self._jvm = context._jvm
        self._path = self._jvm.org.apache.hadoop.fs.Path(path)
        self._fs = self._path.getFileSystem(context._jsc.hadoopConfiguration())
        self.path = path

    def _at(self, relative: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(self._path, relative)

    def list_data(self) -> list[str]:
        """Relative paths of the data files, in order."""
        found, listing = [], self._fs.listFiles(self._path, True)
        root = self._fs.makeQualified(self._path).toUri().getPath().rstrip("/")
        while listing.hasNext():
            path = listing.next().getPath().toUri().getPath()
            if path.rsplit("/", 1)[1][:1] not in ("_", "."):
                found.append(path[len(root) + 1 :])
        return sorted(found)

    def make(self, relative: str = "") -> None:
        """Make a folder below this one, with its parents."""
        self._fs.mkdirs(self._at(relative) if relative else self._path)

    def put(self, relative: str, data: bytes) -> None:
        """Write a file."""
        stream = self._fs.create(self._at(relative))
        try:
            stream.write(bytearray(data))
        finally:
            stream.close()

    def take_in(self, other: Folder, source: str, name: str) -> None:
        """Move a file of another folder in; never over one that exists."""
        if not self._fs.rename(other._at(source), self._at(name)):
            raise OSError(
                f"Cannot write {self.path.rstrip('/')}/{name}: the storage refused the rename of the finished file."
            )

    def delete(self, relative: str = "") -> None:
        self._fs.delete(self._at(relative) if relative else self._path, True)
