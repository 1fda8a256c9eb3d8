from __future__ import annotations

import ast
import shlex
from pathlib import Path

from labkit.aws.call import AwsCall, FileBytes, JsonText


def build(service: str, operation: str, **params: object) -> AwsCall:
    return AwsCall(service, operation, params, "create", "kind", "name")


def test_a_call_is_one_line_of_python_that_parses() -> None:
    call = build("glue", "create_job", Name="año's job", MaxRetries=0, DefaultArguments={"--x": "y"})
    line = call.as_boto3()
    assert line == """boto3.client("glue").create_job(Name="año's job", MaxRetries=0, DefaultArguments={'--x': 'y'})"""
    ast.parse(line)


def test_documents_and_files_are_shown_by_what_they_are() -> None:
    call = build("iam", "put_role_policy", PolicyDocument=JsonText({"Version": "2012-10-17"}))
    assert "json.dumps({'Version': '2012-10-17'})" in call.as_boto3()
    assert call.resolved() == {"PolicyDocument": '{"Version": "2012-10-17"}'}
    code = build("lambda", "create_function", FunctionName="f", Code={"ZipFile": FileBytes("f.zip", b"PK")})
    assert "pathlib.Path('f.zip').read_bytes()" in code.as_boto3()
    assert shlex.split(code.as_cli())[-2:] == ["--zip-file", "fileb://f.zip"]
    assert code.resolved()["Code"] == {"ZipFile": b"PK"}


def test_a_cli_line_spells_names_as_the_cli_does_and_survives_the_shell() -> None:
    call = build("s3", "put_bucket_notification_configuration", Bucket="b", NotificationConfiguration={"a": ["it's"]})
    words = shlex.split(call.as_cli())
    assert words[:3] == ["aws", "s3api", "put-bucket-notification-configuration"]
    assert words[3:] == ["--bucket", "b", "--notification-configuration", '{"a": ["it\'s"]}']


def test_an_upload_is_a_copy_for_the_cli(tmp_path: Path) -> None:
    path = tmp_path / "con espacio.csv"
    extra = {"Metadata": {"d": "1"}}
    words = shlex.split(build("s3", "upload_file", Filename=str(path), Bucket="b", Key="k", ExtraArgs=extra).as_cli())
    assert words == ["aws", "s3", "cp", str(path), "s3://b/k", "--metadata", '{"d": "1"}']


def test_a_flag_is_a_flag() -> None:
    assert build("glue", "x", Force=True).as_cli().endswith("--force")
    assert build("glue", "x", Force=False).as_cli().endswith("--no-force")


def test_the_body_of_a_file_does_not_flood_a_log() -> None:
    assert "PK" not in repr(FileBytes("f.zip", b"PKPKPK"))
