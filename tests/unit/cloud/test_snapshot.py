from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from labkit.errors import LabError

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "123456789012"


@pytest.fixture
def moto() -> Any:
    from labkit.cloud import hooks

    hooks.set_environment()
    import moto.backends

    return moto.backends


def round_trip(moto: Any, folder: Path, service: str, region: str) -> Any:
    from labkit.cloud.snapshot import Snapshots

    saving = Snapshots(folder)
    saving.load()
    saving.mark(service, ACCOUNT, region)
    saving.flush()
    del moto.get_backend(service)[ACCOUNT][region]
    Snapshots(folder).load()
    return moto.get_backend(service)[ACCOUNT][region]


def test_a_role_keeps_its_policies_with_their_documents(moto: Any, tmp_path: Path) -> None:
    iam = moto.get_backend("iam")[ACCOUNT]["aws"]
    role = iam.create_role("r", "{}", "/", None, "", {}, "3600")
    policy = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    iam.attach_role_policy(policy, "r")
    found = round_trip(moto, tmp_path, "iam", "aws").get_role("r")
    assert (found.arn, list(found.managed_policies)) == (role.arn, [policy])
    assert "s3:*" in found.managed_policies[policy].versions[-1].document


@pytest.mark.parametrize(
    "service", ["lambda", "sqs", "ssm", "kms", "logs", "glue", "events", "sns", "dynamodb", "cloudwatch"]
)
def test_every_service_that_is_answered_can_be_saved(moto: Any, tmp_path: Path, service: str) -> None:
    before = moto.get_backend(service)[ACCOUNT]["us-east-1"]
    if service == "kms":
        before.create_key("", "", "RSA_2048", "", {}, "")
    assert type(round_trip(moto, tmp_path, service, "us-east-1")) is type(before)


def test_a_folder_of_another_moto_is_refused_by_name(moto: Any, tmp_path: Path) -> None:
    from labkit.cloud.snapshot import Snapshots

    (tmp_path / "moto.json").write_text(json.dumps({"moto": "1.0"}))
    with pytest.raises(LabError, match=r"moto 1\.0") as caught:
        Snapshots(tmp_path).load()
    assert "labkit reset" in caught.value.next_step
    assert caught.value.key == "error.state_other_moto"
    assert caught.value.facts["written"] == "1.0"


def test_a_damaged_file_is_named(moto: Any, tmp_path: Path) -> None:
    from labkit.cloud.snapshot import Snapshots

    path = tmp_path / "glue" / ACCOUNT / "us-east-1.pickle"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a pickle")
    with pytest.raises(LabError, match="saved state of glue cannot be read"):
        Snapshots(tmp_path).load()
