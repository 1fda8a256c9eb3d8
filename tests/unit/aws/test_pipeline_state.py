"""What the map reads of the pipeline."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from labkit.aws.pipeline_state import read_pipeline
from labkit.names import Names

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


def test_rules_of_other_functions_are_not_the_pipelines() -> None:
    names = Names()

    def answer(Bucket: str) -> dict[str, Any]:  # noqa: N803 - as boto3 spells it
        rules = [
            {"LambdaFunctionArn": ARN + name, "Events": ["s3:ObjectCreated:*"]} for name in (names.function, "echo")
        ]
        return {"LambdaFunctionConfigurations": rules}

    s3 = SimpleNamespace(get_bucket_notification_configuration=answer)
    others = dict.fromkeys(("lambda_", "glue", "athena", "iam", "logs", "cloudwatch"))
    clients: Any = SimpleNamespace(s3=s3, **others)
    state = read_pipeline(clients, names, parts=frozenset({"rules"}))
    assert [rule.function for rule in state.rules] == [names.function]
