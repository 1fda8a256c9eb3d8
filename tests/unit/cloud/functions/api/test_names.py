from __future__ import annotations

import pytest

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api.names import read_name

SCOPE = Scope("123456789012", "us-east-1")
ARN = "arn:aws:lambda:us-east-1:123456789012:function:fn"


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("fn", None),
        ("fn:prod", "prod"),
        ("fn:$LATEST", "$LATEST"),
        ("function:fn", None),
        ("123456789012:function:fn", None),
        ("123456789012:function:fn:7", "7"),
        ("us-east-1:123456789012:function:fn", None),
        (ARN, None),
        (f"{ARN}:prod", "prod"),
    ],
)
def test_every_form_names_the_same_function(text: str, qualifier: str | None) -> None:
    name = read_name(text, SCOPE)
    assert (name.scope, name.name, name.qualifier, name.arn) == (SCOPE, "fn", qualifier, ARN)


def test_a_qualifier_in_the_name_and_beside_it_must_agree() -> None:
    assert read_name("fn:1", SCOPE, "1").qualified_arn == f"{ARN}:1"
    with pytest.raises(AwsError, match="does not match the specified qualifier"):
        read_name("fn:1", SCOPE, "2")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ARN.replace("us-east-1", "eu-west-1"), "ResourceNotFoundException"),
        ("x" * 65, "ValidationException"),
        ("arn:aws:s3:::bucket", "ResourceNotFoundException"),
    ],
)
def test_what_names_no_function_of_here(text: str, code: str) -> None:
    with pytest.raises(AwsError) as caught:
        read_name(text, SCOPE)
    assert caught.value.code == code


def test_an_arn_of_another_account_keeps_it() -> None:
    assert read_name(ARN.replace("123456789012", "210987654321"), SCOPE).scope.account == "210987654321"
