"""The job that a script becomes: its files in S3, a role, and a definition; made or corrected with ordinary AWS calls."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.glue_jobs import find_job
from labkit.aws.iam import find_role
from labkit.aws.s3 import bucket_exists
from labkit.aws.session import Clients, aws_errors
from labkit.errors import DataError, UsageError
from labkit.i18n import build_lesson
from labkit.names import build_run_role, is_role_arn
from labkit.settings import Settings
from labkit.steps.lab import Upload
from labkit.steps.roles import Role, plan_role
from labkit.steps.tags import as_list, build_tags
from labkit.steps.uploads import plan_upload

# The folder of the assets bucket that only this command writes: a job whose script lies elsewhere is somebody else's.
FOLDER = "labkit-run"
_MANAGED = ("service-role/AWSGlueServiceRole", "AmazonS3FullAccess")
_LONGEST_NAME = 100
_AWS_TIMEOUT_MIN = 10


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


def plan_job_run(clients: Clients, settings: Settings, request: JobRequest, work: Path) -> WantedRun:
    """Read what exists and return the calls that make the rest; `work` is a folder for archives of packages.

    Errors: UsageError when the name belongs to a job that this command did not make (unless it was chosen on purpose),
    DataError for a file that is not there.
    """
    bucket, tags = settings.names.assets_bucket, build_tags(settings)
    prefix = f"{FOLDER}/{request.name.replace('/', '-')}"
    script = Upload(request.script, bucket, f"{prefix}/{request.script.name}")
    with aws_errors(f"glue.get_job ({request.name})"):
        found = find_job(clients.glue, request.name)
    place = "" if found is None else str(found.get("Command", {}).get("ScriptLocation", ""))
    foreign = found is not None and not place.startswith(f"s3://{bucket}/{FOLDER}/")
    # On AWS not even a name chosen on purpose changes what others made.
    if foreign and (settings.target.charges or not request.chosen):
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
        calls = plan_bucket(clients, bucket, tags)
        for upload in (script, *py_uploads, *uploads):
            calls += plan_upload(clients, upload)
        role = request.role or name_role(settings)
        calls += [] if request.role else plan_own_role(clients, role, tags)
    definition = _build_definition(request, role, script.uri, defaults)
    if settings.target.charges:
        # What AWS takes otherwise is eight hours.
        definition.setdefault("Timeout", _AWS_TIMEOUT_MIN)
    calls.append(_build_job_call(request.name, found, definition, tags))
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


def _build_job_call(
    name: str, found: dict[str, Any] | None, definition: dict[str, Any], tags: Mapping[str, str]
) -> AwsCall:
    if found is None:
        params = {"Name": name, **definition, "Tags": dict(tags)}
        return AwsCall("glue", "create_job", params, "create", "glue-job", name)
    return AwsCall("glue", "update_job", {"JobName": name, "JobUpdate": definition}, "update", "glue-job", name)


def plan_bucket(clients: Clients, bucket: str, tags: Mapping[str, str]) -> list[AwsCall]:
    """The calls that make a bucket and tag it, unless it is there."""
    if bucket_exists(clients.s3, bucket):
        return []
    region = clients.target.region
    params: dict[str, Any] = {"Bucket": bucket}
    if region != "us-east-1":  # S3 refuses a LocationConstraint that names its first region
        params["CreateBucketConfiguration"] = {"LocationConstraint": region}
    tagging = {"Bucket": bucket, "Tagging": {"TagSet": as_list(tags)}}
    return [
        AwsCall("s3", "create_bucket", params, "create", "s3-bucket", bucket),
        AwsCall("s3", "put_bucket_tagging", tagging, "create", "s3-bucket-tags", f"{bucket}/tags"),
    ]


def name_role(settings: Settings) -> str:
    """The role of these commands; on AWS one for each region and student, or the one that was given."""
    target = settings.target
    return build_run_role(settings.names, target.region, settings.student, apart=target.charges)


def plan_own_role(clients: Clients, name: str, tags: Mapping[str, str]) -> list[AwsCall]:
    """The calls that make the role of these commands and attach its policies, as far as they are missing; none for a given ARN."""
    if is_role_arn(name):
        return []
    managed = tuple(f"arn:aws:iam::aws:policy/{policy}" for policy in _MANAGED)
    found = find_role(clients.iam, name)
    calls = plan_role(Role(name, "glue.amazonaws.com", managed, {}), found, tags)
    return [call for call in calls if call.verb == "create"]


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
