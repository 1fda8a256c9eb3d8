"""Bookmarks. Sources: glue-runtime.md section 7 (DG monitor-continuations.html, programming-etl-connect-bookmarks.html)."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, runtime_on_path: None) -> dict[str, Any]:
    """The saved states by job, as the service behind the endpoint keeps them."""
    saved: dict[str, Any] = {}
    by_run: dict[str, Any] = {}
    module = importlib.import_module("awsglue._bookmarks")

    def exchange(message: dict[str, Any]) -> dict[str, Any]:
        if message["Action"] == "put":
            saved[message["JobName"]] = by_run[message["RunId"]] = message["State"]
        if "OfRun" in message:
            return {"State": by_run[message["OfRun"]]}
        return {"State": saved.get(message["JobName"])}

    monkeypatch.setattr(module, "exchange", exchange)
    yield saved
    module.end()


@pytest.fixture
def read(glue_context: Any, tmp_path: Path, service: dict[str, Any]) -> Any:
    """One run: reads the folder, and commits unless told otherwise; gives the values read."""
    from awsglue.job import Job

    def run(option: str = "job-bookmark-enable", ctx: str = "source", commit: bool = True, **args: str) -> list[int]:
        job = Job(glue_context)
        job.init("a job", {"job_bookmark_option": option, "JOB_RUN_ID": "jr_1", **args})
        frame = glue_context.create_dynamic_frame.from_options(
            "s3", {"paths": [str(tmp_path / "in")]}, "json", transformation_ctx=ctx
        )
        values = sorted(row["v"] for row in frame.toDF().collect()) if frame.schema().fields else []
        if commit:
            job.commit()
        return values

    return run


def put(folder: Path, name: str, value: int, at: float | None = None) -> None:
    (folder / "in").mkdir(exist_ok=True)
    path = folder / "in" / name
    path.write_text(f'{{"v": {value}}}\n')
    if at is not None:
        os.utime(path, (at, at))


def test_only_new_and_changed_files_are_read(read: Any, tmp_path: Path) -> None:
    put(tmp_path, "a.json", 1, 1_000_000)
    assert read() == [1]
    assert read() == []
    put(tmp_path, "older-name.json", 2, 1_000_001)
    assert read() == [2]
    put(tmp_path, "a.json", 3, 1_000_002)
    assert read() == [3]


def test_a_file_of_the_same_moment_or_a_little_late_is_not_lost(read: Any, tmp_path: Path) -> None:
    put(tmp_path, "a.json", 1, 1_000_000)
    assert read() == [1]
    put(tmp_path, "b.json", 2, 1_000_000)
    put(tmp_path, "c.json", 3, 1_000_000 - 60)
    assert read() == [2, 3]
    assert read() == []


def test_nothing_is_saved_without_commit(read: Any, tmp_path: Path, service: dict[str, Any]) -> None:
    put(tmp_path, "a.json", 1)
    assert read(commit=False) == [1]
    assert service == {}
    assert read() == [1]


def test_a_source_without_context_is_never_filtered(read: Any, tmp_path: Path) -> None:
    put(tmp_path, "a.json", 1)
    assert read(ctx="") == read(ctx="") == [1]


def test_each_context_has_its_own_state(read: Any, tmp_path: Path) -> None:
    put(tmp_path, "a.json", 1)
    assert read(ctx="one") == read(ctx="two") == [1]
    assert read(ctx="one") == []


def test_disable_reads_everything_and_leaves_the_state(read: Any, tmp_path: Path, service: dict[str, Any]) -> None:
    put(tmp_path, "a.json", 1)
    read()
    before = dict(service)
    assert read("job-bookmark-disable") == [1]
    assert service == before


def test_pause_reads_what_is_new_and_does_not_save(read: Any, tmp_path: Path) -> None:
    put(tmp_path, "a.json", 1, 1_000_000)
    read()
    put(tmp_path, "b.json", 2, 1_000_001)
    assert read("job-bookmark-pause") == [2]
    assert read("job-bookmark-pause") == [2]


def test_a_range_of_runs_is_read_again(read: Any, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        put(tmp_path, f"{number}.json", number, 1_000_000 + number)
        assert read(JOB_RUN_ID=f"jr_{number}") == [number]
    again = {"job_bookmark_from": "jr_1", "job_bookmark_to": "jr_2"}
    assert read("job-bookmark-pause", **again) == [2]
    with pytest.raises(ValueError, match="range"):
        read(**again)


def test_a_reset_state_reads_everything_again(read: Any, tmp_path: Path, service: dict[str, Any]) -> None:
    put(tmp_path, "a.json", 1)
    read()
    service.clear()
    assert read() == [1]


def test_the_message_goes_to_the_endpoint(monkeypatch: pytest.MonkeyPatch, runtime_on_path: None) -> None:
    import json
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    seen: list[Any] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"State": {"source": {}}}')

        def log_message(self, *arguments: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    module = importlib.import_module("awsglue._bookmarks")
    bookmark = module.start("job", "jr_1", "job-bookmark-enable")
    thread.join()
    server.server_close()
    module.end()
    assert bookmark.state == {"source": {}}
    assert seen == [("/_labkit/jobs/bookmark", {"JobName": "job", "RunId": "jr_1", "Action": "get"})]
