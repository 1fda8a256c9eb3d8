"""`labkit crawl` and `labkit sql` as people type them, against the session's cloud."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Aws = Callable[[str], Any]
ROOT = Path(__file__).parents[2]
BUCKET, DB = "sql-cli-lab", "sql_cli"
CSV = "id,año,precio\n1,2023,1.5\n2,2024,\n3,2024,2.25\n".encode()


@pytest.fixture(scope="module")
def environment(cloud: Any) -> dict[str, str]:
    return {**os.environ, "LABKIT_STATE": str(cloud.state_dir), "LABKIT_LANG": "es", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def typed(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    folder = tmp_path_factory.mktemp("consultas ñ")

    def run(*words: str, stdin: str = "", language: str = "es") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "labkit", *words],
            cwd=folder, env={**environment, "LABKIT_LANG": language}, input=stdin, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def crawled(aws: Aws, typed: Callable[..., Any]) -> str:
    """What `labkit crawl` printed about the table that the other tests ask."""
    aws("s3").create_bucket(Bucket=BUCKET)
    aws("s3").put_object(Bucket=BUCKET, Key="ventas/a.csv", Body=CSV)
    done = typed("crawl", f"s3://{BUCKET}/ventas/", "--database", DB)
    assert done.returncode == 0, done.stderr
    assert "tablas: 1" in done.stderr
    return str(done.stdout)


def test_crawl_shows_what_it_found(crawled: str, typed: Callable[..., Any]) -> None:
    assert f"+ {DB}.ventas  csv  s3://{BUCKET}/ventas/" in crawled
    assert "año     bigint" in crawled
    again = typed("crawl", f"s3://{BUCKET}/ventas/", "--database", DB, "--verbose", language="en")
    assert "unchanged" in again.stdout
    assert "Running Start Crawl for Crawler" in again.stderr


def test_crawl_of_nothing_says_why(typed: Callable[..., Any]) -> None:
    missing = typed("crawl", "s3://no-hay-tal-bucket/x/", "--database", DB)
    assert missing.returncode == 1
    assert "no-hay-tal-bucket" in missing.stderr
    assert typed("crawl", "ventas.csv").returncode == 2


def test_a_query_prints_csv_into_a_pipe_and_its_bill_beside_it(crawled: str, typed: Callable[..., Any]) -> None:
    done = typed(
        "sql",
        "-d",
        DB,
        'SELECT "año", sum(precio) AS total, max(precio) FILTER (WHERE id > 9) AS nada FROM ventas GROUP BY 1 ORDER BY 1',
    )
    assert done.stdout == "año,total,nada\n2023,1.5,\n2024,2.25,\n"
    assert "filas: 2" in done.stderr
    assert f"leídos: {len(CSV)} B" in done.stderr
    assert "0.00005 $" in done.stderr


def test_json_tables_files_and_pipes(crawled: str, typed: Callable[..., Any], tmp_path: Path) -> None:
    rows = [
        json.loads(line)
        for line in typed("sql", "-d", DB, "--format", "json", "SELECT * FROM ventas ORDER BY id").stdout.splitlines()
    ]
    assert rows[1] == {"id": 2, "año": 2024, "precio": None}
    table = typed("sql", "-d", DB, "--format", "table", "--rows", "1", "SELECT id FROM ventas", language="en").stdout
    assert "2 more rows" in table
    script = tmp_path / "dos.sql"
    script.write_text("-- ;\nSHOW TABLES;\nSELECT count(*) AS n FROM ventas;\n", encoding="utf-8")
    assert typed("sql", "-d", DB, "-q", "-f", str(script)).stdout == "ventas\nn\n3\n"
    assert typed("sql", "-d", DB, "-q", stdin="SELECT 1 AS a; SELECT 2 AS b").stdout == "a\n1\nb\n2\n"


def test_the_first_failure_ends_the_command_and_shows_the_place(crawled: str, typed: Callable[..., Any]) -> None:
    done = typed("sql", "-d", DB, "-q", "SELECT 1 AS a; SELECT nada\nFROM ventas; SELECT 3 AS c", language="en")
    assert (done.returncode, done.stdout) == (1, "a\n1\n")
    assert "    SELECT nada\n           ^" in done.stderr
    assert "Traceback" not in done.stderr
    accent = typed("sql", "-d", DB, "SELECT año FROM ventas")
    assert accent.returncode == 1
    assert '"año"' in accent.stderr


def test_wrong_use(typed: Callable[..., Any]) -> None:
    assert typed("sql", "-f", "no-hay.sql").returncode == 1
    assert typed("sql", "SELECT 1", "-f", "x.sql").returncode == 2
    assert typed("sql", stdin="-- nothing\n").returncode == 2


def test_an_earlier_result_is_reused_on_request(crawled: str, typed: Callable[..., Any]) -> None:
    sql = "SELECT count(*) AS reutilizada FROM ventas"
    typed("sql", "-d", DB, sql)
    assert "resultado reutilizado" in typed("sql", "-d", DB, "--reuse", "5", sql).stderr


def test_the_prompt(crawled: str, environment: dict[str, str], tmp_path: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.execve(sys.executable, [sys.executable, "-m", "labkit", "sql", "-d", DB], {**environment, "TERM": "dumb"})
    try:
        _await(terminal, f"{DB}> ")
        for typed_line, answer in (
            ("SELECT count(*) AS cuantas", "... "), ("FROM ventas;", "filas: 1"), ("\\d", "ventas"), ("\\d ventas", "bigint"),
            ("SELECT nada FROM ventas;", "cannot be resolved"), ("\\?", "\\q"), ("\\u otra", "otra> "),
        ):  # fmt: skip
            os.write(terminal, f"{typed_line}\n".encode())
            _await(terminal, answer)
        os.write(terminal, b"\\q\n")
        assert os.waitpid(child, 0)[1] == 0
    finally:
        os.close(terminal)


def _await(terminal: int, wanted: str, patience_s: float = 30.0) -> None:
    seen, deadline = "", time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536).decode(errors="replace")
        # What was typed comes back from the terminal; the answer is what stands on a later line.
        if wanted in seen.split("\n", 1)[-1] or (wanted in seen and wanted.endswith(" ")):
            return
    raise AssertionError(f"{wanted!r} did not come, but: {seen}")
