from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.functions.conftest import zip_bytes
from tests.cloud.functions.test_settings import refused


def code(answer: int) -> str:
    return f"def lambda_handler(e, c):\n    return {answer}\n"


def archive(answer: int) -> bytes:
    return zip_bytes({"lambda_function.py": code(answer)})


def test_a_version_is_made_only_of_something_new(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(code(1))
    first = client.publish_version(FunctionName=name, Description="one")
    assert (first["Version"], first["Description"], first["FunctionArn"].rpartition(":")[2]) == ("1", "one", "1")
    assert client.publish_version(FunctionName=name)["Version"] == "1"
    assert client.update_function_code(FunctionName=name, ZipFile=archive(2), Publish=True)["Version"] == "2"
    client.update_function_configuration(FunctionName=name, Timeout=9)
    assert client.publish_version(FunctionName=name)["Version"] == "3"
    assert client.get_function_configuration(FunctionName=name, Qualifier="2")["Timeout"] == 3
    versions = client.list_versions_by_function(FunctionName=name)["Versions"]
    assert [one["Version"] for one in versions] == ["$LATEST", "1", "2", "3"]
    client.delete_function(FunctionName=name, Qualifier="3")
    client.update_function_configuration(FunctionName=name, Timeout=10)
    assert client.publish_version(FunctionName=name)["Version"] == "4"


def test_publishing_checks_the_code_and_the_revision(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(code(1))
    assert (
        "is different from current CodeSHA256 in $LATEST"
        in refused(client.publish_version, FunctionName=name, CodeSha256="x")[1]
    )
    assert refused(client.publish_version, FunctionName=name, RevisionId="x")[0] == "PreconditionFailedException"


def test_an_alias_really_splits_its_traffic(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(code(1), Publish=True)
    client.update_function_code(FunctionName=name, ZipFile=archive(2), Publish=True)
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    made = client.create_alias(FunctionName=name, Name="prod", FunctionVersion="1", RoutingConfig=weights)
    assert made["RoutingConfig"] == weights
    replies = [client.invoke(FunctionName=name, Qualifier="prod") for _ in range(40)]
    assert {(one["ExecutedVersion"], one["Payload"].read()) for one in replies} == {("1", b"1"), ("2", b"2")}
    client.update_alias(
        FunctionName=name, Name="prod", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}}
    )
    assert "RoutingConfig" not in client.get_alias(FunctionName=name, Name="prod")
    assert {client.invoke(FunctionName=f"{name}:prod")["ExecutedVersion"] for _ in range(5)} == {"2"}


@pytest.mark.parametrize(
    ("version", "weights", "error", "words"),
    [
        (
            "1",
            {"1": 0.5},
            "InvalidParameterValueException",
            "Function version 1 is already included in routing configuration.",
        ),
        (
            "1",
            {"2": 1.5},
            "ValidationException",
            "Map value must satisfy constraint: [Member must have value less than or equal to 1.0",
        ),
        (
            "$LATEST",
            {"1": 0.5},
            "InvalidParameterValueException",
            "$LATEST is not supported for an alias pointing to more than 1 version",
        ),
        (
            "1",
            {"2": 0.1, "3": 0.1},
            "InvalidParameterValueException",
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ),
        ("1", {"7": 0.5}, "ResourceNotFoundException", ":7"),
        ("9", {}, "ResourceNotFoundException", "Function not found: "),
    ],
)
def test_routes_that_lead_nowhere(aws: Any, deploy: Any, version: str, weights: Any, error: str, words: str) -> None:
    client, name = aws("lambda"), deploy(code(1), Publish=True)
    params = {"FunctionName": name, "Name": "a", "FunctionVersion": version}
    found, message = refused(client.create_alias, **params, RoutingConfig={"AdditionalVersionWeights": weights})
    assert found == error
    assert words in message


def test_aliases_have_names_revisions_and_an_end(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(code(1), Publish=True)
    made = client.create_alias(FunctionName=name, Name="prod", FunctionVersion="1", Description="d")
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}:prod"
    assert (made["AliasArn"], made["Description"]) == (arn, "d")
    assert refused(client.create_alias, FunctionName=name, Name="prod", FunctionVersion="1") == (
        "ResourceConflictException",
        f"Alias already exists: {arn}",
    )
    assert refused(client.create_alias, FunctionName=name, Name="12", FunctionVersion="1")[0] == "ValidationException"
    assert (
        refused(client.update_alias, FunctionName=name, Name="prod", RevisionId="x")[0] == "PreconditionFailedException"
    )
    assert refused(client.delete_function, FunctionName=name, Qualifier="1") == (
        "ResourceConflictException",
        "Unable to delete version because the following aliases reference it: [prod]",
    )
    assert [one["Name"] for one in client.list_aliases(FunctionName=name, FunctionVersion="1")["Aliases"]] == ["prod"]
    client.delete_alias(FunctionName=name, Name="prod")
    client.delete_alias(FunctionName=name, Name="prod")  # once more is no error
    assert refused(client.get_alias, FunctionName=name, Name="prod") == (
        "ResourceNotFoundException",
        f"Cannot find alias arn: {arn}",
    )


def test_what_is_deleted_is_gone_with_all_that_was_its(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(code(1), Publish=True)
    client.create_alias(FunctionName=name, Name="prod", FunctionVersion="1")
    words = "$LATEST version cannot be deleted without deleting the function."
    assert refused(client.delete_function, FunctionName=name, Qualifier="$LATEST")[1] == words
    client.delete_function(FunctionName=name)
    for call in (client.delete_function, client.get_function, client.list_versions_by_function, client.get_policy):
        assert refused(call, FunctionName=name)[0] == "ResourceNotFoundException"


def test_a_layer_that_is_deleted_runs_on_in_the_functions_that_have_it(aws: Any, deploy: Any) -> None:
    client = aws("lambda")
    content = {"ZipFile": zip_bytes({"python/shared.py": "RATE = 7"})}
    layer = client.publish_layer_version(LayerName="rates", Content=content, CompatibleRuntimes=["python3.11"])
    name = deploy(
        "import shared\ndef lambda_handler(e, c):\n    return shared.RATE\n", Layers=[layer["LayerVersionArn"]]
    )
    number = layer["Version"]
    assert client.get_layer_version_by_arn(Arn=layer["LayerVersionArn"])["Version"] == number
    assert not client.list_layer_versions(LayerName="rates", CompatibleRuntime="python3.9")["LayerVersions"]
    client.delete_layer_version(LayerName="rates", VersionNumber=number)
    assert refused(client.get_layer_version, LayerName="rates", VersionNumber=number)[0] == "ResourceNotFoundException"
    assert client.invoke(FunctionName=name)["Payload"].read() == b"7"
    assert client.publish_layer_version(LayerName="rates", Content=content)["Version"] == number + 1
