"""`labkit.open` with target aws, rehearsed on the session's cloud: whose account it is, and nothing made unasked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.conftest import RunningCloud

pytestmark = pytest.mark.slow
_TRY = (
    "def refused(call):\n"
    "    try: call()\n"
    "    except Exception as error: return '\\n'.join(error._render_traceback_())\n"
)


def rehearse(cloud: RunningCloud, folder: Path, code: str, **environment: str) -> Any:
    """Run lines as a notebook whose target is AWS would, and return what they leave in `found`."""
    given = {"LABKIT_TARGET": "aws", "AWS_ENDPOINT_URL": cloud.endpoint_url, "LABKIT_STATE": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", f"import json, os, labkit\n{_TRY}{code}\nprint('FOUND ' + json.dumps(found))"],
        env={**os.environ, **given, "LABKIT_LANG": "en", "LABKIT_STUDENT": "apertura en aws", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "FOUND " in done.stdout, done.stderr
    return json.loads(done.stdout.rpartition("FOUND ")[2])


def test_the_account_is_named_and_nothing_is_made_before_it_was_asked_for(cloud: RunningCloud, tmp_path: Path) -> None:
    code = (
        "found = {'unnamed': refused(lambda: labkit.open(3)), 'wrong': refused(lambda: labkit.open(3, account='1' * 12))}\n"
        "lab = labkit.open(3, account='123456789012')\n"
        "import boto3\n"
        "s3 = boto3.client('s3')\n"
        "def names(): return [item['Name'] for item in s3.list_buckets()['Buckets'] if item['Name'] in lab.names.lab_bucket_names]\n"
        "found['before'] = names()\n"
        "found['told'] = str(lab.catch_up())\n"
        "found['after'] = sorted(names()) == sorted(lab.names.lab_bucket_names)\n"
        "found['again'] = str(lab.catch_up())\n"
        "found['variables'] = [os.environ[name] for name in ('LABKIT_ACCOUNT', 'AWS_REGION', 'AWS_DEFAULT_REGION')]\n"
        "found['endpoint'] = s3.meta.endpoint_url == lab.clients.s3.meta.endpoint_url\n"
        "found['ledger'] = sorted({entry.target for entry in lab.surroundings.ledger.entries()})"
    )
    found = rehearse(cloud, tmp_path, code, AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="us-west-2")
    assert 'labkit.open(3, account="123456789012")' in found["unnamed"]
    assert "not 111111111111" in found["wrong"]
    assert found["before"] == []
    assert "Step 1" in found["told"]
    assert "Step 2" in found["told"]
    assert found["after"]
    assert "nothing was changed" in found["again"]
    assert found["variables"] == ["123456789012", "eu-west-1", "eu-west-1"]
    assert found["endpoint"]
    assert found["ledger"] == ["rehearsal"]


def test_no_file_of_the_users_sends_a_local_notebook_to_aws(cloud: RunningCloud, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[default]\nignore_configured_endpoint_urls = true\nregion = sa-east-1\nendpoint_url = https://s3.amazonaws.com\n"
        "services = mine\n[services mine]\ns3 =\n  endpoint_url = https://s3.amazonaws.com\n",
        encoding="utf-8",
    )
    code = (
        "lab = labkit.open(0)\n"
        "import boto3\n"
        "clients = [boto3.client(name) for name in ('s3', 'glue', 'sts')]\n"
        "found = [[client.meta.endpoint_url, client.meta.region_name] for client in clients]"
    )
    given = {
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com",
        "LABKIT_CLOUD": cloud.endpoint_url,
        "AWS_PROFILE": "nobody",
    }
    found = rehearse(cloud, tmp_path, code, LABKIT_TARGET="local", AWS_ENDPOINT_URL="", **given)
    assert found == [[cloud.endpoint_url, "us-east-1"]] * 3


def test_what_cells_make_is_told_by_the_reminder_and_taken_down(cloud: RunningCloud, tmp_path: Path) -> None:
    """By plain boto3 and by lab.client: in the ledger before teardown, gone after it; what was there before stays."""
    code = (
        "lab = labkit.open(1, account='123456789012')\n"
        "import boto3\n"
        "s3, glue = boto3.client('s3'), boto3.client('glue')\n"
        "other = boto3.Session().client('s3')\n"
        "other.create_bucket(Bucket='recuerdo-de-antes')\n"
        "s3.create_bucket(Bucket='recuerdo-de-antes')\n"
        "s3.create_bucket(Bucket='recuerdo-de-la-celda')\n"
        "s3.put_object(Bucket='recuerdo-de-la-celda', Key='a', Body=b'1')\n"
        "glue.create_classifier(CsvClassifier={'Name': 'recuerdo-csv', 'Delimiter': ';'})\n"
        "lab.client('glue').create_database(DatabaseInput={'Name': 'recuerdo_db'})\n"
        "names = ('recuerdo-de-antes', 'recuerdo-de-la-celda', 'recuerdo-csv', 'recuerdo_db')\n"
        "found = {'remains': [name for name in names if name in str(lab.remains())]}\n"
        "found['planned'] = [name for name in names if name in str(lab.teardown())]\n"
        "found['still'] = glue.get_database(Name='recuerdo_db')['Database']['Name']\n"
        "done = lab.teardown(delete=True)\n"
        "found['proven'] = done.is_proven\n"
        "found['left'] = [item['Name'] for item in s3.list_buckets()['Buckets'] if item['Name'].startswith('recuerdo')]\n"
        "found['after'] = str(lab.remains())\n"
        "s3.delete_bucket(Bucket='recuerdo-de-antes')"
    )
    found = rehearse(cloud, tmp_path, code, LABKIT_STUDENT="recuerdo")
    made = ["recuerdo-de-la-celda", "recuerdo-csv", "recuerdo_db"]
    assert found["remains"] == made
    assert found["planned"] == made
    assert found["still"] == "recuerdo_db"
    assert found["proven"]
    assert found["left"] == ["recuerdo-de-antes"]
    assert "Nothing of the lab is left" in found["after"]
