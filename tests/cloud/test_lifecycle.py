"""What a person does to a cloud, and what happens to it: up, down, reset, kill -9, stale files, taken ports."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from labkit import i18n
from labkit.cloud import daemon
from labkit.cloud.info import read_info
from labkit.errors import CloudError
from labkit.ui.lesson import render_lesson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labkit.cloud.info import CloudInfo

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LABKIT_WARM_DRIVER", "off")  # nothing here needs Spark
    folder = tmp_path / "estado de la niña"
    yield folder
    daemon.down(folder)


def client(info: CloudInfo, service: str) -> Any:
    import boto3

    return boto3.client(service, endpoint_url=info.endpoint_url, region_name="us-east-1")


def kill(info: CloudInfo) -> list[psutil.Process]:
    """Kill the server and give back the processes it had started."""
    server = psutil.Process(info.pid)
    children = server.children(recursive=True)
    server.kill()
    server.wait(10)
    return children


def assert_all_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_up_finds_the_cloud_that_runs(state: Path) -> None:
    first = daemon.up(state)
    assert daemon.up(state) == first
    assert daemon.find_running(state) == first


@pytest.mark.slow
def test_two_clouds_run_beside_each_other_and_share_nothing(state: Path, tmp_path: Path) -> None:
    one, other = daemon.up(state), daemon.up(tmp_path / "other")
    try:
        assert one.port != other.port
        client(one, "s3").create_bucket(Bucket="only-here")
        assert client(other, "s3").list_buckets()["Buckets"] == []
    finally:
        daemon.down(tmp_path / "other")


def test_down_and_up_lose_nothing(state: Path) -> None:
    info = daemon.up(state)
    fill(info)
    before = seen(info)
    assert daemon.down(state)
    again = daemon.up(state)
    assert again.port == info.port
    assert seen(again) == before


def test_a_killed_server_loses_no_object_and_leaves_no_process(state: Path) -> None:
    info = daemon.up(state)
    s3 = client(info, "s3")
    s3.create_bucket(Bucket="kept")
    time.sleep(0.3)  # the bucket itself is written a moment later than the call returns
    for number in range(50):
        s3.put_object(Bucket="kept", Key=f"año={number}/x", Body=str(number).encode())
    assert_all_gone(kill(info))
    assert daemon.find_running(state) is None
    s3 = client(daemon.up(state), "s3")
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket="kept")["Contents"]]
    assert sorted(keys) == sorted(f"año={number}/x" for number in range(50))
    assert s3.get_object(Bucket="kept", Key="año=49/x")["Body"].read() == b"49"


@pytest.mark.slow
def test_a_stale_pid_file_is_no_cloud(state: Path) -> None:
    info = daemon.up(state)
    kill(info)
    found = read_info(state)
    assert found is not None
    assert found.pid == info.pid
    assert daemon.find_running(state) is None
    assert daemon.down(state) is False
    assert daemon.up(state).pid != info.pid


def test_a_pid_file_that_names_another_process_is_not_signalled(state: Path) -> None:
    state.mkdir()
    info = {"pid": os.getpid(), "port": 4566, "endpoint_url": "http://127.0.0.1:4566", "version": "0", "started_at": ""}
    (state / "cloud.json").write_text(json.dumps({**info, "state_dir": str(state)}))
    assert daemon.down(state) is False  # this test would have ended here


@pytest.mark.slow
def test_a_profile_that_does_not_exist_does_not_matter(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(daemon.up(state))
    daemon.down(state)
    monkeypatch.setenv("AWS_PROFILE", "nadie")
    assert daemon.up(state).port


@pytest.mark.slow
def test_a_cloud_that_cannot_start_gives_its_port_back(state: Path) -> None:
    info = daemon.up(state)
    daemon.down(state)
    damaged = state / "aws" / "glue" / "123456789012" / "us-east-1.pickle"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"no")
    with pytest.raises(CloudError, match="saved state of glue"):
        daemon.up(state, port=info.port)
    with closing(socket.create_server(("127.0.0.1", info.port))):
        assert daemon.find_running(state) is None


def test_a_port_that_is_taken_is_refused_by_name(state: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CloudError, match=f"Port {port} is taken") as caught:
            daemon.up(state, port=port)
    assert "--port" in caught.value.next_step
    # The server said so, and the command line tells it in the user's language.
    i18n.use_language("es")
    assert f"El puerto {port} está ocupado" in render_lesson(caught.value)


@pytest.mark.slow
def test_another_port_is_used_when_the_usual_one_is_taken(state: Path, tmp_path: Path) -> None:
    first = daemon.up(state)
    second = daemon.up(tmp_path / "second")
    daemon.down(tmp_path / "second")
    assert {first.port, second.port} & {daemon.DEFAULT_PORT} != {first.port, second.port}


@pytest.mark.slow
def test_clouds_that_start_at_the_same_moment_take_different_ports(state: Path) -> None:
    folders = [state / str(number) for number in range(3)]
    with ThreadPoolExecutor(len(folders)) as threads:
        ports = {info.port for info in threads.map(daemon.up, folders)}
    for folder in folders:
        daemon.down(folder)
    assert len(ports) == len(folders)


def test_whoever_starts_a_cloud_while_another_does_gets_that_one(state: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(daemon.up, [state, state])
    assert first.pid == second.pid


def test_a_second_up_on_another_port_says_what_runs(state: Path) -> None:
    info = daemon.up(state)
    with pytest.raises(CloudError, match=f"already runs on port {info.port}"):
        daemon.up(state, port=info.port + 1)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CloudError, match="cannot be written") as caught:
        daemon.up(tmp_path / "file" / "state")
    assert "--state" in caught.value.next_step


@pytest.mark.slow
def test_reset_deletes_the_clouds_things_and_nothing_else(state: Path) -> None:
    info = daemon.up(state)
    client(info, "s3").create_bucket(Bucket="gone")
    (state / "ledger.json").write_text("{}")
    again = daemon.reset(state)
    assert again is not None
    assert again.port == info.port
    assert client(again, "s3").list_buckets()["Buckets"] == []
    assert (state / "ledger.json").exists()


def test_an_ephemeral_cloud_leaves_nothing(state: Path) -> None:
    info = daemon.up(state, ephemeral=True)
    client(info, "s3").create_bucket(Bucket="gone")
    daemon.down(state)
    assert not state.exists()


def test_a_cloud_whose_folder_is_deleted_ends_and_writes_nothing_more(state: Path) -> None:
    info = daemon.up(state)
    server = psutil.Process(info.pid)
    processes = [server, *server.children(recursive=True)]
    shutil.rmtree(state)
    assert_all_gone(processes)
    assert not state.exists()


def test_in_the_foreground_it_ends_on_ctrl_c(state: Path) -> None:
    code = "import sys; from pathlib import Path; from labkit.cloud import daemon; daemon.serve(Path(sys.argv[1]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(state)], start_new_session=True)
    try:
        for _ in range(1500):
            if daemon.find_running(state) is not None:
                break
            time.sleep(0.01)
        running = daemon.find_running(state)
        assert running is not None
        assert running.pid == process.pid
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
    assert daemon.find_running(state) is None


def fill(info: CloudInfo) -> None:
    s3 = client(info, "s3")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="kept", Key="a b/ñ.csv", Body=b"1", Metadata={"de": "aqui"}, ContentType="text/csv")
    s3.put_object(Bucket="kept", Key="a b/ñ.csv", Body=b"2", Tagging="k=v")
    iam = client(info, "iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    glue = client(info, "glue")
    glue.create_database(DatabaseInput={"Name": "d"})
    glue.create_table(
        DatabaseName="d", TableInput={"Name": "t", "StorageDescriptor": {"Columns": [{"Name": "año", "Type": "int"}]}}
    )
    glue.create_job(
        Name="j", Role="r", Command={"Name": "glueetl", "ScriptLocation": "s3://kept/j.py"}, GlueVersion="5.1"
    )
    logs = client(info, "logs")
    logs.create_log_group(logGroupName="g")
    client(info, "sqs").create_queue(QueueName="q")


def seen(info: CloudInfo) -> dict[str, Any]:
    s3, iam, glue = client(info, "s3"), client(info, "iam"), client(info, "glue")
    head = s3.head_object(Bucket="kept", Key="a b/ñ.csv")
    versions = s3.list_object_versions(Bucket="kept")["Versions"]
    return {
        "head": (head["ContentLength"], head["ETag"], head["LastModified"], head["VersionId"]),
        "tags": s3.get_object_tagging(Bucket="kept", Key="a b/ñ.csv")["TagSet"],
        "versions": [(found["VersionId"], found["IsLatest"]) for found in versions],
        "first": s3.get_object(Bucket="kept", Key="a b/ñ.csv", VersionId=versions[-1]["VersionId"])["Metadata"],
        "role": iam.get_role(RoleName="r")["Role"]["RoleId"],
        "policies": iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"],
        "table": glue.get_table(DatabaseName="d", Name="t")["Table"],
        "job": glue.get_job(JobName="j")["Job"],
        "groups": [group["logGroupName"] for group in client(info, "logs").describe_log_groups()["logGroups"]],
        "queues": client(info, "sqs").list_queues()["QueueUrls"],
    }
