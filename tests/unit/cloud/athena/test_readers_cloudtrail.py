"""Logs of CloudTrail, as the user guide's table reads them."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.unit.cloud.athena.fakes import Athena

JSON = "org.apache.hive.hcatalog.data.JsonSerDe"
OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
RECORDS = [
    {
        "eventName": "PutObject",
        "userIdentity": {"type": "IAMUser", "userName": "Íñigo"},
        "requestParameters": {"bucketName": "b", "x": [1, 2]},
        "resources": [{"ARN": "arn:x", "type": "AWS::S3::Object"}],
    },
    {"eventName": "ListBuckets", "requestParameters": None},
]


def table(lake: Athena, serde: str = JSON) -> None:
    # https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-ct.html, shortened
    lake.ok(
        "CREATE EXTERNAL TABLE t (eventname string, useridentity struct<type:string,username:string>, requestparameters string, "
        f"resources array<struct<arn:string,type:string>>) ROW FORMAT SERDE '{serde}' "
        f"STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat' OUTPUTFORMAT '{OUTPUT}' LOCATION 's3://data/t/'"
    )


@pytest.mark.parametrize("serde", [JSON, "com.amazon.emr.hive.serde.CloudTrailSerde"])
def test_every_record_of_a_file_is_a_row(lake: Athena, serde: str) -> None:
    body = gzip.compress(json.dumps({"Records": RECORDS}, indent=2).encode())
    lake.put("t/2024/a.json.gz", body)
    lake.put("t/2024/b.json", json.dumps({"Records": []}).encode())
    table(lake, serde)
    sql = "SELECT eventname, useridentity.username, requestparameters, resources[1].arn FROM t WHERE eventname = 'PutObject'"
    assert lake.ok(sql) == [["PutObject", "Íñigo", '{"bucketName":"b","x":[1,2]}', "arn:x"]]
    counted = lake.run('SELECT count(*), count(requestparameters), max("$path") FROM t')
    assert counted.rows == [["2", "1", "s3://data/t/2024/a.json.gz"]]
    assert counted.scanned_bytes == len(body) + len(json.dumps({"Records": []}))


def test_what_is_no_log_is_named(lake: Athena) -> None:
    lake.put("t/a.json", "x,y\n")
    table(lake)
    assert "HIVE_CURSOR_ERROR: Error reading file: s3://data/t/a.json" in lake.fails("SELECT * FROM t")
