"""Which operations of AWS only read."""

from __future__ import annotations

import re

# How AWS names what changes nothing (Service Authorization Reference, access levels "Read" and "List").
_READS = re.compile(r"(Get|List|Describe|Head|BatchGet|Search|Lookup|Filter|Simulate|Query|Select|Check|Validate)[A-Z]")


def is_reading(operation: str) -> bool:
    """True for GetObject, ListBuckets, BatchGetJobs …; SimulatePrincipalPolicy reckons and changes nothing."""
    return _READS.match(operation) is not None
