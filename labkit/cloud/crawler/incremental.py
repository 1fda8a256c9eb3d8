"""Crawls of new folders only: what a crawler has seen, and where the new folders belong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labkit.cloud.crawler.configuration import Target
from labkit.cloud.crawler.folders import CrawledFile, build_tree
from labkit.cloud.crawler.grouping import Dataset, file_dataset, find_datasets
from labkit.cloud.crawler.publish import location_of
from labkit.cloud.crawler.scan import Scan, folder_of, scan_files, with_exclusions
from labkit.cloud.crawler.shape import SIMILARITY

if TYPE_CHECKING:
    from labkit.cloud.call import Scope
    from labkit.cloud.services import Services

KIND = "crawled_folders"
Document = dict[str, Any]


def known_folders(crawler: str, scope: Scope, services: Services) -> frozenset[str]:
    """Return the folders of the crawler's earlier crawls that succeeded, as URLs."""
    document = services.documents.find(KIND, scope, crawler) or {}
    return frozenset(document.get("Folders") or ())


def remember_folders(datasets: Iterable[Dataset], crawler: str, scope: Scope, services: Services) -> None:
    """Add the folders of these data sets to the known ones."""
    seen = {folder_of(file.bucket, file.key) for dataset in datasets for file in dataset.files}
    known = known_folders(crawler, scope, services)
    if not seen <= known:
        services.documents.put(KIND, scope, crawler, {"Folders": sorted(seen | known)})


def scan_new_folders(
    target: Target, scan: Scan, known: Collection[str], tables: Sequence[Document]
) -> tuple[list[Dataset], list[Dataset]]:
    """Return the data sets to publish and those that were looked at and do not fit their table.

    ``tables`` are the crawler's own. Files below a table's location become partitions of it; others new tables.
    """
    found = scan_files(target, scan, known)
    if found.single:
        return [file_dataset(file) for file in found.files], []
    by_table, elsewhere = _assign(found.files, tables)
    fitting: list[Dataset] = []
    ignored: list[Dataset] = []
    for location, files in by_table.items():
        table = next(table for table in tables if location_of(table) == location)
        for dataset in find_datasets(build_tree(target.bucket, _key(location) + "/", files)):
            (fitting if _fits(dataset, table, scan) else ignored).append(dataset)
    taken = [_key(location_of(table)) + "/" for table in tables]
    for root, files in _roots(elsewhere, found.root, taken).items():
        tree = build_tree(target.bucket, root, files)
        fitting += find_datasets(tree, scan.grouping.combine_schemas, scan.grouping.table_level)
    return [with_exclusions(dataset, target, found.root) for dataset in fitting], ignored


def _assign(
    files: Iterable[CrawledFile], tables: Sequence[Document]
) -> tuple[dict[str, list[CrawledFile]], list[CrawledFile]]:
    locations = sorted((location_of(table) for table in tables), key=len, reverse=True)
    by_table: dict[str, list[CrawledFile]] = {}
    elsewhere = []
    for file in files:
        url = f"s3://{file.bucket}/{file.key}"
        home = next((location for location in locations if url.startswith(location + "/")), None)
        if home is None:
            elsewhere.append(file)
        else:
            by_table.setdefault(home, []).append(file)
    return by_table, elsewhere


def _roots(files: Iterable[CrawledFile], root: str, taken: Sequence[str]) -> Mapping[str, list[CrawledFile]]:
    """Group files by the highest folder at or below the root that holds no table yet."""
    grouped: dict[str, list[CrawledFile]] = {}
    for file in files:
        folder = root
        for part in file.key[len(root) :].split("/")[:-1]:
            if not any(other.startswith(folder) for other in taken):
                break
            folder = f"{folder}{part}/"
        grouped.setdefault(folder, []).append(file)
    return grouped


def _fits(dataset: Dataset, table: Document, scan: Scan) -> bool:
    """AWS: schemas different enough from the catalog's are ignored, and the event is recorded in the log."""
    reason = _misfit(dataset, table)
    if reason:
        scan.log("WARN", f"{dataset.location} is ignored: {reason} than table {table['Name']}")
    return not reason


def _misfit(dataset: Dataset, table: Document) -> str:
    parameters = table.get("Parameters") or {}
    if dataset.location.rstrip("/") != location_of(table) or len(dataset.keys) != len(table.get("PartitionKeys") or []):
        return "it has other partition levels"
    if dataset.shape.classification != parameters.get("classification"):
        return f"it has another format ({dataset.shape.classification})"
    if dataset.shape.compression != parameters.get("compressionType"):
        return f"it has another compression ({dataset.shape.compression})"
    old = {column["Name"] for column in table["StorageDescriptor"].get("Columns") or []}
    new = {column.name for column in dataset.shape.columns}
    if old and new and len(old & new) < SIMILARITY * min(len(old), len(new)):
        return "its schema is more different"
    return ""


def _key(location: str) -> str:
    return location.removeprefix("s3://").partition("/")[2]
