"""The WebHDFS REST protocol (hadoop.apache.org, "WebHDFS REST API") as a WSGI application.

Only what Spark's Hadoop client sends is answered; any other operation is refused by name.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

from labkit.cloud.call import AwsError
from labkit.cloud.gateway.blocks import block_locations, located_blocks
from labkit.cloud.gateway.files import Entry, Files, GatewayError, Place, as_gateway_error
from labkit.cloud.gateway.guarded import GuardedFiles
from labkit.cloud.gateway.mounts import MOUNT_FOLDER, Mounts
from labkit.cloud.identity.authorizer import Guard

PREFIX = "/webhdfs/v1"
_BLOCK_BYTES = 1 << 20
_HDFS_BLOCK_BYTES = 128 << 20  # how large a split Spark cuts; 128 MiB is HDFS's default
StartResponse = Callable[..., Any]


class Gateway:
    """Answers requests below `/webhdfs/v1`; `guard_of` gives the guard of who a Hadoop client says it is."""

    def __init__(self, files: Files, mounts: Mounts, guard_of: Callable[[str], Guard]) -> None:
        self._files = files
        self._mounts = mounts
        self._guard_of = guard_of

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = _Request(environ)
        try:
            answer = self._answer(request)
        except AwsError as error:
            answer = _error(as_gateway_error(error))
        except GatewayError as error:
            answer = _error(error)
        status, headers, body = answer
        start_response(status, headers)
        return body

    def _answer(self, request: _Request) -> _Answer:
        if request.top == MOUNT_FOLDER:
            return self._mount_answer(request)
        handler = _OPERATIONS.get((request.method, request.operation))
        if handler is None:
            message = f"{request.method} op={request.operation} is not answered by labkit's S3 gateway"
            raise GatewayError(400, "java.lang.UnsupportedOperationException", message)
        return handler(GuardedFiles(self._files, self._guard_of(request.query.get("user.name", ""))), request)

    def _mount_answer(self, request: _Request) -> _Answer:
        """The folder of mount tables, read by ViewFs when a bucket is first used."""
        name, document = self._mounts.document(f"webhdfs://{request.host}")
        if request.operation == "LISTSTATUS":
            statuses = [_status(Entry(name, len(document), 1, Path(name)))]
            return _json({"FileStatuses": {"FileStatus": statuses}})
        if request.operation == "GETFILESTATUS":
            folder = request.place.key == ""
            entry = Entry("", 0, 1, None) if folder else Entry("", len(document), 1, Path(name))
            return _json({"FileStatus": _status(entry)})
        if request.operation == "GET_BLOCK_LOCATIONS":
            return _json(located_blocks(Entry("", len(document), 1, Path(name)), request.host))
        if request.operation != "OPEN":
            raise GatewayError(
                400, "java.lang.UnsupportedOperationException", f"{request.operation} of the mount table"
            )
        if "data" not in request.query:
            return _redirect(request)
        return "200 OK", [("Content-Length", str(len(document)))], [document]


class _Request:
    """One request, read once."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        self.host: str = environ["HTTP_HOST"]
        self.path = environ["PATH_INFO"].encode("latin-1").decode("utf-8")[len(PREFIX) :]
        self.query: dict[str, str] = {
            k.lower(): v[-1] for k, v in parse_qs(environ["QUERY_STRING"], keep_blank_values=True).items()
        }
        self.operation = self.query.get("op", "").upper()
        self.place = _place(self.path)
        self.top = self.place.bucket

    def flag(self, name: str) -> bool:
        return self.query.get(name, "false").lower() == "true"


_Answer = tuple[str, list[tuple[str, str]], Iterable[bytes]]


def _place(path: str) -> Place:
    bucket, _, key = path.strip("/").partition("/")
    return Place(bucket, key)


def _json(document: dict[str, Any], status: str = "200 OK") -> _Answer:
    body = json.dumps(document).encode()
    return status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], [body]


def _empty(status: str = "200 OK") -> _Answer:
    return status, [("Content-Length", "0")], []


def _error(error: GatewayError) -> _Answer:
    document = {
        "exception": error.java_class.rpartition(".")[2],
        "javaClassName": error.java_class,
        "message": str(error),
    }
    return _json({"RemoteException": document}, f"{error.status} Error")


def _redirect(request: _Request) -> _Answer:
    """WebHDFS sends a client to a data node with 307; ours is the same address with `data=true`."""
    url = f"http://{request.host}{PREFIX}{quote(request.path)}?{request.environ['QUERY_STRING']}&data=true"
    return "307 Temporary Redirect", [("Location", url), ("Content-Length", "0")], []


def _status(entry: Entry) -> dict[str, Any]:
    folder = entry.is_folder
    return {
        "accessTime": entry.modified_ms,
        "blockSize": 0 if folder else _HDFS_BLOCK_BYTES,
        "childrenNum": 0,
        "fileId": 0,
        "group": "labkit",
        "length": entry.size_bytes,
        "modificationTime": entry.modified_ms,
        "owner": "labkit",
        "pathSuffix": entry.name,
        "permission": "755" if folder else "644",
        "replication": 0 if folder else 1,
        "storagePolicy": 0,
        "type": "DIRECTORY" if folder else "FILE",
    }


def _get_file_status(files: GuardedFiles, request: _Request) -> _Answer:
    entry = files.get(request.place)
    return _json({"FileStatus": {**_status(entry), "pathSuffix": ""}})


def _list_status(files: GuardedFiles, request: _Request) -> _Answer:
    return _json({"FileStatuses": {"FileStatus": [_status(entry) for entry in files.list(request.place)]}})


def _open(files: GuardedFiles, request: _Request) -> _Answer:
    entry = files.get(request.place)
    if entry.path is None:
        raise GatewayError(403, "java.io.FileNotFoundException", f"Path is a folder: {request.place.path}")
    if "data" not in request.query:
        return _redirect(request)
    offset = int(request.query.get("offset", 0))
    if offset > entry.size_bytes:
        raise GatewayError(403, "java.io.IOException", f"Offset {offset} is beyond the end of {request.place.path}")
    length = min(int(request.query.get("length", entry.size_bytes)), entry.size_bytes - offset)
    headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(length))]
    return "200 OK", headers, _blocks(entry.path, offset, length)


def _blocks(path: Path, offset: int, length: int) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        while length > 0:
            block = file.read(min(_BLOCK_BYTES, length))
            if not block:
                raise OSError(f"{path.name} is shorter than it was")
            length -= len(block)
            yield block


def _create(files: GuardedFiles, request: _Request) -> _Answer:
    overwrite = request.query.get("overwrite", "true").lower() == "true"
    if "data" not in request.query:
        return _redirect(request)
    path = files.new_file(request.place, overwrite)
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(request.environ["wsgi.input"], file, _BLOCK_BYTES)
        _require_whole(request, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    files.finish_file(request.place, path)
    return _empty("201 Created")


def _require_whole(request: _Request, path: Path) -> None:
    """A client killed in mid-upload must not leave half a file behind."""
    told = request.environ.get("CONTENT_LENGTH")
    if told and path.stat().st_size != int(told):
        raise GatewayError(400, "java.io.IOException", f"{path.stat().st_size} of {told} bytes arrived")


def _make_folder(files: GuardedFiles, request: _Request) -> _Answer:
    files.make_folder(request.place)
    return _json({"boolean": True})


def _rename(files: GuardedFiles, request: _Request) -> _Answer:
    return _json({"boolean": files.rename(request.place, _place(request.query["destination"]))})


def _delete(files: GuardedFiles, request: _Request) -> _Answer:
    return _json({"boolean": files.delete(request.place, request.flag("recursive"))})


def _home(files: GuardedFiles, request: _Request) -> _Answer:
    return _json({"Path": f"/user/{request.query.get('user.name', 'labkit')}"})


def _nothing_to_do(files: GuardedFiles, request: _Request) -> _Answer:
    """Owners, modes and times: objects have none, and S3's own connectors ignore them too."""
    files.get(request.place)
    return _empty()


def _content_summary(files: GuardedFiles, request: _Request) -> _Answer:
    size, count, folders, todo = 0, 0, 0, [request.place]
    while todo:
        place = todo.pop()
        entry = files.get(place)
        if not entry.is_folder:
            size, count = size + entry.size_bytes, count + 1
            continue
        folders += 1
        todo += [place.child(child.name) for child in files.list(place)]
    summary = {"directoryCount": folders, "fileCount": count, "length": size, "spaceConsumed": size}
    return _json({"ContentSummary": {**summary, "quota": -1, "spaceQuota": -1}})


def _locations(files: GuardedFiles, request: _Request) -> _Answer:
    return _json(block_locations(_located(files, request.place), request.host))


def _old_locations(files: GuardedFiles, request: _Request) -> _Answer:
    return _json(located_blocks(_located(files, request.place), request.host))


def _located(files: GuardedFiles, place: Place) -> Entry:
    """ViewFs asks for a file at the root of a bucket with the bucket's name doubled."""
    doubled = place.key.startswith(f"{place.bucket}/")
    if doubled and not files.is_there(place):
        place = Place(place.bucket, place.key[len(place.bucket) + 1 :])
    return files.get(place)


def _server_defaults(_: GuardedFiles, __: _Request) -> _Answer:
    """What Hadoop's file systems are configured with; Hive asks for the trash, which there is none of."""
    sizes = {"blockSize": 128 << 20, "bytesPerChecksum": 512, "writePacketSize": 64 << 10, "fileBufferSize": 4096}
    rest = {"replication": 1, "encryptDataTransfer": False, "trashInterval": 0, "checksumType": 2, "keyProviderUri": ""}
    return _json({"FsServerDefaults": {**sizes, **rest, "defaultStoragePolicyId": 0}})


_OPERATIONS: dict[tuple[str, str], Callable[[GuardedFiles, _Request], _Answer]] = {
    ("GET", "GETFILESTATUS"): _get_file_status,
    ("GET", "LISTSTATUS"): _list_status,
    ("GET", "OPEN"): _open,
    ("GET", "GETHOMEDIRECTORY"): _home,
    ("GET", "GETCONTENTSUMMARY"): _content_summary,
    ("GET", "GETFILEBLOCKLOCATIONS"): _locations,
    ("GET", "GET_BLOCK_LOCATIONS"): _old_locations,
    ("GET", "GETSERVERDEFAULTS"): _server_defaults,
    ("GET", "CHECKACCESS"): _nothing_to_do,
    ("PUT", "CREATE"): _create,
    ("PUT", "MKDIRS"): _make_folder,
    ("PUT", "RENAME"): _rename,
    ("PUT", "SETPERMISSION"): _nothing_to_do,
    ("PUT", "SETOWNER"): _nothing_to_do,
    ("PUT", "SETTIMES"): _nothing_to_do,
    ("PUT", "SETREPLICATION"): _nothing_to_do,
    ("DELETE", "DELETE"): _delete,
}
