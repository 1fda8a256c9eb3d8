"""DuckDB itself is locked: what a hole in the translation could still not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.cloud.athena.session import lock, open_session


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{outside}')",
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM '{outside}'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_text('{inside}/../outside.txt')",
        "COPY (SELECT 1) TO '{outside}.copy'",
        "ATTACH '{outside}.db' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET allowed_directories = ['/']",
        "RESET ALL",
        "EXPORT DATABASE '{outside}.export'",
        "SELECT getenv('HOME')",
        "SELECT * FROM secret_of_python",
    ],
)
def test_a_locked_session_reaches_nothing(tmp_path: Path, sql: str) -> None:
    import duckdb

    secret_of_python = duckdb.sql("SELECT 'seen' AS s").arrow()
    assert secret_of_python is not None
    inside, outside = tmp_path / "in", tmp_path / "outside.txt"
    inside.mkdir()
    outside.write_text("secret")
    connection = open_session()
    lock(connection, [], inside)
    with pytest.raises(duckdb.Error):
        connection.execute(sql.format(inside=inside, outside=outside)).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "outside.txt"]


def test_a_locked_session_reads_its_files_and_writes_its_scratch(tmp_path: Path) -> None:
    scratch = tmp_path / "in ñ"
    scratch.mkdir()
    file = tmp_path / "objeto de la señora"
    file.write_text("a\n")
    connection = open_session()
    lock(connection, [file], scratch)
    assert connection.execute(f"SELECT content FROM read_text('{file}')").fetchall() == [("a\n",)]
    connection.execute(f"COPY (SELECT 1 AS x) TO '{scratch}/x.parquet'")
    assert (scratch / "x.parquet").exists()
