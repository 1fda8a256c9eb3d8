from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api.constraints import check_parameters
from labkit.cloud.functions.api.control import ControlPlane
from labkit.cloud.functions.api.model import Match, Operation, find_operation, operations, read_parameters
from labkit.cloud.functions.api.request import Request


def operation(name: str) -> Operation:
    return next(one for one in operations() if one.name == name)


def test_each_call_is_found_by_its_own_path() -> None:
    for one in operations():
        path = re.sub(r"\(\?P<\w+>\[\^/\]\+\)", "value", one.path.pattern).removesuffix("/?").replace("\\", "")
        query = {key: [value] for key, value in one.query.items()}
        match = find_operation(one.method, path, query)
        assert match is not None, path
        assert match.operation.name == one.name
        assert find_operation("PATCH", path, query) is None


def read(name: str, body: bytes = b"", query: Any = None, **in_path: str) -> dict[str, Any]:
    return read_parameters(Match(operation(name), in_path), query or {}, {}, body)


def test_parameters_come_from_path_query_and_body() -> None:
    found = read("GetLayerVersion", LayerName="lay", VersionNumber="3")
    assert found == {"LayerName": "lay", "VersionNumber": 3}
    assert read("UntagResource", query={"tagKeys": ["a", "b"]}, Resource="arn")["TagKeys"] == ["a", "b"]
    found = read("CreateAlias", b'{"Name": "prod", "FunctionVersion": null, "More": 1}', FunctionName="fn")
    assert found == {"FunctionName": "fn", "Name": "prod"}


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b"\xff", b'{"Description": "\\ud800"}', b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(AwsError, match="InvalidRequestContentException: Could not parse request body into json"):
        read("CreateAlias", body, FunctionName="fn")


def violations(name: str, **params: Any) -> str:
    with pytest.raises(AwsError) as caught:
        check_parameters(operation(name).shape, params)
    assert caught.value.code in ("ValidationException", "SerializationException")
    return caught.value.message


def test_all_that_is_wrong_is_told_at_once_in_awss_words() -> None:
    told = violations("PutFunctionConcurrency", FunctionName="a b", ReservedConcurrentExecutions=-1)
    assert told.startswith("2 validation errors detected: Value 'a b' at 'functionName' failed to satisfy constraint: ")
    assert told.endswith(
        "'reservedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 0"
    )
    told = violations("PutFunctionConcurrency", FunctionName="fn")
    assert told == (
        "1 validation error detected: Value null at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must not be null"
    )


@pytest.mark.parametrize("value", ["5", 1.5, True, [], {}])
def test_a_value_of_another_type_is_a_serialization_error(value: Any) -> None:
    assert "expected" in violations("PutFunctionConcurrency", FunctionName="fn", ReservedConcurrentExecutions=value)


def test_values_are_shown_as_java_prints_them() -> None:
    told = violations(
        "CreateAlias",
        FunctionName="fn",
        Name="a",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"x": 2}},
    )
    assert (
        "Value '{x=2}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy"
        in told
    )
    assert "Map value must satisfy constraint: [Member must have value less than or equal to 1.0" in told


def test_what_has_no_handler_is_refused_by_its_name() -> None:
    control = ControlPlane(SimpleNamespace(), SimpleNamespace())  # type: ignore[arg-type]
    refused = []
    for name in [one.name for one in operations()]:
        if name not in control._handlers and name not in ("Invoke", "InvokeAsync"):
            with pytest.raises(AwsError) as caught:
                control.call(Request(name, {}, Scope("123456789012", "us-east-1")))
            assert (caught.value.code, caught.value.status) == ("NotImplemented", 501)
            assert f"lambda:{name}" in caught.value.message
            refused.append(name)
    assert "CreateCapacityProvider" in refused
    assert "CreateFunction" not in refused
