"""Dates, times, zones and intervals as Trino means them, in plain Python."""
