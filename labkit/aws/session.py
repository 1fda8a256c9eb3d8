"""The clients of one target, and the one place where a described call is made."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from labkit.aws.call import AwsCall
from labkit.aws.error_codes import error_code, is_propagating, is_throttled
from labkit.aws.refusals import build_refusal
from labkit.errors import AwsCallError
from labkit.i18n import build_lesson
from labkit.settings import is_loopback

__all__ = ["Clients", "Wait", "aws_errors", "error_code", "ignore_wait", "send", "settle"]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_athena.client import AthenaClient
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_glue.client import GlueClient
    from mypy_boto3_iam.client import IAMClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sts.client import STSClient

    from labkit.settings import Target

# A role made seconds ago is unknown to Glue and Lambda until IAM has spread it. AWS documents no bound: seconds nearly always;
# a support answer quoted in terraform-provider-aws 44517 says up to 15 minutes. After three a person had better know.
PROPAGATION_PATIENCE_S = 180.0
# Beside botocore's own three attempts: a whole class may call at once.
THROTTLING_PATIENCE_S = 60.0
# Who waits longer than this is told.
_SILENT_S = 3.0
_LONGEST_PAUSE_S = 8.0


@dataclass(frozen=True)
class Wait:
    """A call that had to wait: `reason` is "propagation" or "throttling"; `ended` once it went through or was given up."""

    call: AwsCall
    reason: str
    seconds: float
    ended: bool


def ignore_wait(_wait: Wait) -> None:
    """For those who need not be told."""


class Clients:
    """The boto3 clients of one target, each made when first used."""

    def __init__(self, target: Target) -> None:
        self.target = target
        # S3 bills requests and keeps no record of them: these are ours, by operation.
        self.s3_requests: Counter[str] = Counter()

    @cached_property
    def s3(self) -> S3Client:
        return self._client("s3")  # type: ignore[no-any-return]

    @cached_property
    def iam(self) -> IAMClient:
        return self._client("iam")  # type: ignore[no-any-return]

    @cached_property
    def sts(self) -> STSClient:
        return self._client("sts")  # type: ignore[no-any-return]

    @cached_property
    def glue(self) -> GlueClient:
        return self._client("glue")  # type: ignore[no-any-return]

    @cached_property
    def lambda_(self) -> LambdaClient:
        return self._client("lambda")  # type: ignore[no-any-return]

    @cached_property
    def athena(self) -> AthenaClient:
        return self._client("athena")  # type: ignore[no-any-return]

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return self._client("logs")  # type: ignore[no-any-return]

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return self._client("cloudwatch")  # type: ignore[no-any-return]

    @cached_property
    def cloudtrail(self) -> Any:
        return self._client("cloudtrail")

    def client(self, service: str) -> Any:
        """A client of any other service."""
        return self._client(service)

    def find(self, service: str) -> Any:
        """The client of a service by the name that boto3 gives it; made once."""
        name = "lambda_" if service == "lambda" else service
        if not hasattr(type(self), name) and name not in vars(self):
            vars(self)[name] = self._client(service)
        return getattr(self, name)

    def find_credentials(self) -> Any:
        """botocore's credentials object of this session, or None."""
        return self._session.get_credentials()

    @property
    def profile(self) -> str:
        """The profile of the user's files that is in use; "" when keys were given, or there is none."""
        if self.target.credentials is not None:
            return ""
        name = str(self._session.profile_name or "")
        return "" if name == "default" and name not in self._session.available_profiles else name

    def renew(self) -> None:
        """Forget every client and key, so that the next call reads the credentials anew (pasted after the old ones ended)."""
        for name in [name for name in vars(self) if name not in ("target", "s3_requests")]:
            del vars(self)[name]

    def _count_s3(self, event_name: str = "", **_rest: Any) -> None:
        self.s3_requests[event_name.rpartition(".")[2]] += 1

    @cached_property
    def _session(self) -> Any:
        import boto3

        pair = self.target.credentials
        if pair is None:
            return boto3.Session(region_name=self.target.region)
        # Given keys stand alone: no profile, no other token and no file of the user's has a say, so nothing meant for this
        # computer reaches AWS, and an AWS_PROFILE that does not exist stops nobody.
        return boto3.Session(
            aws_access_key_id=pair.access_key,
            aws_secret_access_key=pair.secret_key,
            aws_session_token=pair.session_token,
            region_name=self.target.region,
            botocore_session=_build_fileless_session(),
        )

    def _client(self, service: str) -> Any:
        from botocore.config import Config

        config = Config(
            # A school's proxy (HTTP_PROXY) cannot reach this computer, whichever way its address is spelled.
            proxies={} if is_loopback(self.target.endpoint_url or "") else None,
            retries={"mode": "standard", "max_attempts": 3},
            connect_timeout=5,
            read_timeout=120,
            s3={"addressing_style": "path"} if self.target.endpoint_url else None,
        )
        client = self._session.client(service, endpoint_url=self.target.endpoint_url, config=config)
        if service == "s3":
            client.meta.events.register("before-send.s3", self._count_s3)
        if self.target.endpoint_url is not None:
            client.meta.events.register("before-send", _refuse_other_hosts)
        return client


def _refuse_other_hosts(request: Any, **_rest: Any) -> None:
    """The last door: whatever a redirect, a proxy or a setting makes of a call, one meant for this computer stays on it."""
    if not is_loopback(request.url):
        raise build_lesson(AwsCallError, "error.left_the_computer", url=request.url.split("?", maxsplit=1)[0])


def _build_fileless_session() -> Any:
    from botocore.session import Session

    # A variable is (name in the config file, names in the environment, default, conversion); here nothing may be looked up.
    nothing = (None, None, None, None)
    files = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    session = Session(session_vars={"profile": nothing, **files})
    session.register_component("data_loader", _build_loader())
    return session


@lru_cache(maxsize=1)
def _build_loader() -> Any:
    """What AWS's services look like, read once for all sessions: another client of S3 takes 10 ms then, not 65."""
    from botocore.loaders import create_loader

    return create_loader()


def send(
    clients: Clients,
    call: AwsCall,
    *,
    on_wait: Callable[[Wait], None] = ignore_wait,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Make the call, again and again while IAM has not yet spread a new role, or AWS asks to go slower.

    `on_wait` hears of a wait once it takes longer than 3 s, and when it ends. Pauses grow and are drawn by lot, so that a class
    that was turned away at one moment does not come back at one moment.
    Errors: AwsCallError with AWS's own code and message; CloudError when nothing answers at the endpoint.
    """
    client = clients.find(call.service)
    began, pause_s, reason, told = clock(), 0.5, "", False
    with aws_errors(f"{call.service}.{call.operation} ({call.name})", clients.target, call):
        try:
            while True:
                try:
                    getattr(client, call.operation)(**call.resolved())
                    break
                except Exception as error:
                    again = _find_reason(error, call)
                    patience_s = PROPAGATION_PATIENCE_S if again == "propagation" else THROTTLING_PATIENCE_S
                    if not again or clock() - began + pause_s > patience_s:
                        raise
                    reason = again
                if not told and clock() - began > _SILENT_S:
                    told = True
                    on_wait(Wait(call, reason, clock() - began, ended=False))
                sleep(pause_s * (0.5 + jitter() / 2))
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        finally:
            if reason:
                on_wait(Wait(call, reason, clock() - began, ended=True))


def _find_reason(error: Exception, call: AwsCall) -> str:
    if is_propagating(error, call.service):
        return "propagation"
    return "throttling" if is_throttled(error) else ""


def settle(clients: Clients, call: AwsCall) -> None:
    """Wait until what the call made can be used by the next one."""
    if call.wait is not None:
        with aws_errors(f"{call.kind} {call.name}"):
            call.wait(clients)


@contextmanager
def aws_errors(doing: str, target: Target | None = None, call: AwsCall | None = None) -> Iterator[None]:
    """Turn botocore's exceptions into lessons that say what was being done; `call` lets a denial name its permission."""
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except S3UploadFailedError as error:
        # boto3 wraps what S3 said in a sentence; the ClientError is where it came from.
        cause = error.__cause__ or error.__context__
        raise build_refusal(cause if isinstance(cause, ClientError) else error, doing, target, call) from (
            cause or error
        )
    except (BotoCoreError, ClientError) as error:
        raise build_refusal(error, doing, target, call) from error
