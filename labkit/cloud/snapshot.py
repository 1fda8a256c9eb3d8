"""moto's services on disk: one file per service, account and region, written soon after a call changed it.

moto keeps everything in Python objects, so a snapshot is a pickle of them: it belongs to this user's own state folder, is
read by the moto version that wrote it, and is refused by name otherwise. S3 objects are not in it (see `objects.py`).
"""

from __future__ import annotations

import io
import json
import logging
import os
import pickle
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import moto
from moto.backends import get_backend
from moto.iam.models import AWSManagedPolicy, iam_backends

from labkit.errors import LabError

log = logging.getLogger(__name__)

# Long enough to fold the calls of one script into one write, short enough that a killed server loses next to nothing.
_DELAY_S = 0.05
# A large service (a queue of ten thousand messages) takes long to write: a write is followed by a pause of so many times its length.
_PAUSE = 3.0
_LOCKS = (type(threading.Lock()), type(threading.RLock()))
Where = tuple[str, str, str]


class Snapshots:
    """Writes the services that were marked as changed, in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed: set[Where] = set()
        self._wake = threading.Condition()
        self._stopping = False
        self._write_lock = threading.Lock()
        self._written_until = 0.0
        self._busy = False
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)

    def load(self) -> None:
        """Put every saved service back; LabError when another moto version wrote them."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._check_version()
        for path in sorted(self._folder.glob("*/*/*.pickle")):
            region, account, service = path.stem, path.parent.name, path.parent.parent.name
            try:
                backend = pickle.loads(path.read_bytes())  # noqa: S301 - this user's own state folder, written by `_save`
            except Exception as error:
                raise LabError(
                    f"The saved state of {service} cannot be read",
                    cause=f"{path.name}: {type(error).__name__}: {error}",
                    next_step="Run `labkit reset` to start from an empty cloud (it deletes what the local cloud holds).",
                    key="error.state_unreadable",
                    facts={"service": service, "file": path.name, "reason": f"{type(error).__name__}: {error}"},
                ) from error
            dict.__setitem__(get_backend(service)[account], region, backend)

    def start(self) -> None:
        """Begin writing what is marked."""
        self._thread.start()

    def mark(self, service: str, account: str, region: str) -> None:
        """Say that a service changed; returns at once."""
        with self._wake:
            self._changed.add((service, account, region))
            self._wake.notify()

    def stop(self) -> None:
        """Write what is still to be written and end the thread."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self.flush()

    def written_until(self) -> float:
        """Everything that was marked before this moment (`time.monotonic`) is on disk."""
        with self._wake:
            return time.monotonic() if not self._changed and not self._busy else self._written_until

    def flush(self) -> None:
        """Write every marked service now."""
        with self._wake:
            changed, self._changed = self._changed, set()
            self._busy, begun = True, time.monotonic()
        for where in sorted(changed):
            try:
                self._save(where)
            except Exception:
                log.exception("could not save the state of %s", where)
        with self._wake:
            self._busy, self._written_until = False, begun

    def _run(self) -> None:
        pause_s = _DELAY_S
        while True:
            with self._wake:
                while not self._changed and not self._stopping:
                    self._wake.wait()
                if self._stopping:
                    return
            threading.Event().wait(pause_s)
            begun = time.monotonic()
            self.flush()
            pause_s = max(_DELAY_S, _PAUSE * (time.monotonic() - begun))

    def _save(self, where: Where) -> None:
        service, account, region = where
        backend = dict(get_backend(service)[account]).get(region)
        if backend is None:
            return
        with self._write_lock:
            data = _retry_while_changing(lambda: _dumps(backend))
            path = self._folder / service / account / f"{region}.pickle"
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".part")
            partial.write_bytes(data)
            os.replace(partial, path)

    def _check_version(self) -> None:
        path = self._folder / "moto.json"
        written = {"moto": moto.__version__}
        if path.exists() and (found := json.loads(path.read_text())) != written:
            raise LabError(
                f"The state folder was written by moto {found.get('moto')}, this is moto {moto.__version__}",
                cause=f"The saved services in {self._folder} are objects of that version.",
                next_step="Install the version that wrote it, or run `labkit reset` to start from an empty cloud.",
                key="error.state_other_moto",
                facts={"written": found.get("moto"), "present": moto.__version__, "folder": self._folder},
            )
        path.write_text(json.dumps(written))


def _retry_while_changing(dump: Callable[[], bytes]) -> bytes:
    """A request may change a dict while it is being written out; a few tries find a quiet moment."""
    for _ in range(20):
        try:
            return dump()
        except RuntimeError as error:
            if "changed size" not in str(error) and "mutated" not in str(error):
                raise
    return dump()


def _dumps(backend: Any) -> bytes:
    buffer = io.BytesIO()
    _StatePickler(buffer).dump(backend)
    return buffer.getvalue()


class _StatePickler(cloudpickle.Pickler):
    """Pickles what moto's services hold: also locks (made new), keys (as PEM) and AWS's own policies (by name)."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, _LOCKS):
            return (threading.RLock if isinstance(value, _LOCKS[1]) else threading.Lock), ()
        if isinstance(value, weakref.WeakValueDictionary):
            return _weak_values, (dict(value),)
        if isinstance(value, AWSManagedPolicy):
            return _managed_policy, (value.account_id, value.partition, value.arn, value.attachment_count)
        if isinstance(value, defaultdict) and type(value) is not defaultdict:
            return _new_default_dict, (type(value), value.default_factory), value.__dict__, None, iter(value.items())
        if type(value).__name__ == "RSAPrivateKey":
            return _rsa_key, (_pem(value),)
        return super().reducer_override(value)


def _new_default_dict(kind: type[defaultdict[Any, Any]], factory: Callable[[], Any] | None) -> defaultdict[Any, Any]:
    """moto's subclasses take arguments of their own, which Python's way of copying a defaultdict does not know."""
    made = kind.__new__(kind)
    defaultdict.__init__(made, factory)
    return made


def _weak_values(values: dict[Any, Any]) -> Any:
    return weakref.WeakValueDictionary(values)


def _managed_policy(account: str, partition: str, arn: str, attachment_count: int) -> Any:
    policy = _policies(account, partition)[arn]
    policy.attachment_count = attachment_count
    return policy


_policy_cache: dict[tuple[str, str], dict[str, Any]] = {}


def _policies(account: str, partition: str) -> dict[str, Any]:
    """AWS's policies as moto ships them, by ARN."""
    if (account, partition) not in _policy_cache:
        backend = iam_backends[account][partition]
        _policy_cache[(account, partition)] = {policy.arn: policy for policy in backend.aws_managed_policies}
    return _policy_cache[(account, partition)]


def _pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    return bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))


def _rsa_key(pem: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem, password=None)
