"""What notebook 08 measures and reckons with: open to the notebook itself, and no secret of its checks."""

from __future__ import annotations
