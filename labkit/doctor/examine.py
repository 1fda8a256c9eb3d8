"""All findings about one computer, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from labkit.doctor.connections import check_cloud, check_loopback, check_port, check_proxy
from labkit.doctor.finding import OK, PROBLEM, Finding
from labkit.doctor.folders import check_folder, check_notebooks, check_old_state, check_state
from labkit.doctor.installation import (
    check_archive,
    check_java,
    check_kernel,
    check_language,
    check_packages,
    check_python,
    check_widgets,
)
from labkit.doctor.machine import check_clock, check_disk, check_encoding, check_memory, check_system
from labkit.doctor.surroundings import Surroundings
from labkit.doctor.variables import check_aws, check_settings, check_variables

CHECKS: tuple[Callable[[Surroundings], Finding], ...] = (
    check_system,
    check_python,
    check_packages,
    check_java,
    check_archive,
    check_memory,
    check_disk,
    check_state,
    check_folder,
    check_old_state,
    check_cloud,
    check_port,
    check_loopback,
    check_proxy,
    check_clock,
    check_aws,
    check_variables,
    check_settings,
    check_kernel,
    check_widgets,
    check_language,
    check_encoding,
    check_notebooks,
)


def examine(facts: Surroundings) -> tuple[Finding, ...]:
    """Every finding, good ones too."""
    return tuple(check(facts) for check in CHECKS)


def list_wrong(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that somebody should do something about."""
    return [finding for finding in findings if finding.state != OK]


def has_problem(findings: Sequence[Finding]) -> bool:
    """True when something will not work."""
    return any(finding.state == PROBLEM for finding in findings)
