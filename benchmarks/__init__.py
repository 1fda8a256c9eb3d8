"""Measurements on this machine: `python -m benchmarks [NAME …]` prints a table and writes build/bench.json."""
