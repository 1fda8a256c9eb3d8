"""The Lambda engine: invocations of the functions that moto keeps, really run."""

from __future__ import annotations

import base64
import os
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.functions.asynchronous import AsyncQueue
from labkit.cloud.functions.configuration import AsyncPolicy, FunctionSpec, find_function, scope_of, split_name
from labkit.cloud.functions.dead_letters import DeadLetters
from labkit.cloud.functions.environment import build_environment, build_log_stream
from labkit.cloud.functions.events import QueuedEvent, retry_scale
from labkit.cloud.functions.execution import ColdStart, Execution, package_root
from labkit.cloud.functions.journal import Journal
from labkit.cloud.functions.lineage import MAX_RUNS_IN_CHAIN, extend_trace, runs_in_chain
from labkit.cloud.functions.outlets import Outlets
from labkit.cloud.functions.packages import unpack
from labkit.cloud.functions.pool import Lease, WorkerPool
from labkit.cloud.functions.reply import Invocation, InvokeReply, Outcome
from labkit.cloud.functions.request import parse_request
from labkit.cloud.functions.runtimes import check_runtime
from labkit.cloud.functions.spawner import Spawner
from labkit.cloud.functions.worker import Worker

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

    from labkit.cloud.services import Services

Find = Callable[[Scope, str, "str | None"], FunctionSpec]


class FunctionsEngine:
    """Runs functions in warm worker processes. `find` gives the configuration of a function; by default moto's."""

    # Invoke is REST with a binary payload, so the server calls `invoke` by itself; nothing goes through the document routes.
    routes: Mapping[tuple[str, str], Handler] = {}

    def __init__(self, services: Services, find: Find = find_function, scale: float | None = None) -> None:
        self._services = services
        self._find = find
        self._home = services.state_dir / "functions" / "tmp"
        self._spawner = Spawner(self._home)
        self._pool = WorkerPool()
        self.dead_letters = DeadLetters(services.documents)
        self._outlets = Outlets(services, find, self.dead_letters, self.invoke_async)
        # Chaos may refuse an invocation (labkit.cloud.chaos).
        self.interfere: Callable[[str, Scope], None] = lambda _name, _scope: None
        self._queue = AsyncQueue(
            services.documents,
            self._deliver,
            self._policy_of,
            self._outlets.finish,
            retry_scale(os.environ) if scale is None else scale,
            self._pool.drop_idle,
        )

    def start(self) -> None:
        """Start a spare worker and deliver the events that an earlier run of the cloud accepted and did not finish."""
        shutil.rmtree(self._home, ignore_errors=True)
        self._spawner.warm_up()
        self._queue.start()

    def stop(self) -> None:
        """End every worker; unfinished events stay stored for the next start."""
        self._queue.stop()
        self._pool.close()
        self._spawner.close()

    def invoke(self, call: Call) -> InvokeReply:
        """Answer Invoke; AwsError as the API gives it. Parameters: see `request.parse_request`."""
        request = parse_request(call, self._find)
        if request.kind == "DryRun":
            return InvokeReply(204, request_id=request.invocation.request_id)
        if request.kind == "Event":
            self._accept(request.invocation)
            return InvokeReply(202, request_id=request.invocation.request_id)
        outcome = self.run(request.invocation)
        return InvokeReply(
            status=200,
            payload=outcome.payload.encode("utf-8", "surrogatepass"),
            function_error=outcome.error,
            executed_version=outcome.version,
            log_result=base64.b64encode(outcome.log_tail).decode("ascii") if request.wants_log else None,
            request_id=request.invocation.request_id,
        )

    def invoke_async(self, function: str, payload: str, scope: Scope, trace: str | None = None) -> str:
        """Queue an event (JSON text) for a function, by name or ARN, durably; its request id."""
        name, qualifier = split_name(function)
        place = scope_of(function, scope)
        invocation = Invocation(str(uuid.uuid4()), name, qualifier, payload, place, trace=trace)
        self._accept(invocation)
        return invocation.request_id

    def invoke_for_moto(
        self,
        function: LambdaFunction,
        body: str | bytes,
        response_headers: dict[str, Any],
        kind: str = "RequestResponse",
    ) -> bytes:
        """Stand in for moto's LambdaFunction.invoke, through which its SQS, SNS and EventBridge reach functions."""
        qualifier = None if str(function.version) == "$LATEST" else str(function.version)
        payload = body if isinstance(body, bytes) else str(body).encode()
        params = {
            "FunctionName": function.function_name,
            "Qualifier": qualifier,
            "InvocationType": kind,
            "Payload": payload,
        }
        reply = self.invoke(Call("lambda", "Invoke", params, Scope(function.account_id, function.region)))
        if reply.function_error:
            response_headers["x-amz-function-error"] = reply.function_error
        return reply.payload

    def run(self, invocation: Invocation) -> Outcome:
        """Run one event now and wait for its end; AwsError when it cannot be started."""
        spec = self._find(invocation.scope, invocation.name, invocation.qualifier)
        check_runtime(spec.runtime, spec.package_type)
        self.interfere(spec.name, spec.scope)
        trace = extend_trace(invocation.trace, spec.arn)
        if runs_in_chain(trace, spec.arn) > MAX_RUNS_IN_CHAIN:
            raise _recursion(spec)
        lease = self._pool.acquire(spec)
        reusable = False
        try:
            outcome, reusable = self._execute(spec, replace(invocation, trace=trace), lease)
        finally:
            self._pool.release(lease, reusable=reusable)
        return outcome

    def _execute(self, spec: FunctionSpec, invocation: Invocation, lease: Lease) -> tuple[Outcome, bool]:
        worker, cold = (lease.worker, None) if lease.worker is not None else self._cold_start(spec, lease)
        logs = self._services.logs(spec.scope)
        journal = Journal(lambda lines: logs.write(spec.log_group, worker.log_stream, lines))
        return Execution(spec, invocation, worker, journal, self._services.clock).run(cold)

    def _cold_start(self, spec: FunctionSpec, lease: Lease) -> tuple[Worker, ColdStart]:
        began = time.perf_counter()
        package = unpack(spec.code, spec.layers, package_root(self._services.state_dir))
        role_env = self._role_environment(spec)
        worker = self._spawner.take(may_be_preloaded=not package.brings_boto3)
        self._pool.attach(lease, worker)
        self._spawner.warm_up()
        worker.log_stream = build_log_stream(spec.version, self._services.clock())
        worker.fingerprint, worker.version = spec.fingerprint, spec.version
        return worker, ColdStart(
            package, build_environment(spec, package, role_env, worker.log_stream, worker.tmp), began
        )

    def _role_environment(self, spec: FunctionSpec) -> dict[str, str]:
        try:
            credentials = self._services.role_credentials(spec.role_arn, spec.name, spec.scope)
        except AwsError as error:
            cause = f"The role defined for the function cannot be assumed by Lambda: {spec.role_arn} ({error.message})"
            raise AwsError("AccessDeniedException", cause, 403) from None
        return self._services.child_env(credentials, spec.scope.region)

    def _accept(self, invocation: Invocation) -> None:
        self._queue.put(
            QueuedEvent(
                request_id=invocation.request_id,
                function=invocation.name,
                qualifier=invocation.qualifier,
                payload=invocation.payload,
                account=invocation.scope.account,
                region=invocation.scope.region,
                accepted_at=self._services.clock().isoformat(),
                trace=invocation.trace,
            )
        )

    def _deliver(self, event: QueuedEvent) -> Outcome:
        scope = Scope(event.account, event.region)
        return self.run(
            Invocation(event.request_id, event.function, event.qualifier, event.payload, scope, trace=event.trace)
        )

    def _policy_of(self, event: QueuedEvent) -> AsyncPolicy:
        try:
            return self._find(Scope(event.account, event.region), event.function, event.qualifier).asynchronous
        except AwsError:
            return AsyncPolicy()


def _recursion(spec: FunctionSpec) -> AwsError:
    return AwsError(
        "RecursiveInvocationException",
        f"Lambda detected that {spec.name} is invoked in a recursive loop with another Amazon Web Services resource and stopped it "
        f"after {MAX_RUNS_IN_CHAIN} runs of one chain. Something the function does (an object it writes, a message it sends) "
        "triggers it again: write to another bucket or to a prefix that the trigger's filter leaves out.",
        400,
    )
