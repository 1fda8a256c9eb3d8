"""The job that a script becomes: its files in S3, a role, and a definition; made or corrected with ordinary AWS calls."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.aws.call import AwsCall, JsonText
from labkit.aws.glue_jobs import find_job
from labkit.aws.iam import find_role
from labkit.aws.s3 import bucket_exists
from labkit.aws.session import Clients, aws_errors
from labkit.errors import DataError, UsageError
from labkit.i18n import build_lesson
from labkit.steps.lab import Upload
from labkit.steps.uploads import plan_upload

ROLE = "labkit-glue-run"
# The folder of the assets bucket that only this command writes: a job whose script lies elsewhere is somebody else's.
FOLDER = "labkit-run"
_MANAGED = ("service-role/AWSGlueServiceRole", "AmazonS3FullAccess")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class JobRequest:
    """What a run needs to exist. `files` and `py_files` are paths of this computer or s3:// locations."""

    name: str
    script: Path
    chosen: bool
    glue_version: str
    role: str | None
    defaults: dict[str, str]
    timeout_min: int | None = None
    py_files: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class WantedRun:
    """The calls that are missing, in order, where the script will be, and whether a job of somebody else's is changed."""

    calls: tuple[AwsCall, ...]
    script_uri: str
    replaces: bool


def build_job_name(script: Path) -> str:
    """A job name from a file's name: letters, digits, dots, dashes and underscores ("Ventas Año 1.py" → "Ventas-Ano-1")."""
    plain = unicodedata.normalize("NFKD", script.stem).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", plain)[:_LONGEST_NAME].strip("-") or "script"


def plan_job_run(clients: Clients, bucket: str, request: JobRequest, work: Path) -> WantedRun:
    """Read what exists and return the calls that make the rest; `work` is a folder for archives of packages.

    Errors: UsageError when the name belongs to a job that this command did not make (unless it was chosen on purpose),
    DataError for a file that is not there.
    """
    prefix = f"{FOLDER}/{request.name.replace('/', '-')}"
    script = Upload(request.script, bucket, f"{prefix}/{request.script.name}")
    with aws_errors(f"glue.get_job ({request.name})"):
        found = find_job(clients.glue, request.name)
    foreign = found is not None and f"/{FOLDER}/" not in found.get("Command", {}).get("ScriptLocation", "")
    if foreign and not request.chosen:
        raise build_lesson(UsageError, "error.glue_job_taken", job=request.name)
    py_uploads, py_places = _place(request.py_files, bucket, f"{prefix}/py-files", work, importable=True)
    uploads, places = _place(request.files, bucket, f"{prefix}/files", work, importable=False)
    defaults = {
        **request.defaults,
        "--TempDir": f"s3://{bucket}/temporary/",
        **({"--extra-py-files": ",".join(py_places)} if py_places else {}),
        **({"--extra-files": ",".join(places)} if places else {}),
    }
    with aws_errors(f"glue run {request.name}"):
        calls = plan_bucket(clients, bucket)
        for upload in (script, *py_uploads, *uploads):
            calls += plan_upload(clients, upload)
        role = request.role or ROLE
        calls += [] if request.role else plan_role(clients)
    definition = _build_definition(request, role, script.uri, defaults)
    calls.append(_build_job_call(request.name, found, definition))
    return WantedRun(tuple(calls), script.uri, foreign)


def _build_definition(request: JobRequest, role: str, script_uri: str, defaults: dict[str, str]) -> dict[str, Any]:
    definition = {
        "Role": role,
        "Command": {"Name": "glueetl", "ScriptLocation": script_uri, "PythonVersion": "3"},
        "DefaultArguments": defaults,
        "GlueVersion": request.glue_version,
        # The smallest Spark job that Glue takes: 2 DPU.
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "MaxRetries": 0,
    }
    return definition if request.timeout_min is None else {**definition, "Timeout": request.timeout_min}


def _build_job_call(name: str, found: dict[str, Any] | None, definition: dict[str, Any]) -> AwsCall:
    if found is None:
        return AwsCall("glue", "create_job", {"Name": name, **definition}, "create", "glue-job", name)
    return AwsCall("glue", "update_job", {"JobName": name, "JobUpdate": definition}, "update", "glue-job", name)


def plan_bucket(clients: Clients, bucket: str) -> list[AwsCall]:
    """The call that makes a bucket, unless it is there."""
    if bucket_exists(clients.s3, bucket):
        return []
    region = clients.target.region
    params: dict[str, Any] = {"Bucket": bucket}
    if region != "us-east-1":  # S3 refuses a LocationConstraint that names its first region
        params["CreateBucketConfiguration"] = {"LocationConstraint": region}
    return [AwsCall("s3", "create_bucket", params, "create", "s3-bucket", bucket)]


def plan_role(clients: Clients) -> list[AwsCall]:
    """The calls that make the role of these commands and attach its policies, as far as they are missing."""
    found = find_role(clients.iam, ROLE)
    calls: list[AwsCall] = []
    if found is None:
        statement = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust = JsonText({"Version": "2012-10-17", "Statement": [statement]})
        params = {"RoleName": ROLE, "AssumeRolePolicyDocument": trust}
        calls.append(AwsCall("iam", "create_role", params, "create", "iam-role", ROLE))
    for policy in _MANAGED:
        arn = f"arn:aws:iam::aws:policy/{policy}"
        if found is None or arn not in found.managed:
            params = {"RoleName": ROLE, "PolicyArn": arn}
            name = f"{ROLE}/{policy.rsplit('/', 1)[-1]}"
            calls.append(AwsCall("iam", "attach_role_policy", params, "create", "iam-attachment", name))
    return calls


def _place(
    names: Sequence[str], bucket: str, prefix: str, work: Path, *, importable: bool
) -> tuple[list[Upload], list[str]]:
    """(what must be sent, where each file will be); an s3:// location stays, a package's folder is sent as a zip."""
    uploads: list[Upload] = []
    places: list[str] = []
    for name in (part.strip() for listed in names for part in listed.split(",") if part.strip()):
        if re.match(r"s3[an]?://", name):
            places.append(name)
            continue
        path = Path(name).expanduser()
        if importable and path.is_dir():
            path = _zip_package(path, work)
        if not path.is_file():
            raise build_lesson(DataError, "error.glue_file_missing", file=name)
        uploads.append(Upload(path, bucket, f"{prefix}/{path.name}"))
        places.append(uploads[-1].uri)
    return uploads, places


def _zip_package(folder: Path, work: Path) -> Path:
    """A zip with the folder at its root, the same bytes for the same files (so that it is sent once)."""
    target = work / f"{folder.resolve().name}.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.resolve().rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(folder.resolve().parent).as_posix()
                archive.writestr(zipfile.ZipInfo(name), path.read_bytes())
    return target
