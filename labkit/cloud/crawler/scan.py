"""From an include path to data sets: list, leave out, classify, group."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labkit.cloud.call import AwsError
from labkit.cloud.crawler.classify import Classifier, classify_file
from labkit.cloud.crawler.configuration import Grouping, Target
from labkit.cloud.crawler.folders import CrawledFile, build_tree
from labkit.cloud.crawler.globs import is_excluded
from labkit.cloud.crawler.grouping import Dataset, file_dataset, find_datasets
from labkit.cloud.crawler.permissions import denied_file, listing_denied, reading_denied, sampled
from labkit.cloud.crawler.sample import UnreadableFile
from labkit.cloud.identity.authorizer import is_denied

if TYPE_CHECKING:
    from labkit.cloud.identity.store import GuardedStore
    from labkit.cloud.store import StoredObject

_COLD = ("GLACIER", "DEEP_ARCHIVE")


class CrawlFailed(Exception):
    """A crawl that ends FAILED; the text is its ErrorMessage."""


class CrawlStopped(Exception):
    """StopCrawler was called."""


@dataclass(frozen=True)
class Scan:
    """How to look at files: ``check`` raises when the crawl was stopped, ``log`` takes level and text."""

    store: GuardedStore
    classifiers: Sequence[Classifier]
    grouping: Grouping
    check: Callable[[], None]
    log: Callable[[str, str], None]


@dataclass(frozen=True)
class Found:
    """The files of one target: ``root`` is its folder's key (empty, or ending with ``/``), ``single`` when it names an object."""

    root: str
    files: list[CrawledFile]
    single: bool = False


def scan_target(target: Target, scan: Scan) -> list[Dataset]:
    """Return the tables of one target; none for an empty path. CrawlFailed when the bucket is missing or a file is broken."""
    found = scan_files(target, scan)
    if found.single:
        datasets = [file_dataset(file) for file in found.files]
    elif found.files:
        tree = build_tree(target.bucket, found.root, found.files)
        datasets = find_datasets(tree, scan.grouping.combine_schemas, scan.grouping.table_level)
    else:
        datasets = []
    return [with_exclusions(dataset, target, found.root) for dataset in datasets]


def scan_files(target: Target, scan: Scan, known: Collection[str] = ()) -> Found:
    """Return the classified files of a target; those in a folder of ``known`` (URLs ending with ``/``) are left out."""
    single = _single_file(target, scan.store)
    root = target.key if single or not target.key or target.key.endswith("/") else target.key + "/"
    if single is not None:
        objects = [single] if single.size_bytes else []
    else:
        objects = [found for found in _list(target, root, scan.store) if _is_data(found, root, target.exclusions)]
    objects = [found for found in objects if not known or folder_of(found.bucket, found.key) not in known]
    files = _classify(objects, target, scan)
    if not files:
        scan.log("INFO", f"No{' new' if known else ''} files to crawl in {target.path}")
    return Found(root, files, single is not None)


def with_exclusions(dataset: Dataset, target: Target, root: str) -> Dataset:
    """Note the target's exclude patterns, as AWS writes them to the table: as URLs."""
    base = f"s3://{target.bucket}/{root}"
    return replace(dataset, exclusions=tuple(base + pattern for pattern in target.exclusions))


def folder_of(bucket: str, key: str) -> str:
    """The folder of an object as a URL."""
    return f"s3://{bucket}/{key[: key.rfind('/') + 1]}"


def _single_file(target: Target, store: GuardedStore) -> StoredObject | None:
    if not target.key or target.key.endswith("/"):
        return None
    try:
        if not store.has_object(target.bucket, target.key):
            return None
        store.permit_listing(target.bucket, [target.key])
        return next(one for one in store.list_permitted(target.bucket, target.key) if one.key == target.key)
    except AwsError as error:
        raise _unlisted(target, error) from error


def _list(target: Target, root: str, store: GuardedStore) -> list[StoredObject]:
    try:
        return store.list(target.bucket, root)
    except AwsError as error:
        raise _unlisted(target, error) from error


def _permit(objects: Sequence[StoredObject], target: Target, scan: Scan) -> None:
    """CrawlFailed names the first file that the role may not read; nothing was written then."""
    wanted = sampled(objects, target.sample_size)
    try:
        scan.store.permit_reading(wanted)
    except AwsError as error:
        raise CrawlFailed(reading_denied(denied_file(error, wanted), error)) from error


def _unlisted(target: Target, error: AwsError) -> CrawlFailed:
    if is_denied(error):
        return CrawlFailed(listing_denied(target.path, error))
    return CrawlFailed(
        f"The S3 location {target.path} cannot be crawled: {error.message} ({error.code}). "
        f'Create the bucket "{target.bucket}" or correct the path of the target.'
    )


def _is_data(found: StoredObject, root: str, exclusions: tuple[str, ...]) -> bool:
    relative = found.key[len(root) :]
    if found.size_bytes == 0 or relative.endswith(("/", "_$folder$")) or found.storage_class in _COLD:
        return False
    # Hive's rule: a name that starts with _ or . is hidden, at any level below the include path.
    if any(part.startswith(("_", ".")) for part in relative.split("/")):
        return False
    return not is_excluded(relative, exclusions)


def _classify(objects: Sequence[StoredObject], target: Target, scan: Scan) -> list[CrawledFile]:
    _permit(objects, target, scan)
    files: list[CrawledFile] = []
    problems: list[str] = []
    sampled: dict[str, int] = {}
    for found in objects:
        scan.check()
        folder = found.key.rpartition("/")[0]
        sampled[folder] = sampled.get(folder, 0) + 1
        if target.sample_size and sampled[folder] > target.sample_size:
            files.append(CrawledFile(found.bucket, found.key, found.size_bytes, None))
            continue
        try:
            shape = classify_file(found.path, found.size_bytes, scan.classifiers, found.key.rpartition("/")[2])
        except FileNotFoundError:
            continue  # deleted since it was listed
        except UnreadableFile as error:
            problems.append(f"s3://{found.bucket}/{found.key}: {error}")
            continue
        if shape.note:
            scan.log("WARN", f"s3://{found.bucket}/{found.key}: {shape.note}")
        files.append(CrawledFile(found.bucket, found.key, found.size_bytes, shape))
    if problems:
        raise CrawlFailed(_describe(problems))
    return files


def _describe(problems: list[str]) -> str:
    shown = "; ".join(problems[:5]) + (f"; and {len(problems) - 5} more" if len(problems) > 5 else "")
    return f"{len(problems)} file(s) could not be read, and nothing was written to the catalog: {shown}"
