"""Decide which files are one table: the root of each table, its partitions, and what stands apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from labkit.cloud.crawler.folders import CrawledFile, Folder
from labkit.cloud.crawler.hive_types import Column
from labkit.cloud.crawler.naming import hive_partition
from labkit.cloud.crawler.shape import FileShape, merge_shapes, same_format, settle, similar

Alike = Callable[[FileShape, FileShape, bool], bool]


@dataclass(frozen=True)
class Leaf:
    """One partition: its values in key order, its location, its files and their merged shape."""

    values: tuple[str, ...]
    location: str
    files: tuple[CrawledFile, ...]
    shape: FileShape


@dataclass(frozen=True)
class Dataset:
    """One table to be: ``keys`` are the partition keys (all string), ``leaves`` its partitions, or one without values.

    ``exclusions``: the target's exclude patterns as URLs, which AWS writes to the table.
    """

    name: str
    location: str
    keys: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    shape: FileShape
    exclusions: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[CrawledFile, ...]:
        """Every file of the table."""
        return tuple(file for leaf in self.leaves for file in leaf.files)


@dataclass(frozen=True)
class _Whole:
    """A subtree that is one data set; a key of None is a folder level without ``key=``. ``apart``: what lies in it and is not of it."""

    folder: Folder
    keys: tuple[str | None, ...]
    leaves: tuple[Leaf, ...]
    shape: FileShape
    apart: tuple[Dataset, ...] = ()


@dataclass(frozen=True)
class _Split:
    datasets: tuple[Dataset, ...]


_Result = _Whole | _Split


def find_datasets(root: Folder, combine: bool = False, table_level: int = 0, *, whole: bool = False) -> list[Dataset]:
    """Return the tables below an include path, sorted by location.

    ``combine``: CombineCompatibleSchemas, only the format has to agree. ``table_level``: TableLevelConfiguration, 0 for none.
    ``whole``: the root is the table, even where it is a bucket.
    """
    alike: Alike = (lambda left, right, _lenient: same_format(left, right)) if combine else similar
    roots = _folders_at(root, table_level) if table_level > root.depth else []
    # A level deeper than any folder decides nothing (public crawlers set 10 to get a single table).
    roots = roots or [root if whole else _descend(root)]
    found = [dataset for folder in roots for dataset in _datasets(_analyse(folder, alike))]
    return sorted(found, key=lambda dataset: dataset.location)


def file_dataset(file: CrawledFile) -> Dataset:
    """Return the table of a single file: named after it, located at it."""
    assert file.shape is not None
    location = f"s3://{file.bucket}/{file.key}"
    return Dataset(file.name, location, (), (Leaf((), location, (file,), file.shape),), settle(file.shape))


def _descend(root: Folder) -> Folder:
    # A bucket is seldom the table: with one plain folder in it, that folder is (bsg-data-raw/raw_sales/ -> raw_sales).
    if root.key == "" and not root.files and len(root.children) == 1:
        (child,) = root.children.values()
        if hive_partition(child.name) is None:
            return child
    return root


def _folders_at(folder: Folder, level: int) -> list[Folder]:
    if folder.depth >= level:
        return [folder]
    # Files above the level belong to no table there; AWS leaves them out as well.
    return [found for child in folder.children.values() for found in _folders_at(child, level)]


def _datasets(result: _Result) -> list[Dataset]:
    if isinstance(result, _Split):
        return list(result.datasets)
    shape = settle(result.shape)
    keys = _key_names(result.keys, shape.columns)
    return [Dataset(result.folder.name, result.folder.location, keys, result.leaves, shape), *result.apart]


def _key_names(keys: Sequence[str | None], columns: Sequence[Column]) -> tuple[str, ...]:
    """Name the levels; a key that is also a column would make the table unreadable in Athena, so it gets a number."""
    taken = {column.name for column in columns}
    names: list[str] = []
    plain = 0
    for key in keys:
        name = key
        if name is None or name in taken:
            name = f"partition_{plain}"
            plain += 1
        names.append(name)
        taken.add(name)
    return tuple(names)


def _analyse(root: Folder, alike: Alike) -> _Result:
    """From the leaves up, without recursion: a key may have 500 levels."""
    folders = [root]
    for folder in folders:  # grows while it is read: every folder comes after the one that holds it
        folders += [child for _, child in sorted(folder.children.items())]
    results: dict[int, _Result] = {}
    for folder in reversed(folders):
        children = [results.pop(id(child)) for _, child in sorted(folder.children.items())]
        results[id(folder)] = _join(folder, children, alike)
    return results[id(root)]


def _join(folder: Folder, children: list[_Result], alike: Alike) -> _Result:
    groups = _groups(folder.files, alike)
    if not children:
        return _here(folder, folder.files, groups)
    below = _join_children(folder, children, alike)
    if not folder.files:
        return below
    if isinstance(below, _Whole) and len(groups) == 1 and alike(groups[0][1], below.shape, True):
        if all(key is None for key in below.keys):
            # Files beside plain folders: one table without partitions, Athena reads the folders below too.
            files = [*folder.files, *(file for leaf in below.leaves for file in leaf.files)]
            shape = merge_shapes([file.shape for file in files if file.shape is not None])
            return _Whole(folder, (), (Leaf((), folder.location, tuple(files), shape),), shape, below.apart)
        return below  # files outside every key=value folder belong to no partition
    if isinstance(below, _Whole):
        # The folder is the partitioned table, so files that are not of it are tables of their own.
        strays = tuple(file_dataset(file) for file in folder.files if file.shape is not None)
        return replace(below, apart=(*below.apart, *strays))
    return _Split((*_datasets(below), *_datasets(_here(folder, folder.files, groups))))


def _here(folder: Folder, files: Sequence[CrawledFile], groups: list[tuple[list[CrawledFile], FileShape]]) -> _Result:
    """Files that lie in one folder: one table, or the majority's table and one for each other file."""
    if len(groups) == 1:
        shape = merge_shapes([file.shape for file in files if file.shape is not None])
        return _Whole(folder, (), (Leaf((), folder.location, tuple(files), shape),), shape)
    seen = [file for file in files if file.shape is not None]
    main, shape = max(groups, key=lambda group: len(group[0]))
    if 2 * len(main) <= len(seen):
        return _Split(tuple(file_dataset(file) for file in seen))
    inside = {file.key for file in main}
    strays = tuple(file_dataset(file) for file in seen if file.key not in inside)
    return _Whole(folder, (), (Leaf((), folder.location, tuple(main), shape),), shape, strays)


def _groups(files: Sequence[CrawledFile], alike: Alike) -> list[tuple[list[CrawledFile], FileShape]]:
    """Cluster files by shape; those too short to be sure come last, so that they join others."""
    groups: list[tuple[list[CrawledFile], FileShape]] = []
    seen = [file for file in files if file.shape is not None]
    for file in sorted(seen, key=lambda file: not (file.shape and file.shape.enough)):
        assert file.shape is not None
        for index, (members, shape) in enumerate(groups):
            if alike(shape, file.shape, True):
                merged = shape if shape.columns == file.shape.columns and shape.enough else None
                groups[index] = ([*members, file], merged or merge_shapes([shape, file.shape]))
                break
        else:
            groups.append(([file], file.shape))
    return groups


@dataclass
class _Cluster:
    """Sibling folders that look like partitions of one table."""

    key: str | None
    keys: tuple[str | None, ...]
    union: FileShape
    members: list[_Whole]


def _join_children(folder: Folder, children: list[_Result], alike: Alike) -> _Result:
    """AWS: "when the majority of schemas at a folder level are similar, the crawler creates partitions of a table"."""
    wholes = [child for child in children if isinstance(child, _Whole)]
    clusters = _clusters(wholes, alike)
    main = max(clusters, key=lambda cluster: len(cluster.members), default=None)
    if main is None or 2 * len(main.members) <= len(children):
        return _Split(tuple(dataset for child in children for dataset in _datasets(child)))
    members = {id(member) for member in main.members}
    others = [dataset for child in children if id(child) not in members for dataset in _datasets(child)]
    inside = [dataset for member in main.members for dataset in member.apart]
    joined = sorted(main.members, key=lambda member: member.folder.key)
    leaves = tuple(
        replace(leaf, values=(_partition_value(member.folder.name), *leaf.values))
        for member in joined
        for leaf in member.leaves
    )
    shape = merge_shapes([member.shape for member in joined])
    return _Whole(folder, (main.key, *main.keys), leaves, shape, (*inside, *others))


def _clusters(wholes: Sequence[_Whole], alike: Alike) -> list[_Cluster]:
    clusters: list[_Cluster] = []
    for child in sorted(wholes, key=lambda child: not child.shape.enough):
        pair = hive_partition(child.folder.name)
        key = pair[0] if pair else None
        for cluster in clusters:
            same_levels = (cluster.key, cluster.keys) == (key, child.keys)
            if same_levels and _joins(cluster.union, child.shape, alike, lenient=key is not None):
                if cluster.union.columns != child.shape.columns:
                    cluster.union = merge_shapes([cluster.union, child.shape])
                cluster.members.append(child)
                break
        else:
            clusters.append(_Cluster(key, child.keys, child.shape, [child]))
    return clusters


def _joins(union: FileShape, shape: FileShape, alike: Alike, *, lenient: bool) -> bool:
    if union.columns == shape.columns and union.layout == shape.layout and union.compression == shape.compression:
        return union.classification == shape.classification
    return alike(union, shape, lenient)


def _partition_value(folder: str) -> str:
    pair = hive_partition(folder)
    return pair[1] if pair else folder
