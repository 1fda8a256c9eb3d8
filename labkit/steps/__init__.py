"""The six steps of the lab: wanted (data) → plan (reads only) → apply → ledger."""
