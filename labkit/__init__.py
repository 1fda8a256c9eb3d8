"""labkit: a teaching lab for AWS data engineering, with a small and truthful AWS on your own computer."""

from __future__ import annotations

__version__ = "0.1.0"
