from __future__ import annotations

from pathlib import Path

from labkit.cloud.call import Scope
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents

HERE = Scope("123456789012", "us-east-1")
THERE = Scope("123456789012", "eu-west-1")


def test_a_document_is_found_under_its_kind_and_scope_only(tmp_path: Path) -> None:
    documents = Documents(Database(tmp_path / "cloud.db"))
    documents.put("job", HERE, "a", {"ñ": 1})
    assert documents.find("job", HERE, "a") == {"ñ": 1}
    assert documents.find("job", THERE, "a") is None
    assert documents.find("run", HERE, "a") is None


def test_documents_are_listed_in_the_order_of_first_insertion(tmp_path: Path) -> None:
    documents = Documents(Database(tmp_path / "cloud.db"))
    for name in ("b", "a", "c"):
        documents.put("job", HERE, name, {})
    documents.put("job", HERE, "b", {"again": True})
    assert [name for _, name, _ in documents.list("job", HERE)] == ["b", "a", "c"]


def test_documents_are_there_for_the_next_process(tmp_path: Path) -> None:
    Documents(Database(tmp_path / "cloud.db")).put("job", HERE, "a", {"x": 1})
    # The first connection is not closed: a killed process closes nothing either.
    assert Documents(Database(tmp_path / "cloud.db")).find("job", HERE, "a") == {"x": 1}


def test_delete_says_whether_there_was_one(tmp_path: Path) -> None:
    documents = Documents(Database(tmp_path / "cloud.db"))
    documents.put("job", HERE, "a", {})
    assert documents.delete("job", HERE, "a") is True
    assert documents.delete("job", HERE, "a") is False
