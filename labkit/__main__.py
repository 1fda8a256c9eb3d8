"""`python -m labkit` is the `labkit` command."""

from __future__ import annotations

from labkit.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
