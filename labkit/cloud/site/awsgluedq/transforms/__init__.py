"""`EvaluateDataQuality`: a frame against a ruleset."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from awsglue import _aws
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms.transform import GlueTransform

from awsgluedq._dqdl import parse
from awsgluedq._evaluation import Outcome, evaluate, with_row_outcomes


class EvaluateDataQuality(GlueTransform):
    """Evaluates DQDL rules over a frame (glue dg, "EvaluateDataQuality class")."""

    DATA_QUALITY_RULE_OUTCOMES_KEY = "ruleOutcomes"
    DATA_QUALITY_ROW_LEVEL_OUTCOMES_KEY = "rowLevelOutcomes"
    ORIGINAL_DATA_KEY = "originalData"

    def __call__(
        self,
        frame: DynamicFrame,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """One record a rule: Rule, Outcome (Passed, Failed), FailureReason, EvaluatedMetrics."""
        outcomes = _evaluate(frame, ruleset, publishing_options or {}, additional_options or {})
        return _outcome_frame(frame, outcomes, evaluated=False)

    def process_rows(
        self,
        frame: DynamicFrame,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrameCollection:
        """Frames `originalData`, `ruleOutcomes` (one record a rule) and `rowLevelOutcomes` (the rows, with their rules)."""
        options = additional_options or {}
        outcomes = _evaluate(frame, ruleset, publishing_options or {}, options)
        skips = str(options.get("rowLevelConfiguration.filteredRowLabel", "")).upper() == "SKIPPED"
        rows = with_row_outcomes(frame.toDF(), outcomes, skips=skips)
        frames = {
            self.ORIGINAL_DATA_KEY: frame,
            self.DATA_QUALITY_RULE_OUTCOMES_KEY: _outcome_frame(frame, outcomes, evaluated=True),
            self.DATA_QUALITY_ROW_LEVEL_OUTCOMES_KEY: DynamicFrame.fromDF(rows, frame.glue_ctx, "rowLevelOutcomes"),
        }
        return DynamicFrameCollection(frames, frame.glue_ctx)


def _evaluate(
    frame: DynamicFrame, ruleset: str, publishing: Mapping[str, Any], options: Mapping[str, Any]
) -> list[Outcome]:
    parsed = parse(ruleset)
    by_row = str(options.get("compositeRuleEvaluation.method", "")).upper() == "ROW"
    outcomes = evaluate(frame.toDF(), parsed, by_row=by_row)
    context = str(publishing.get("dataQualityEvaluationContext") or "default_context")
    told = f"NOTE data quality {context}: {sum(one.passed for one in outcomes)} of {len(outcomes)} rules passed."
    sys.stderr.write(f"{told} Results are not published to the Glue Data Quality API or to CloudWatch here.\n")
    if parsed.analyzers:
        sys.stderr.write(
            f"NOTE data quality {context}: analyzers gather statistics for AWS's service; not evaluated here.\n"
        )
    if publishing.get("resultsS3Prefix"):
        _write_results(str(publishing["resultsS3Prefix"]), context, outcomes)
    return outcomes


def _write_results(place: str, context: str, outcomes: Sequence[Outcome]) -> None:
    """The outcomes as JSON lines below the prefix (AWS does not document the layout)."""
    bucket, prefix = _aws.split_s3(place if "://" in place else f"s3://{place}")
    key = "/".join(part for part in (prefix.strip("/"), f"{context}-{int(time.time() * 1000)}.jsonl") if part)
    lines = [
        {"Rule": one.text, "Outcome": _word(one), "FailureReason": one.reason, "EvaluatedMetrics": one.metrics}
        for one in outcomes
    ]
    body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    _aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())


def _word(outcome: Outcome) -> str:
    return "Passed" if outcome.passed else "Failed"


def _outcome_frame(frame: DynamicFrame, outcomes: Sequence[Outcome], *, evaluated: bool) -> DynamicFrame:
    """One record a rule; `evaluated` adds EvaluatedRule, and labels come when the ruleset has some."""
    columns: dict[str, list[Any]] = {
        "Rule string": [one.text for one in outcomes],
        "Outcome string": [_word(one) for one in outcomes],
        "FailureReason string": [one.reason for one in outcomes],
        "EvaluatedMetrics map<string,double>": [one.metrics for one in outcomes],
    }
    if evaluated:
        columns["EvaluatedRule string"] = [one.text for one in outcomes]
    if any(one.labels for one in outcomes):
        columns["Labels map<string,string>"] = [one.labels for one in outcomes]
    rows = list(zip(*columns.values(), strict=True))
    df = frame.glue_ctx.spark_session.createDataFrame(rows, ", ".join(columns))
    return DynamicFrame.fromDF(df, frame.glue_ctx, "ruleOutcomes")


ALL_TRANSFORMS = {EvaluateDataQuality}

__all__ = [transform.__name__ for transform in ALL_TRANSFORMS]
