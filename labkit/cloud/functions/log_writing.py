"""A function's lines on their way to CloudWatch Logs, as far as the function's role lets them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labkit.cloud.functions.configuration import FunctionSpec

if TYPE_CHECKING:
    from labkit.cloud.services import Services

# A role's answer is asked for again after this long: a policy that is attached takes effect, and a flood of lines costs nothing.
_ASK_AGAIN_S = 1.0


class LogWriter:
    """Writes under the role of the function: one without permission to write logs leaves none, as on AWS."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str], tuple[float, bool]] = {}

    def write(self, spec: FunctionSpec, stream: str, lines: Sequence[str]) -> None:
        """Append log events to a stream of the function's group."""
        if self._may_write(spec, stream):
            self._services.logs(spec.scope).write(spec.log_group, stream, lines)

    def _may_write(self, spec: FunctionSpec, stream: str) -> bool:
        key = (spec.role_arn, spec.log_group)
        with self._lock:
            asked_at, answer = self._answers.get(key, (-_ASK_AGAIN_S, False))
        if self._clock() - asked_at < _ASK_AGAIN_S:
            return answer
        answer = self._ask(spec, stream)
        with self._lock:
            self._answers[key] = (self._clock(), answer)
        return answer

    def _ask(self, spec: FunctionSpec, stream: str) -> bool:
        group = f"arn:aws:logs:{spec.scope.region}:{spec.scope.account}:log-group:{spec.log_group}"
        guard = self._services.role_guard(spec.role_arn, spec.name, spec.scope)
        needed = [
            ("logs:CreateLogStream", f"{group}:log-stream:{stream}"),
            ("logs:PutLogEvents", f"{group}:log-stream:{stream}"),
        ]
        if not self._services.logs(spec.scope).has_group(spec.log_group):
            needed.insert(0, ("logs:CreateLogGroup", f"{group}:*"))
        return all(guard.may(action, resource) for action, resource in needed)
