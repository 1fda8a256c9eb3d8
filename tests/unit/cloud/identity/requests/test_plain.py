"""moto is given requests in one spelling only."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.identity.requests.plain import in_plain_spelling
from labkit.cloud.request import read_request


def environ(body: bytes, query: str = "", service: str = "ssm", **headers: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "RAW_URI": f"/?{query}" if query else "/",
        "QUERY_STRING": query,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=AKIA/20240101/us-east-1/{service}/aws4_request, Signature=x",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **headers,
    }


def plain(given: dict[str, Any]) -> dict[str, Any]:
    return in_plain_spelling(read_request(given), given)


def test_a_json_call_has_no_query_no_fields_in_its_text_and_the_same_meaning() -> None:
    document = {"Name": "/ok", "x": "&Action=DeleteParameter&Name=/secret&", "ñ": 'a"&\\&'}
    given = environ(
        json.dumps(document).encode(),
        "Name=/secret&Action=DeleteParameter",
        HTTP_X_AMZ_TARGET="AmazonSSM.GetParameter",
        HTTP_ACTION="DeleteParameter",
    )
    found = plain(given)
    body = found["wsgi.input"].read()
    assert (found["QUERY_STRING"], found["RAW_URI"], b"&" in body) == ("", "/", False)
    assert json.loads(body) == document
    assert int(found["CONTENT_LENGTH"]) == len(body)
    assert "HTTP_ACTION" not in found
    assert given["HTTP_ACTION"] == "DeleteParameter"


def test_moto_takes_a_plain_json_call_for_what_it_says() -> None:
    from moto.core.request import Request
    from moto.ssm.responses import SimpleSystemManagerResponse

    document = {"Name": "/ok", "x": "&Action=DeleteParameter&Name=/secret&"}
    given = environ(json.dumps(document).encode(), "Name=/secret", HTTP_X_AMZ_TARGET="AmazonSSM.GetParameter")
    response = SimpleSystemManagerResponse()
    response.setup_class(Request(plain(given)))
    assert response._get_action() == "GetParameter"
    assert response._get_param("Name") == "/ok"


def test_a_form_has_no_query() -> None:
    body = b"Action=GetUser&UserName=a%26b"
    found = plain(
        environ(body, "Action=DeleteUser", "iam", CONTENT_TYPE="application/x-www-form-urlencoded", HTTP_ACTION="x")
    )
    assert (found["QUERY_STRING"], found["wsgi.input"].read()) == ("", body)


@pytest.mark.parametrize("service", ["s3", "lambda"])
def test_rest_requests_stay_as_they_are(service: str) -> None:
    given = environ(b"a&b", "acl", service)
    assert plain(given) is given


def test_a_query_call_in_the_url_keeps_it_and_loses_a_second_operation() -> None:
    found = plain(
        environ(b"", "Action=GetUser&Version=1", "iam", HTTP_X_AMZ_TARGET="x.DeleteUser", HTTP_ACTION="DeleteUser")
    )
    assert found["QUERY_STRING"] == "Action=GetUser&Version=1"
    assert not {"HTTP_X_AMZ_TARGET", "HTTP_ACTION"} & set(found)


def test_json_that_calls_itself_a_form_is_json() -> None:
    body = b'{"Name": "/ok", "x": "&Name=/secret&"}'
    found = plain(
        environ(body, CONTENT_TYPE="application/x-www-form-urlencoded", HTTP_X_AMZ_TARGET="AmazonSSM.GetParameter")
    )
    assert found["CONTENT_TYPE"] == "application/x-amz-json-1.1"
    assert b"&" not in found["wsgi.input"].read()


def test_a_json_service_wants_its_operation_where_json_services_name_it() -> None:
    with pytest.raises(AwsError, match="X-Amz-Target is missing"):
        plain(environ(b'{"Name": "/secret"}', "Action=GetParameter&Name=/ok"))


def test_a_url_signed_for_a_service_is_that_services_to_moto_too() -> None:
    signed = "X-Amz-Credential=AKIA%2F20240101%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Signature=x"
    given = {**environ(b"", f"Action=GetCallerIdentity&{signed}"), "REQUEST_METHOD": "GET", "HTTP_AUTHORIZATION": ""}
    found = plain(given)
    assert "Credential=AKIA/20240101/us-east-1/sts/aws4_request" in found["HTTP_AUTHORIZATION"]
    assert found["QUERY_STRING"] == "Action=GetCallerIdentity"
    assert found["RAW_URI"] == "/?Action=GetCallerIdentity"
    s3 = {**given, "QUERY_STRING": given["QUERY_STRING"].replace("sts", "s3")}
    assert plain(s3)["HTTP_AUTHORIZATION"] == ""
