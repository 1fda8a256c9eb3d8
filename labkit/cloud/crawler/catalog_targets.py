"""Catalog targets: existing tables are brought in line with the files at their locations; no table is made or deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from labkit.cloud.crawler.configuration import CatalogTable, Target
from labkit.cloud.crawler.folders import build_tree
from labkit.cloud.crawler.grouping import Dataset, find_datasets
from labkit.cloud.crawler.publish import Document, Writer, check_columns, location_of, publish_table
from labkit.cloud.crawler.scan import CrawlFailed, Scan, scan_files

if TYPE_CHECKING:
    from labkit.cloud.catalog import Catalog


def scan_table(wanted: CatalogTable, catalog: Catalog, scan: Scan) -> tuple[Document, Dataset | None]:
    """Return the table and the data set at its location, None without files; CrawlFailed when there is no such table."""
    table = catalog.find_table(wanted.database, wanted.table)
    if table is None:
        raise CrawlFailed(f"The table {wanted.table} of database {wanted.database} does not exist in the Data Catalog.")
    location = location_of(table)
    bucket, _, key = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not bucket:
        raise CrawlFailed(f"The table {wanted.table} lies at {location or 'no location'}: only S3 tables are crawled.")
    found = scan_files(Target(bucket, f"{key}/" if key else ""), scan)
    if not found.files:
        return table, None
    # AWS: "a single schema for each Amazon S3 path is enabled by default and cannot be disabled".
    datasets = find_datasets(build_tree(bucket, found.root, found.files), combine=True, whole=True)
    for dataset in datasets:
        if dataset.location.rstrip("/") != location:
            scan.log("WARN", f"{dataset.location} is ignored: it is of another format than table {wanted.table}")
    return table, next((dataset for dataset in datasets if dataset.location.rstrip("/") == location), None)


def publish_existing(table: Document, dataset: Dataset, writer: Writer) -> None:
    """Update one table and add its partitions; its own partition keys keep their names and types."""
    keys = [key["Name"] for key in table.get("PartitionKeys") or []]
    if len(keys) == len(dataset.keys):
        dataset = replace(dataset, keys=tuple(keys))
    check_columns(dataset)
    publish_table(table["Name"], dataset, table, writer)
