"""A table with its partitions: what the catalog knows of each, what lies in S3, and how large the files are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from labkit.aws.data_catalog import list_partitions, list_tables
from labkit.aws.s3 import S3Object, list_objects
from labkit.aws.s3_text import split_uri
from labkit.aws.session import Clients, aws_errors
from labkit.errors import PipelineError
from labkit.i18n import build_lesson, text
from labkit.ui.glue_progress import format_size
from labkit.ui.nodes import Card, Chip, Code, Details, Line, Listing, Node, Quiet, Table, line
from labkit.ui.shown import Shown

_SHOWN = 40
# Athena and Spark like files of 128 MB; below a tenth of that, opening them weighs more than reading them.
SMALL_FILE_BYTES = 12_800_000
_STATES = {
    "both": ("partition.both", "good"),
    "only_s3": ("partition.only_s3", "warn"),
    "only_catalog": ("partition.only_catalog", "warn"),
}


@dataclass(frozen=True)
class Partition:
    """One partition: `state` says whether catalog and S3 agree (`both`, `only_s3`, `only_catalog`)."""

    values: tuple[str, ...]
    location: str
    state: str
    objects: int
    size_bytes: int


@dataclass(frozen=True, repr=False)
class TableParts(Shown):
    """What `lab.partitions` gives back."""

    database: str
    table: str
    location: str
    columns: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, str], ...]
    partitions: tuple[Partition, ...]
    objects: int
    size_bytes: int

    @property
    def registered(self) -> tuple[Partition, ...]:
        """Those that the catalog knows: queries read these only."""
        return tuple(part for part in self.partitions if part.state != "only_s3")

    @property
    def only_in_s3(self) -> tuple[Partition, ...]:
        """Those that lie in S3 and that no query will read."""
        return tuple(part for part in self.partitions if part.state == "only_s3")

    @property
    def average_file_bytes(self) -> float:
        return self.size_bytes / self.objects if self.objects else 0.0

    def view(self) -> Node:
        inside = [line(Code(self.location)), self._columns(), *self._parts(), Listing(tuple(self._remarks()))]
        return Card(text("partition.title", table=f"{self.database}.{self.table}"), tuple(inside), self._chip())

    def _chip(self) -> Chip:
        if self.only_in_s3:
            return Chip(text("partition.some_missing", count=len(self.only_in_s3)), "warn")
        return (
            Chip(text("partition.none_missing"), "good") if self.keys else Chip(text("partition.unpartitioned"), "note")
        )

    def _columns(self) -> Node:
        rows = [(name, kind, "") for name, kind in self.columns] + [
            (name, kind, text("crawl.key")) for name, kind in self.keys
        ]
        caption = text("crawl.columns", table=self.table, count=len(rows))
        return Details(
            caption,
            (Table(caption, (text("crawl.column"), text("crawl.type"), text("crawl.role")), tuple(rows), keyed=True),),
        )

    def _parts(self) -> Sequence[Node]:
        if not self.keys:
            return []
        heads = (
            " / ".join(name for name, _ in self.keys), text("partition.state"), text("partition.objects"), text("partition.bytes"),
            text("partition.average"),
        )  # fmt: skip
        # What needs attention comes first.
        ordered = sorted(self.partitions, key=lambda part: part.state == "both")[:_SHOWN]
        rows = tuple(
            (
                " / ".join(part.values), Chip(text(_STATES[part.state][0]), _STATES[part.state][1]), f"{part.objects:,}",
                format_size(part.size_bytes), format_size(part.size_bytes // part.objects) if part.objects else "—",
            )
            for part in ordered
        )  # fmt: skip
        caption = text(
            "partition.caption", count=len(self.partitions), registered=len(self.registered), shown=len(rows)
        )
        return [Table(caption, heads, rows, frozenset({2, 3, 4}), keyed=True)]

    def _remarks(self) -> list[Line]:
        found = [line(text("partition.total", objects=f"{self.objects:,}", size=format_size(self.size_bytes)))]
        if self.only_in_s3:
            found.append(line(text("partition.msck"), Code(f'lab.query("MSCK REPAIR TABLE `{self.table}`")')))
        if any(part.state == "only_catalog" for part in self.partitions):
            found.append(line(text("partition.dangling")))
        if self.objects > 1 and self.average_file_bytes < SMALL_FILE_BYTES:
            average = format_size(int(self.average_file_bytes))
            found.append(
                line(Chip(text("partition.small"), "warn"), Quiet(text("partition.small_why", average=average)))
            )
        return found


def read_partitions(clients: Clients, database: str, name: str) -> TableParts:
    """Read catalog and S3. PipelineError when the catalog has no such table; it names those that are there."""
    with aws_errors(f"glue.get_tables ({database})"):
        tables = {str(table["Name"]): table for table in list_tables(clients.glue, database)}
        if name not in tables:
            known = ", ".join(tables) or "—"
            raise build_lesson(PipelineError, "error.table_missing", table=f"{database}.{name}", known=known)
        table = tables[name]
        storage = table.get("StorageDescriptor", {})
        keys = tuple((one["Name"], one.get("Type", "")) for one in table.get("PartitionKeys", []))
        location = str(storage.get("Location", ""))
        objects = _list_data(clients, location)
        registered = (
            {part.location.rstrip("/"): part.values for part in list_partitions(clients.glue, database, name)}
            if keys
            else {}
        )
        outside = [one for place in registered if not _is_under(place, location) for one in _list_data(clients, place)]
    columns = tuple((one["Name"], one.get("Type", "")) for one in storage.get("Columns", []))
    everything = [*objects, *outside]
    parts = match_partitions(location, [key for key, _ in keys], registered, everything) if keys else ()
    size = sum(one.size_bytes for one in everything)
    return TableParts(database, name, location, columns, keys, parts, len(everything), size)


def match_partitions(
    location: str, keys: Sequence[str], registered: dict[str, tuple[str, ...]], objects: Sequence[S3Object]
) -> tuple[Partition, ...]:
    """Bring both sides together by the folder of each partition."""
    folders: dict[str, list[S3Object]] = {place: [] for place in registered}
    values = dict(registered)
    for one in objects:
        place = next((known for known in registered if one.uri.startswith(f"{known}/")), None)
        if place is None:
            found = _read_values(one.uri, location, keys)
            if found is None:
                continue
            place, values_found = found
            values.setdefault(place, values_found)
        folders.setdefault(place, []).append(one)
    return tuple(
        Partition(
            values[place],
            f"{place}/",
            "only_s3" if place not in registered else "both" if folders[place] else "only_catalog",
            len(folders[place]),
            sum(one.size_bytes for one in folders[place]),
        )
        for place in sorted(folders)
    )


def _read_values(uri: str, location: str, keys: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """The folder `key=value/…` that an object lies in, and its values; None when its path does not look like the table's keys."""
    base = location.rstrip("/")
    if not uri.startswith(f"{base}/"):
        return None
    folders = uri[len(base) + 1 :].split("/")[:-1][: len(keys)]
    pairs = [re.fullmatch(r"([^=]+)=(.*)", folder) for folder in folders]
    if len(folders) < len(keys) or not all(pairs):
        return None
    return "/".join([base, *folders]), tuple(unquote(pair[2]) for pair in pairs if pair)


def _is_under(place: str, location: str) -> bool:
    return f"{place}/".startswith(location.rstrip("/") + "/")


def _list_data(clients: Clients, location: str) -> list[S3Object]:
    """Objects with data: names that begin with _ or . are Spark's and Hive's own."""
    if not location:
        return []
    bucket, key = split_uri(location)
    found = list_objects(clients.s3, bucket, key.rstrip("/") + "/" if key else "")
    return [one for one in found if not one.key.endswith("/") and not one.key.rsplit("/", 1)[-1].startswith(("_", "."))]
