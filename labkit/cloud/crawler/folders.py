"""The folder tree below an include path."""

from __future__ import annotations

from dataclasses import dataclass, field

from labkit.cloud.crawler.shape import FileShape


@dataclass(frozen=True)
class CrawledFile:
    """One object; ``shape`` is None when SampleSize left it out."""

    bucket: str
    key: str
    size_bytes: int
    shape: FileShape | None

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rsplit("/", 1)[-1]


@dataclass
class Folder:
    """A folder, mutable while the tree grows; ``key`` ends with ``/`` and is empty for a bucket's root."""

    bucket: str
    key: str
    files: list[CrawledFile] = field(default_factory=list)
    children: dict[str, Folder] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The folder's own name; the bucket's for its root."""
        return self.key.rstrip("/").rsplit("/", 1)[-1] or self.bucket

    @property
    def location(self) -> str:
        """The folder as ``s3://bucket/key/``."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def depth(self) -> int:
        """Level as TableLevelConfiguration counts it: the bucket is 1."""
        return 1 + self.key.count("/")


def build_tree(bucket: str, root_key: str, files: list[CrawledFile]) -> Folder:
    """Return the tree of files whose keys start with ``root_key`` (empty, or ending with ``/``)."""
    root = Folder(bucket, root_key)
    for file in files:
        folder = root
        for part in file.key[len(root_key) :].split("/")[:-1]:
            folder = folder.children.setdefault(part, Folder(bucket, f"{folder.key}{part}/"))
        folder.files.append(file)
    return root
