"""The local cloud and the way to it: port, loopback, proxies."""

from __future__ import annotations

from labkit.doctor.finding import OK, PROBLEM, WARNING, Finding
from labkit.doctor.surroundings import Surroundings

_PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_HERE = ("127.0.0.1", "localhost")
_ENDPOINTS = tuple(f"http://{name}:4566" for name in _HERE)


def check_cloud(facts: Surroundings) -> Finding:
    """Runs and answers, or is down, which `labkit lab` mends by itself."""
    cloud = facts.cloud
    if not facts.runs_cloud:
        return Finding("cloud", OK, "doctor.cloud.aws")
    if cloud is None or not cloud.alive:
        return Finding("cloud", OK, "doctor.cloud.down")
    told = {"url": cloud.url, "pid": cloud.pid, "version": cloud.version, "own": facts.labkit_version}
    if not cloud.answers:
        return Finding("cloud", PROBLEM, "error.doctor.cloud_silent", told)
    if cloud.version != facts.labkit_version:
        return Finding("cloud", WARNING, "error.doctor.cloud_version", told)
    return Finding("cloud", OK, "doctor.cloud.running", told)


def check_port(facts: Surroundings) -> Finding:
    """4566 is where AWS tools look for an emulator; another one is used when it is taken."""
    endpoint = facts.environ.get("AWS_ENDPOINT_URL", "").rstrip("/")
    if facts.port_taken and endpoint in _ENDPOINTS:
        return Finding("port", OK, "doctor.port.endpoint", {"port": 4566, "url": endpoint})
    if facts.port_taken and not (facts.cloud is not None and facts.cloud.alive):
        return Finding("port", WARNING, "error.doctor.port_taken", {"port": 4566})
    return Finding("port", OK, "doctor.port.ok", {"port": 4566})


def check_loopback(facts: Surroundings) -> Finding:
    """Everything speaks over 127.0.0.1; JupyterLab's address may be called localhost."""
    if facts.loopback_error:
        return Finding("loopback", PROBLEM, "error.doctor.loopback", {"reason": facts.loopback_error})
    if not facts.localhost:
        return Finding("loopback", WARNING, "error.doctor.localhost_unknown")
    strange = [address for address in facts.localhost if not address.startswith("127.") and address != "::1"]
    if strange:
        return Finding("loopback", WARNING, "error.doctor.localhost_elsewhere", {"address": ", ".join(strange)})
    return Finding("loopback", OK, "doctor.loopback.ok")


def check_proxy(facts: Surroundings) -> Finding:
    """A school's proxy cannot reach a cloud on this computer, so it must be left out for 127.0.0.1."""
    names = [name for name in _PROXIES if facts.environ.get(name)]
    if not names:
        return Finding("proxy", OK, "doctor.proxy.none")
    told = {"names": ", ".join(names)}
    left_out = (facts.environ.get("no_proxy") or facts.environ.get("NO_PROXY") or "").replace(" ", "").split(",")
    if left_out != ["*"] and not set(_HERE) <= set(left_out):
        return Finding("proxy", WARNING, "error.doctor.proxy", told)
    return Finding("proxy", OK, "doctor.proxy.ok", told)
