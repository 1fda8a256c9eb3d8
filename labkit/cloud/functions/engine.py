"""The Lambda engine: the control plane, and invocations that are really run."""

from __future__ import annotations

import base64
import os
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.functions.api.control import ControlPlane
from labkit.cloud.functions.api.mappings import Mappings
from labkit.cloud.functions.asynchronous import AsyncQueue
from labkit.cloud.functions.configuration import AsyncPolicy, FunctionSpec, find_function, scope_of, split_name
from labkit.cloud.functions.environment import build_environment, build_log_stream
from labkit.cloud.functions.events import QueuedEvent, retry_scale
from labkit.cloud.functions.execution import ColdStart, Execution, package_root
from labkit.cloud.functions.journal import Journal
from labkit.cloud.functions.lineage import MAX_RUNS_IN_CHAIN, extend_trace, runs_in_chain
from labkit.cloud.functions.log_writing import LogWriter
from labkit.cloud.functions.measuring import FunctionMetrics
from labkit.cloud.functions.outlets import Outlets
from labkit.cloud.functions.packages import unpack
from labkit.cloud.functions.polling import QueuePoller
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
        self._logs = LogWriter(services)
        self._metrics = FunctionMetrics(services)
        # EventBridge's PutEvents, for destinations that are event buses.
        self.put_events: Handler = _no_event_bus
        self._outlets = Outlets(services, find, self.invoke_async, self._put_on_bus, self._logs, self._metrics)
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
        self._queue.retrying = self._tell_retry
        mappings = Mappings(services)
        self._poller = QueuePoller(services, mappings, find, self.run)
        mappings.changed = self._poller.wake
        self.control = ControlPlane(services, mappings)

    def start(self) -> None:
        """Start a spare worker and deliver the events that an earlier run of the cloud accepted and did not finish."""
        shutil.rmtree(self._home, ignore_errors=True)
        self._spawner.warm_up()
        self._queue.start()
        self._poller.start()

    def stop(self) -> None:
        """End every worker; unfinished events stay stored for the next start."""
        self._poller.stop()
        self._queue.stop()
        self._pool.close()
        self._spawner.close()

    def invoke(self, call: Call) -> InvokeReply:
        """Answer Invoke; AwsError as the API gives it. Parameters: see `request.parse_request`."""
        request = parse_request(call, self._find)
        invocation = request.invocation
        if request.kind == "DryRun":
            return InvokeReply(204, request_id=invocation.request_id)
        if request.kind == "Event":
            self._accept(invocation)
            return InvokeReply(202, request_id=invocation.request_id, trace=invocation.trace)
        outcome = self.run(invocation)
        return InvokeReply(
            status=200,
            payload=outcome.payload,
            function_error=outcome.error,
            executed_version=outcome.version,
            log_result=base64.b64encode(outcome.log_tail).decode("ascii") if request.wants_log else None,
            request_id=invocation.request_id,
            trace=outcome.trace,
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
        """Stand in for moto's LambdaFunction.invoke, through which its SNS, Secrets Manager and CloudFormation reach functions."""
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
        trace = extend_trace(invocation.trace, spec.arn, sampled=spec.traced)
        if runs_in_chain(trace, spec.arn) > MAX_RUNS_IN_CHAIN and not spec.may_loop:
            self._metrics.recursion_dropped(spec.scope, invocation.resource)
            self._services.happenings.note("loop", spec.scope, invocation.resource, "stopped", runs=MAX_RUNS_IN_CHAIN)
            raise _recursion(spec)
        try:
            self.interfere(spec.name, spec.scope)
            lease = self._pool.acquire(spec)
        except AwsError as error:
            if error.code == "TooManyRequestsException":
                self._metrics.throttled(spec.scope, invocation.resource)
            raise
        reusable = False
        try:
            outcome, reusable = self._execute(spec, replace(invocation, trace=trace), lease)
        finally:
            self._pool.release(lease, reusable=reusable)
        failed, running = outcome.error is not None, lease.running
        self._metrics.invoked(
            spec.scope, invocation.resource, duration_ms=outcome.duration_ms, failed=failed, running=running
        )
        facts = {"duration_ms": outcome.duration_ms, "request": invocation.request_id}
        reason = {"reason": outcome.text[:500]} if failed else {}
        self._services.happenings.note(
            "invocation", spec.scope, invocation.resource, outcome.error or "ok", **facts, **reason
        )
        return outcome

    def _execute(self, spec: FunctionSpec, invocation: Invocation, lease: Lease) -> tuple[Outcome, bool]:
        worker, cold = (lease.worker, None) if lease.worker is not None else self._cold_start(spec, lease)
        journal = Journal(lambda lines: self._logs.write(spec, worker.log_stream, lines))
        return Execution(spec, invocation, worker, journal, self._services.clock).run(cold)

    def _cold_start(self, spec: FunctionSpec, lease: Lease) -> tuple[Worker, ColdStart]:
        began = time.perf_counter()
        package = unpack(spec.code, spec.layers, package_root(self._services.state_dir))
        role_env = self._role_environment(spec)
        worker = self._spawner.take(may_be_preloaded=not package.brings_boto3)
        self._pool.attach(lease, worker)
        self._spawner.warm_up()
        worker.log_stream = build_log_stream(spec, self._services.clock())
        worker.fingerprint, worker.version = spec.fingerprint, spec.version
        return worker, ColdStart(
            package, build_environment(spec, package, role_env, worker.log_stream, worker.tmp), began
        )

    def _role_environment(self, spec: FunctionSpec) -> dict[str, str]:
        """The environment of the role's session; a role that is gone, or trusts Lambda no more, ends the invocation."""
        cause = "The role defined for the function cannot be assumed by Lambda."
        try:
            trusted = self._services.role_trusts(spec.role_arn, "lambda.amazonaws.com", spec.scope)
            credentials = self._services.role_credentials(spec.role_arn, spec.name, spec.scope) if trusted else None
        except AwsError:
            credentials = None
        if credentials is None:
            raise AwsError("AccessDeniedException", cause, 403)
        return self._services.child_env(credentials, spec.scope.region)

    def _put_on_bus(self, call: Call) -> dict[str, Any]:
        return self.put_events(call)

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
        self._metrics.event_received(invocation.scope, invocation.resource)

    def _deliver(self, event: QueuedEvent) -> Outcome:
        scope = Scope(event.account, event.region)
        age = self._services.clock() - datetime.fromisoformat(event.accepted_at)
        self._metrics.event_tried(scope, event.resource, age.total_seconds() * 1000)
        if self._find(scope, event.function, event.qualifier).reserved_concurrency == 0:
            # AWS gives such events up at once (docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
            raise AwsError("ZeroReservedConcurrency", f"{event.function} has a reserved concurrency of 0.", 429)
        return self.run(
            Invocation(event.request_id, event.function, event.qualifier, event.payload, scope, trace=event.trace)
        )

    def _tell_retry(self, event: QueuedEvent, delay_s: float, cause: str) -> None:
        place, told = Scope(event.account, event.region), {"request": event.request_id, "reason": cause[:500]}
        self._services.happenings.note("async-event", place, event.resource, "retry", delay_s=delay_s, **told)

    def _policy_of(self, event: QueuedEvent) -> AsyncPolicy:
        try:
            return self._find(Scope(event.account, event.region), event.function, event.qualifier).asynchronous
        except AwsError:
            return AsyncPolicy()


def _no_event_bus(call: Call) -> dict[str, Any]:
    raise AwsError("ResourceNotFoundException", f"There is no event bus for {call.action}.")


def _recursion(spec: FunctionSpec) -> AwsError:
    return AwsError(
        "RecursiveInvocationException",
        f"Lambda detected that {spec.name} is invoked in a recursive loop with another Amazon Web Services resource and stopped it "
        f"after {MAX_RUNS_IN_CHAIN} runs of one chain. Something the function does (an object it writes, a message it sends) "
        "triggers it again: write to another bucket or to a prefix that the trigger's filter leaves out.",
        400,
    )
