from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from labkit.aws.session import Clients
from labkit.errors import SettingsError
from labkit.names import Names, build_dataset_names, build_slug
from labkit.settings import read_settings, with_account, with_endpoint

if TYPE_CHECKING:
    from pathlib import Path


def test_without_anything_calls_go_to_the_local_cloud(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)
    assert settings.target.endpoint_url == "http://127.0.0.1:4566"
    assert settings.target.account == "123456789012"
    assert settings.target.runs_cloud
    assert not settings.target.charges
    assert settings.state_dir == tmp_path / ".labkit"
    assert settings.names == Names()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "labkit.toml").write_text('region = "eu-west-1"\nstate = "uno"\nlanguage = "en"\n', encoding="utf-8")
    from_file = read_settings({}, tmp_path)
    assert (from_file.target.region, from_file.language) == ("eu-west-1", "en")
    assert from_file.names.assets_bucket == "aws-glue-assets-123456789012-eu-west-1"
    environ = {"AWS_REGION": "us-west-2", "LABKIT_STATE": str(tmp_path / "otro año"), "LABKIT_LANG": "es"}
    settings = read_settings(environ, tmp_path)
    assert (settings.target.region, settings.language) == ("us-west-2", "es")
    assert settings.state_dir == tmp_path / "otro año"


def test_on_aws_boto3_finds_endpoint_and_credentials_itself(tmp_path: Path) -> None:
    settings = read_settings({"LABKIT_TARGET": "aws"}, tmp_path)
    assert (settings.target.endpoint_url, settings.target.credentials) == (None, None)
    assert settings.target.charges
    known = with_account(settings, "210987654321")
    assert known.names.assets_bucket == "bsg-glue-assets-210987654321-us-east-1"
    assert known.target.account == "210987654321"


def test_names_can_be_changed_by_file_and_by_variable(tmp_path: Path) -> None:
    (tmp_path / "labkit.toml").write_text('[names]\nraw_bucket = "mio"\njob = "j"\n', encoding="utf-8")
    names = read_settings({"LABKIT_JOB": "otro"}, tmp_path).names
    assert (names.raw_bucket, names.job) == ("mio", "otro")


@pytest.mark.parametrize(
    ("environ", "toml", "said"),
    [
        ({"LABKIT_TARGET": "moon"}, "", "moon"),
        ({"AWS_REGION": "Madrid"}, "", "Madrid"),
        ({"LABKIT_ACCOUNT": "12"}, "", "12"),
        ({}, "regoin = 'us-east-1'", "regoin"),
        ({}, "[names]\nraw = 'x'", "raw"),
        ({}, "[prices]\ndpu_hour = 'cheap'", "cheap"),
        ({}, "[prices]\ndpu_hour = -1", "-1"),
        ({}, "[prices]\ndpu_hour = nan", "nan"),
        ({}, "not toml", "labkit.toml"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, environ: dict[str, str], toml: str, said: str) -> None:
    (tmp_path / "labkit.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(environ, tmp_path)
    assert said in str(caught.value)
    assert caught.value.next_step


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566"])
def test_aws_at_an_address_of_this_computer_is_a_rehearsal(tmp_path: Path, endpoint: str) -> None:
    target = read_settings({"LABKIT_TARGET": "aws", "AWS_ENDPOINT_URL": endpoint}, tmp_path).target
    assert (target.rehearsal, target.charges, target.runs_cloud) == (True, True, False)
    assert target.endpoint_url == endpoint
    assert target.credentials is not None  # the environment's or made-up ones, never a profile's


@pytest.mark.parametrize(
    "endpoint",
    ["https://vpce-1.s3.us-east-1.vpce.amazonaws.com", "http://10.0.0.7:4566", "http://127.0.0.1.example.org:4566"],
)
def test_an_endpoint_that_is_neither_aws_nor_this_computer_is_refused(tmp_path: Path, endpoint: str) -> None:
    with pytest.raises(SettingsError, match="El destino es AWS, pero"):
        read_settings({"LABKIT_TARGET": "aws", "AWS_ENDPOINT_URL": endpoint}, tmp_path)
    with pytest.raises(SettingsError, match="El destino es local, pero"):
        read_settings({"AWS_ENDPOINT_URL": endpoint}, tmp_path)


def test_this_computer_and_the_word_to_ignore_it_are_neither_aws_nor_a_rehearsal(tmp_path: Path) -> None:
    environ = {
        "LABKIT_TARGET": "aws",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    }
    with pytest.raises(SettingsError, match="No está claro"):
        read_settings(environ, tmp_path)


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eusc-de-east-1"])
def test_a_region_of_another_partition_is_refused_on_aws(tmp_path: Path, region: str) -> None:
    with pytest.raises(SettingsError, match="fuera del AWS comercial"):
        read_settings({"LABKIT_TARGET": "aws", "AWS_REGION": region}, tmp_path)


def test_the_account_that_the_user_names_is_the_one_that_is_expected(tmp_path: Path) -> None:
    (tmp_path / "labkit.toml").write_text('target = "aws"\naccount = "210987654321"\n', encoding="utf-8")
    assert read_settings({}, tmp_path).target.expected_account == "210987654321"
    assert read_settings({"LABKIT_ACCOUNT": "111122223333"}, tmp_path).target.expected_account == "111122223333"


def test_a_role_may_be_given_as_an_arn_and_nothing_else_may(tmp_path: Path) -> None:
    role = "arn:aws:iam::210987654321:role/LabRole"
    environ = {"LABKIT_TARGET": "aws", "LABKIT_GLUE_ROLE": role}
    names = with_account(read_settings(environ, tmp_path), "210987654321").names
    assert names.glue_role == role
    assert names.lambda_role == "bsg-lambda-role-us-east-1"
    for wrong in ({"LABKIT_JOB": role}, {"LABKIT_GLUE_ROLE": "arn:aws:iam::2109:role/x"}):
        with pytest.raises(SettingsError, match="no puede ser"):
            read_settings({**environ, **wrong}, tmp_path)


def test_the_roles_are_those_of_the_text_or_the_least(tmp_path: Path) -> None:
    assert read_settings({}, tmp_path).roles == "lab"
    (tmp_path / "labkit.toml").write_text('roles = "least-privilege"\n', encoding="utf-8")
    assert read_settings({}, tmp_path).roles == "least-privilege"
    assert read_settings({"LABKIT_ROLES": "lab"}, tmp_path).roles == "lab"
    with pytest.raises(SettingsError, match="«todo» no dice qué roles crear"):
        read_settings({"LABKIT_ROLES": "todo"}, tmp_path)


def test_another_endpoint_changes_nothing_else(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)
    moved = with_endpoint(settings, "http://127.0.0.1:1234")
    assert moved.target.endpoint_url == "http://127.0.0.1:1234"
    assert (moved.names, moved.target.account) == (settings.names, settings.target.account)


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Ventas Año 2024", "ventas_ano_2024"), ("x" * 80, "x" * 30), ("???", "datos"), ("a-b.c", "a_b_c")],
)
def test_any_title_becomes_a_name_that_aws_takes(title: str, slug: str) -> None:
    assert build_slug(title) == slug


def test_own_data_shares_buckets_and_nothing_that_would_mix_rows() -> None:
    lab, own = Names(), build_dataset_names(Names(), "Mis ventas")
    assert own.raw_bucket == lab.raw_bucket
    assert own.glue_role == lab.glue_role
    for name in (
        "dataset",
        "processed",
        "rejected",
        "job",
        "function",
        "lambda_role",
        "raw_crawler",
        "processed_crawler",
    ):
        assert getattr(own, name) != getattr(lab, name), name
        assert len(getattr(own, name)) <= 64


def test_local_calls_heed_nothing_of_the_users_own_aws_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-north-1\nendpoint_url = https://real.example\n", encoding="utf-8"
    )
    surroundings = {
        "AWS_PROFILE": "no-such-profile",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SESSION_TOKEN": "real-token",
        "AWS_ACCESS_KEY_ID": "real-key",
        "AWS_ENDPOINT_URL_GLUE": "https://real.example",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    settings = with_endpoint(read_settings({}, tmp_path), "http://127.0.0.1:1234")
    glue = Clients(settings.target).glue
    assert glue.meta.endpoint_url == "http://127.0.0.1:1234"
    assert glue.meta.region_name == "us-east-1"
    assert glue.meta.config.proxies == {}
    credentials = glue._request_signer._credentials  # type: ignore[attr-defined]
    assert (credentials.access_key, credentials.token) == ("test", None)
