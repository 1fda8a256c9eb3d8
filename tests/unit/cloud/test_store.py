from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labkit.cloud.call import AwsError

if TYPE_CHECKING:
    from labkit.cloud.store import Store


def test_an_object_is_a_file_with_exactly_its_bytes(store: Store) -> None:
    stored = store.put("lab", "carpeta ñ/a+b.csv", b"x,y\n1,2\n")
    assert stored.path.read_bytes() == b"x,y\n1,2\n"
    assert (stored.size_bytes, stored.etag) == (8, hashlib.md5(b"x,y\n1,2\n").hexdigest())


def test_a_path_is_moved_into_the_store(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "big.bin"
    source.write_bytes(b"z" * 1000)
    assert store.put("lab", "k", source).size_bytes == 1000
    assert not source.exists()


def test_objects_are_listed_by_prefix_sorted_by_key(store: Store) -> None:
    for key in ("b/2", "a", "b/1", "b0", "bb/1"):
        store.put("lab", key, b"")
    assert [found.key for found in store.list("lab", "b/")] == ["b/1", "b/2"]
    assert [found.key for found in store.list("lab")] == ["a", "b/1", "b/2", "b0", "bb/1"]


def test_a_deleted_object_is_not_listed_and_deleting_it_again_is_no_error(store: Store) -> None:
    store.put("lab", "a", b"1")
    store.delete("lab", ["a"])
    store.delete("lab", ["a"])
    assert store.find("lab", "a") is None
    assert store.list("lab") == []


def test_a_missing_bucket_is_named(store: Store) -> None:
    with pytest.raises(AwsError, match=r"NoSuchBucket.*nope"):
        store.list("nope")


def test_overwritten_bytes_stay_readable_for_those_who_were_told_the_path(store: Store) -> None:
    old = store.put("lab", "a", b"old")
    store.put("lab", "a", b"new")
    assert old.path.read_bytes() == b"old"


def test_what_was_put_is_there_after_the_journal_is_read_again(store: Store, tmp_path: Path) -> None:
    from moto.s3.models import s3_backends

    from labkit.cloud import hooks
    from labkit.cloud.database import Database
    from labkit.cloud.objects import JournaledKeys, Shelf, use_shelf

    store.put("lab", "keep/á.csv", b"1", "text/csv")
    store.put("lab", "gone", b"2")
    store.delete("lab", ["gone"])
    shelf = Shelf(tmp_path / "objects", Database(tmp_path / "cloud.db"))
    use_shelf(shelf)
    buckets = s3_backends[hooks.ACCOUNT]["aws"].buckets
    buckets["lab"].keys = JournaledKeys("lab")
    shelf.load(buckets)
    assert [(found.key, found.path.read_bytes()) for found in store.list("lab")] == [("keep/á.csv", b"1")]
    assert buckets["lab"].keys.get("keep/á.csv").metadata["Content-Type"] == "text/csv"
    assert sum(path.is_file() for path in (tmp_path / "objects").rglob("*")) == 1
