"""Glue Data Quality: rulesets (DQDL) evaluated over a frame. `EvaluateDataQuality` is in `awsgluedq.transforms`."""
