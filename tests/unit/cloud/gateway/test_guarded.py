"""What Spark's file operations ask for, and what they end in without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.gateway.files import Files, Place, as_gateway_error
from labkit.cloud.gateway.guarded import GuardedFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from labkit.cloud.store import Store


class ListGuard:
    """Notes what is asked for, and refuses what begins with `denied`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.denied = "nothing"

    def require(self, action: str, resource: str, context: Any = None) -> None:
        prefix = dict(context or {}).get("s3:prefix")
        self.asked.append(f"{action} {resource.removeprefix('arn:aws:s3:::')}" + (f" [{prefix[0]}]" if prefix else ""))
        if f"{action} {resource}".startswith(self.denied):
            raise AwsError(
                "AccessDenied", f"User: ana is not authorized to perform: {action} on resource: {resource}", 403
            )

    def require_each(self, many: Any) -> None:
        for access in map(many.access_of, many.names):
            self.require(access.action, access.resource)


@pytest.fixture
def guard() -> ListGuard:
    return ListGuard()


@pytest.fixture
def files(store: Store, tmp_path: Path, guard: ListGuard) -> GuardedFiles:
    store.put("lab", "in/a.csv", b"1")
    store.put("lab", "in/b/c.csv", b"22")
    return GuardedFiles(Files(store, tmp_path / "work", tmp_path / "warm"), guard)  # type: ignore[arg-type]


def place(path: str) -> Place:
    return Place("lab", path)


def write(files: GuardedFiles, path: str) -> None:
    written = files.new_file(place(path), overwrite=True)
    written.write_bytes(b"x")
    files.finish_file(place(path), written)


WORK = "out/_temporary/0/_temporary/attempt_1/part-0"
OPERATIONS: list[tuple[str, Callable[[GuardedFiles], object], list[str]]] = [
    ("status of an object", lambda files: files.get(place("in/a.csv")), ["s3:GetObject lab/in/a.csv"]),
    ("status of a folder", lambda files: files.get(place("in")), ["s3:ListBucket lab [in/]"]),
    ("status of a bucket", lambda files: files.get(place("")), ["s3:ListBucket lab []"]),
    ("status of nothing", lambda files: files.find(place("no")), ["s3:ListBucket lab [no/]"]),
    ("listing", lambda files: files.list(place("in")), ["s3:ListBucket lab [in/]"]),
    ("folder", lambda files: files.make_folder(place("out")), ["s3:ListBucket lab [out/]"]),
    ("folder of work files", lambda files: files.make_folder(place("out/_temporary/0")), ["s3:ListBucket lab [out/]"]),
    ("object", lambda files: write(files, "out/x"), ["s3:PutObject lab/out/x"]),
    ("work file", lambda files: write(files, WORK), ["s3:PutObject lab/out/part-0"]),
    ("status of a work file", lambda files: files.find(place(WORK)), []),
    ("delete an object", lambda files: files.delete(place("in/a.csv"), False), ["s3:DeleteObject lab/in/a.csv"]),
    (
        "delete a folder",
        lambda files: files.delete(place("in"), True),
        ["s3:ListBucket lab [in/]", "s3:DeleteObject lab/in/a.csv", "s3:DeleteObject lab/in/b/c.csv"],
    ),
    ("delete nothing", lambda files: files.delete(place("no"), True), ["s3:ListBucket lab [no/]"]),
    (
        "rename an object",
        lambda files: files.rename(place("in/a.csv"), place("in/z.csv")),
        ["s3:GetObject lab/in/a.csv", "s3:PutObject lab/in/z.csv", "s3:DeleteObject lab/in/a.csv"],
    ),
    (
        "rename a folder",
        lambda files: files.rename(place("in/b"), place("in/d")),
        [
            "s3:ListBucket lab [in/b/]",
            "s3:GetObject lab/in/b/c.csv",
            "s3:PutObject lab/in/d/c.csv",
            "s3:DeleteObject lab/in/b/c.csv",
        ],
    ),
]


@pytest.mark.parametrize(("operation", "asked"), [one[1:] for one in OPERATIONS], ids=[one[0] for one in OPERATIONS])
def test_an_operation_asks_for_the_s3_calls_it_stands_for(
    files: GuardedFiles, guard: ListGuard, operation: Callable[[GuardedFiles], object], asked: list[str]
) -> None:
    operation(files)
    assert guard.asked == asked


def test_the_commit_of_a_work_file_asks_for_the_object(files: GuardedFiles, guard: ListGuard) -> None:
    write(files, WORK)
    guard.asked.clear()
    assert files.rename(place("out/_temporary/0/_temporary/attempt_1/part-0"), place("out/part-0"))
    assert guard.asked == ["s3:PutObject lab/out/part-0"]


@pytest.mark.parametrize("denied", ["s3:PutObject", "s3:DeleteObject", "s3:GetObject"])
def test_a_refused_rename_moves_nothing(files: GuardedFiles, guard: ListGuard, store: Store, denied: str) -> None:
    guard.denied = f"{denied} arn:aws:s3:::lab/in/"
    with pytest.raises(AwsError, match=denied):
        files.rename(place("in"), place("in/neu" if denied == "s3:PutObject" else "fuera"))
    assert [one.key for one in store.list("lab")] == ["in/a.csv", "in/b/c.csv"]


def test_a_refused_delete_deletes_nothing(files: GuardedFiles, guard: ListGuard, store: Store) -> None:
    guard.denied = "s3:DeleteObject arn:aws:s3:::lab/in/b/"
    with pytest.raises(AwsError, match=r"s3:DeleteObject on resource: arn:aws:s3:::lab/in/b/c\.csv"):
        files.delete(place("in"), True)
    assert [one.key for one in store.list("lab")] == ["in/a.csv", "in/b/c.csv"]


def test_a_refusal_is_hadoops_access_control_exception_in_the_words_of_s3() -> None:
    error = as_gateway_error(AwsError("AccessDenied", "User: ana is not authorized to perform: s3:GetObject", 403))
    assert (error.status, error.java_class) == (403, "org.apache.hadoop.security.AccessControlException")
    assert str(error) == (
        "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied): "
        "User: ana is not authorized to perform: s3:GetObject"
    )
