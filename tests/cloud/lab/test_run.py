"""`labkit run` as a person types it, on the session's cloud."""

from __future__ import annotations

import csv
import json
import time
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cli import main
from labkit.errors import PipelineError
from labkit.prices import load_prices
from labkit.run.chain import Waiting
from labkit.run.columns import Columns
from labkit.run.inputs import Inputs
from labkit.run.pipeline import run_pipeline
from labkit.run.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from labkit.aws.session import Clients
    from labkit.steps.lab import Lab
    from labkit.steps.ledger import Ledger

ROOT = Path(__file__).parents[3]
HOPS = ["hop.put", "hop.event", "hop.start", "hop.job", "hop.crawl", "hop.query"]


class Silent(Progress):
    def begin(self, title: str) -> None: ...
    def say(self, detail: str) -> None: ...
    def end(self, detail: str, seconds: float) -> None: ...
    def note(self, line: str) -> None: ...


@pytest.fixture
def run(cloud: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """`run("--data", path)` → the JSON of `labkit run`, which must have ended well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABKIT_LANG", "es")

    def run_it(*words: object) -> dict[str, Any]:
        result = tmp_path / "r.json"
        code = main(["run", "--state", str(cloud.state_dir), "--out", "out", "--json", str(result), *map(str, words)])
        assert code == 0
        return dict(json.loads(result.read_text(encoding="utf-8")))

    return run_it


def months_of(document: dict[str, Any]) -> dict[str, tuple[int, float]]:
    return {f"{m['year']}-{m['month']:02d}": (m["rows"], m["units"]) for m in document["months"]}


@pytest.mark.slow
def test_the_lab_runs_and_running_it_again_adds_nothing(
    run: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    first = run()
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "data").glob("ventas_*.csv")]
    rows = sum(len(list(csv.DictReader(text.splitlines()))) for text in texts)
    assert first["rows_kept"] + first["rows_rejected"] == rows
    assert first["rows_kept"] > 0
    assert first["rows_rejected"] > 0
    assert [hop["key"] for hop in first["hops"]] == HOPS
    assert len(first["months"]) == 12
    assert any("glue-job bsg-glue-etl-job" in name for name in first["created"])
    assert first["cost_usd"] > 0.0147 + 2 * 0.146
    assert Path(first["chart"]).read_bytes().startswith(b"\x89PNG")
    shown = capsys.readouterr().out
    assert "ok  Paso 6" in shown
    assert "\x1b" not in shown

    second = run()
    assert months_of(second) == months_of(first)
    assert second["rejected"] == first["rejected"]
    assert second["created"] == []
    assert second["job_run_id"] != first["job_run_id"]


@pytest.mark.slow
def test_own_data_with_other_names_is_counted_as_it_is(run: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "Mis ventas año.csv"
    lines = ["Order Date;QTY;ciudad", "2023-12-31;2;Málaga", "2024-01-01;1,5;Cádiz", "2024-01-02;0;x", "ayer;1;x"]
    path.write_bytes("\n".join(lines).encode("cp1252"))
    words = ("--data", path, "--columns", "fecha=order date,cantidad=qty")
    found = run(*words)
    assert months_of(found) == {"2023-12": (1, 2.0), "2024-01": (1, 1.5)}
    assert found["rows_rejected"] == 2
    assert "cp1252" in found["notes"][0]
    path.write_text("Order Date;QTY\n2024-05-01;4\n", encoding="utf-8-sig")
    changed = run(*words)
    assert months_of(changed) == {"2024-05": (1, 4.0)}
    assert "BOM" in changed["notes"][0]


@pytest.mark.slow
def test_a_line_of_ten_megabytes_goes_through(run: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "largo.csv"
    path.write_text(f"fecha,cantidad,nota\n2024-01-01,1,{'x' * 10_000_000}\n2024-01-02,2,y\n", encoding="utf-8")
    assert months_of(run("--data", path)) == {"2024-01": (2, 3.0)}


@pytest.mark.slow
def test_a_file_of_rejected_rows_ends_with_their_reasons(run: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "malo.csv"
    path.write_text("fecha,cantidad\n2024-01-01,-1\nayer,1\n", encoding="utf-8")
    found = run("--data", path)
    assert (found["rows_kept"], found["rows_rejected"], found["chart"]) == (0, 2, None)


@pytest.mark.slow
def test_a_function_that_breaks_is_told_with_its_log(
    clients: Clients, ledger: Ledger, build_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = build_lab("roto")
    handler = tmp_path / "roto.py"
    handler.write_text("def lambda_handler(event, context):\n    raise RuntimeError('no quiero')\n", encoding="utf-8")
    with pytest.raises(PipelineError, match="RuntimeError: no quiero"):
        follow(clients, ledger, replace(lab, handler=handler))


def test_a_script_that_breaks_is_told_with_its_traceback(
    clients: Clients, ledger: Ledger, build_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    script = tmp_path / "roto_etl.py"
    script.write_text("raise KeyError('columna que no está')\n", encoding="utf-8")
    with pytest.raises(PipelineError) as caught:
        follow(clients, ledger, replace(build_lab("guion"), script=script))
    assert "FAILED" in caught.value.what
    assert "columna que no está" in caught.value.cause


def follow(clients: Clients, ledger: Ledger, lab: Lab) -> None:
    drop = lab.samples[0]
    inputs = Inputs(lab, "x", drop, Columns("fecha", "cantidad", None), drop.path)
    run_pipeline(clients, inputs, load_prices(), ledger, Silent(), Waiting(event_patience_s=8.0))


def test_the_cloud_is_shown_by_status_env_and_logs(
    cloud: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABKIT_LANG", "en")
    state = ["--state", str(cloud.state_dir)]
    assert main(["status", "--json", *state]) == 0
    assert json.loads(capsys.readouterr().out)["cloud"]["port"] == cloud.port
    assert main(["env", "--shell", "sh", *state]) == 0
    assert f"export AWS_ENDPOINT_URL={cloud.endpoint_url}" in capsys.readouterr().out.splitlines()
    assert main(["up", *state]) == 0
    assert "already running" in capsys.readouterr().out


def test_logs_show_the_server_and_cloudwatch(
    cloud: Any, aws: Callable[[str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName="/labkit/prueba")
    logs.create_log_stream(logGroupName="/labkit/prueba", logStreamName="s")
    now_ms = int(time.time() * 1000)  # Logs refuses what is older than two weeks
    events = [{"timestamp": now_ms + n, "message": f"línea {n}"} for n in range(5)]
    logs.put_log_events(logGroupName="/labkit/prueba", logStreamName="s", logEvents=events)
    state = ["--state", str(cloud.state_dir)]
    assert main(["logs", *state, "--server", "--lines", "100000"]) == 0
    assert "answering at" in capsys.readouterr().out
    assert main(["logs", *state, "--group", "/labkit/prueba", "--lines", "2"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split("Z ", 1)[1] for line in shown] == ["/labkit/prueba línea 3", "/labkit/prueba línea 4"]
    at = datetime.fromtimestamp((now_ms + 4) / 1000, timezone.utc)
    assert shown[-1].startswith(at.strftime("%Y-%m-%dT%H:%M:%S."))


@pytest.mark.slow
def test_plan_lists_lines_and_changes_nothing(
    cloud: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABKIT_RAW_BUCKET", "solo-plan-raw")
    state = ["--state", str(cloud.state_dir)]
    for style, line in (
        ("list", "s3.create_bucket  solo-plan-raw"),
        ("cli", "aws s3api create-bucket"),
        ("boto3", "create_bucket("),
    ):
        assert main(["plan", *state, "--as", style]) == 0
        assert line in capsys.readouterr().out
