from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labkit.cloud.gateway.files import Files, GatewayError, Place

if TYPE_CHECKING:
    from labkit.cloud.store import Store


@pytest.fixture
def files(store: Store, tmp_path: Path) -> Files:
    return Files(store, tmp_path / "work", tmp_path / "warm")


def place(path: str) -> Place:
    return Place("lab", path)


def write(files: Files, path: str, data: bytes = b"x") -> None:
    written = files.new_file(place(path), overwrite=False)
    written.write_bytes(data)
    files.finish_file(place(path), written)


def names(files: Files, path: str) -> list[str]:
    return [entry.name + ("/" if entry.is_folder else "") for entry in files.list(place(path))]


def test_a_key_with_slashes_looks_like_folders(files: Files, store: Store) -> None:
    store.put("lab", "a/año=2024/1.csv", b"1")
    store.put("lab", "a/año=2024/2.csv", b"1")
    store.put("lab", "a/x.csv", b"22")
    assert names(files, "") == ["a/"]
    assert names(files, "a") == ["año=2024/", "x.csv"]
    assert files.get(place("a/x.csv")).size_bytes == 2
    assert files.get(place("a/año=2024")).is_folder


def test_a_file_lists_itself(files: Files, store: Store) -> None:
    store.put("lab", "a/x.csv", b"22")
    assert [(entry.name, entry.size_bytes) for entry in files.list(place("a/x.csv"))] == [("", 2)]


def test_work_in_progress_is_no_object_until_it_is_renamed(files: Files, store: Store) -> None:
    write(files, "out/_temporary/0/task_1/año=2024/part-0", b"data")
    assert store.list("lab") == []
    assert files.rename(place("out/_temporary/0/task_1/año=2024"), place("out/año=2024"))
    assert [(found.key, found.path.read_bytes()) for found in store.list("lab")] == [("out/año=2024/part-0", b"data")]
    assert files.find(place("out/_temporary/0/task_1/año=2024")) is None


def test_a_renamed_file_goes_into_an_existing_folder_as_in_hdfs(files: Files, store: Store) -> None:
    store.put("lab", "out/old", b"")
    write(files, "_temporary/new")
    assert files.rename(place("_temporary/new"), place("out"))
    assert [found.key for found in store.list("lab")] == ["out/new", "out/old"]


def test_a_rename_onto_a_file_or_from_nowhere_is_refused(files: Files, store: Store) -> None:
    store.put("lab", "a", b"1")
    store.put("lab", "b", b"2")
    assert files.rename(place("a"), place("b")) is False
    assert files.rename(place("nothing"), place("c")) is False


def test_an_object_folder_can_be_renamed(files: Files, store: Store) -> None:
    store.put("lab", "in/x/1", b"1")
    store.put("lab", "in/y/2", b"2")
    assert files.rename(place("in"), place("out"))
    assert [found.key for found in store.list("lab")] == ["out/x/1", "out/y/2"]


def test_delete_of_a_folder_wants_recursive(files: Files, store: Store) -> None:
    store.put("lab", "a/1", b"")
    with pytest.raises(GatewayError, match="not empty"):
        files.delete(place("a"), recursive=False)
    assert files.delete(place("a"), recursive=True)
    assert files.delete(place("a"), recursive=True) is False
    assert store.list("lab") == []


def test_an_empty_folder_is_remembered_and_leaves_no_object(files: Files, store: Store) -> None:
    files.make_folder(place("a/b"))
    assert names(files, "") == ["a/"]
    assert names(files, "a") == ["b/"]
    assert store.list("lab") == []


def test_a_file_is_not_created_over_another_without_overwrite(files: Files, store: Store) -> None:
    store.put("lab", "a", b"1")
    with pytest.raises(GatewayError) as caught:
        files.new_file(place("a"), overwrite=False)
    assert caught.value.java_class == "org.apache.hadoop.fs.FileAlreadyExistsException"


def test_a_missing_bucket_is_a_missing_file(files: Files) -> None:
    with pytest.raises(GatewayError, match="NoSuchBucket: nope") as caught:
        files.new_file(Place("nope", "a"), overwrite=True)
    assert caught.value.java_class == "java.io.FileNotFoundException"
    assert files.find(Place("nope", "a")) is None


@pytest.mark.parametrize("path", ["_temporary/../../../etc/passwd", "_temporary/../../other/x"])
def test_work_paths_stay_in_the_work_folder(files: Files, path: str) -> None:
    with pytest.raises(GatewayError, match="Outside"):
        files.new_file(Place("..", path), overwrite=True)


def test_listing_a_folder_of_many_keys_visits_its_children_only(files: Files, store: Store) -> None:
    for number in range(600):
        store.put("lab", f"t/p={number % 3}/{number}", b"")
    assert names(files, "t") == ["p=0/", "p=1/", "p=2/"]
