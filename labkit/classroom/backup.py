"""A copy of what a reset replaces: the notebook, and how the lab's resources were defined."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from labkit.aws.session import Clients
from labkit.classroom.surroundings import Surroundings
from labkit.errors import LabError
from labkit.i18n import build_lesson


def write_backup(around: Surroundings, step: int, name: str, notebook: Path | None) -> Path:
    """Copy the notebook and the definitions of the step's resources into a folder of this moment; return the folder.

    LabError when it cannot be written: then nothing may be reset.
    """
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")
    folder = around.settings.state_dir / "backups" / f"{moment}-{name}"
    try:
        folder.mkdir(parents=True)
        if notebook is not None:
            shutil.copy2(notebook, folder / notebook.name)
        if around.journal.path.exists():
            shutil.copy2(around.journal.path, folder)
        for kind, described in _describe(around, step):
            _write(folder / f"{kind}.json", described)
        if step in (5, 6):
            _save_code(around.clients, folder)
    except OSError as error:
        raise build_lesson(LabError, "error.backup", folder=str(folder), reason=error.strerror or str(error)) from error
    return folder


def _write(path: Path, described: Any) -> None:
    path.write_text(json.dumps(described, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def _describe(around: Surroundings, step: int) -> Iterator[tuple[str, Any]]:
    for kind, read in _READERS.get(step, {}).items():
        yield kind, read(around)


def _read_objects(around: Surroundings) -> Any:
    """What every bucket holds; AWS's words for one whose policy lets nobody look: resetting is the way out of that."""
    from labkit.aws.s3 import list_objects

    s3 = around.clients.s3
    return {
        bucket["Name"]: _try(
            lambda name=bucket["Name"]: [  # type: ignore[misc]
                {"uri": item.uri, "size_bytes": item.size_bytes, "last_modified": item.last_modified}
                for item in list_objects(s3, name, "")
            ]
        )
        for bucket in s3.list_buckets()["Buckets"]
    }


def _read_buckets(around: Surroundings) -> Any:
    """How the buckets are set up: what a student of notebook 1 wrote by hand is in their policy."""
    s3: Any = around.clients.s3
    settings = ("policy", "versioning", "encryption")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return {
        name: {
            setting: _try(partial(_read_setting, getattr(s3, f"get_bucket_{setting}"), name)) for setting in settings
        }
        for name in names
    }


def _read_setting(read: Callable[..., dict[str, Any]], bucket: str) -> Any:
    return {key: value for key, value in read(Bucket=bucket).items() if key != "ResponseMetadata"}


def _try(read: Callable[[], Any]) -> Any:
    from botocore.exceptions import ClientError

    try:
        return read()
    except ClientError as error:
        return {"refused": str(error)}


def _read_functions(around: Surroundings) -> Any:
    return around.clients.lambda_.list_functions()["Functions"]


def _read_workgroups(around: Surroundings) -> Any:
    athena = around.clients.athena
    names = [group["Name"] for group in athena.list_work_groups()["WorkGroups"]]
    return [athena.get_work_group(WorkGroup=name)["WorkGroup"] for name in names]


def _read_roles(around: Surroundings) -> Any:
    """Roles, groups and policies of the account with all their documents."""
    pages = around.clients.iam.get_paginator("get_account_authorization_details").paginate(
        Filter=["User", "Role", "LocalManagedPolicy"]
    )
    return [{name: value for name, value in page.items() if name != "ResponseMetadata"} for page in pages]


def _read_tables(around: Surroundings) -> Any:
    glue = around.clients.glue
    databases = [item["Name"] for item in glue.get_databases()["DatabaseList"]]
    return {name: glue.get_tables(DatabaseName=name)["TableList"] for name in databases}


def _read_notification(around: Surroundings) -> Any:
    from labkit.aws.s3 import list_function_triggers

    return list_function_triggers(around.clients.s3, around.settings.names.raw_bucket)


_READERS: dict[int, dict[str, Callable[[Surroundings], Any]]] = {
    1: {"objects": _read_objects, "buckets": _read_buckets},
    2: {"identities": _read_roles},
    3: {
        "crawlers": lambda around: around.clients.glue.get_crawlers()["Crawlers"],
        "classifiers": lambda around: around.clients.glue.get_classifiers()["Classifiers"],
        "tables": _read_tables,
    },
    4: {"jobs": lambda around: around.clients.glue.get_jobs()["Jobs"], "objects": _read_objects},
    5: {"functions": _read_functions},
    6: {"notification": _read_notification, "functions": _read_functions},
    7: {"workgroups": _read_workgroups},
}


def _save_code(clients: Clients, folder: Path) -> None:
    """The zip of every function, beside its configuration."""
    for function in clients.lambda_.list_functions()["Functions"]:
        name = function["FunctionName"]
        place = clients.lambda_.get_function(FunctionName=name)["Code"].get("Location")
        if place:
            with urlopen(place, timeout=30) as answer:
                (folder / f"{name}.zip").write_bytes(answer.read())
