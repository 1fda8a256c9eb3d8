"""What a run names in S3, copied into a folder of the run: its script, Python files, further files, Java archives, wheels."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.cloud.call import AwsError
from labkit.cloud.identity.authorizer import is_denied
from labkit.cloud.jobs.arguments import RunArguments
from labkit.cloud.store import Store


class Failure(Exception):
    """Why a run could not begin; becomes its ErrorMessage."""


@dataclass(frozen=True)
class Inputs:
    """Local copies. `python_path` goes on the path of the driver and of Python workers; `unpacked` says whether wheels are in it."""

    script: Path
    python_path: list[str]
    unpacked: bool
    files: list[Path]
    jars: list[Path]
    modules: list[str]
    module_files: list[Path]


def _not_downloaded(bucket: str, key: str, said: str, status: int, reason: str) -> Failure:
    """Glue's own sentence, and why: its own refers to logs that say no more."""
    return Failure(
        f"LAUNCH ERROR | Error downloading from S3 for bucket: {bucket}, key: {key}.{said} "
        f"(Service: Amazon S3; Status Code: {status}; Please refer logs for details. {reason}"
    )


def gather(store: Store, folder: Path, arguments: RunArguments) -> Inputs:
    """Copy everything that a run names below `folder`; Failure names what is missing."""
    fetch = _Fetch(store)
    script = fetch.one(arguments.script, folder / "script", "ScriptLocation")
    python_files = fetch.each(arguments.python_files, folder / "py-files", "--extra-py-files")
    in_s3 = [module for module in arguments.modules if "://" in module and " @ " not in module and _is_s3(module)]
    return Inputs(
        script=script,
        python_path=[_path_entry(file) for file in python_files],
        unpacked=any(file.suffix == ".whl" for file in python_files),
        files=fetch.each(arguments.files, folder / "files", "--extra-files"),
        jars=fetch.each(arguments.jars, folder / "jars", "--extra-jars"),
        modules=[module for module in arguments.modules if module not in in_s3],
        module_files=fetch.each(in_s3, folder / "modules", "--additional-python-modules"),
    )


class _Fetch:
    def __init__(self, store: Store) -> None:
        self._store = store

    def each(self, locations: Sequence[str], folder: Path, named_by: str) -> list[Path]:
        """Each in a folder of its own: two may have the same name."""
        return [self.one(location, folder / str(number), named_by) for number, location in enumerate(locations)]

    def one(self, location: str, folder: Path, named_by: str) -> Path:
        """Copy an S3 object into a folder of the run."""
        rest = location.partition("://")[2]
        bucket, _, key = rest.partition("/")
        if not _is_s3(location) or not key:
            raise Failure(f"LAUNCH ERROR | {named_by}: {location or 'it'} is not an s3:// location")
        if key.endswith("/"):
            reason = "it is a folder; Glue takes complete paths of single files, separated by commas"
            raise Failure(f"LAUNCH ERROR | {named_by}: {location} cannot be read: {reason}")
        try:
            stored = self._store.find(bucket, key)
        except AwsError as error:
            if is_denied(error):
                raise _not_downloaded(bucket, key, "Access Denied", 403, error.message) from error
            raise _not_downloaded(bucket, key, error.message, 404, error.code) from error
        if stored is None:
            reason = f"NoSuchKey: there is no object {key} in {bucket}"
            raise _not_downloaded(bucket, key, "The specified key does not exist.", 404, reason)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / Path(key).name
        shutil.copyfile(stored.path, target)
        return target


def _is_s3(location: str) -> bool:
    return location.partition("://")[0] in ("s3", "s3a", "s3n")


def _path_entry(file: Path) -> str:
    """The entry of sys.path for a Python file: Python reads .zip and .egg itself, a wheel is unpacked (it may hold C modules)."""
    if file.suffix == ".py":
        return str(file.parent)
    if file.suffix == ".whl":
        target = file.parent / "unpacked"
        extract(file, target, "--extra-py-files")
        return str(target)
    if file.suffix in (".zip", ".egg"):
        if not zipfile.is_zipfile(file):
            raise Failure(f"LAUNCH ERROR | --extra-py-files: {file.name} is not a zip archive")
        return str(file)
    raise Failure(f"LAUNCH ERROR | --extra-py-files: {file.name} is not a .py, .zip, .egg or .whl file")


def extract(archive: Path, target: Path, named_by: str) -> None:
    """Unpack a zip archive; Failure when it is none. zipfile keeps names that climb out of the folder inside it."""
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(target)
    except zipfile.BadZipFile as error:
        raise Failure(f"LAUNCH ERROR | {named_by}: {archive.name} is not a zip archive: {error}") from error
