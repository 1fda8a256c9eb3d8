"""Where the tasks of notebook 7 put things: its text names them, its checks look there, and a reset deletes them."""

from __future__ import annotations

WORKGROUP = "control-de-costes"
WORKGROUP_PREFIX = "control/"
