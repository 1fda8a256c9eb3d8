"""The callers that the cases speak of."""

from __future__ import annotations

from labkit.cloud.identity.principal import Principal

_ACCOUNT = "123456789012"
_ANA = f"arn:aws:iam::{_ACCOUNT}:user/ana"
_STUDENT = f"arn:aws:iam::{_ACCOUNT}:user/student"
_ETL = f"arn:aws:sts::{_ACCOUNT}:assumed-role/etl-role/run-1"

PRINCIPALS: dict[str, Principal] = {
    "ana": Principal("user", _ACCOUNT, _ANA, "AIDAANA", "ana"),
    "student": Principal("user", _ACCOUNT, _STUDENT, "AIDASTUDENT", "student", unlimited=True),
    "root": Principal("root", _ACCOUNT, f"arn:aws:iam::{_ACCOUNT}:root", _ACCOUNT, "root"),
    "etl": Principal(
        "role-session",
        _ACCOUNT,
        _ETL,
        "AROAETL:run-1",
        "etl-role",
        issuer_arn=f"arn:aws:iam::{_ACCOUNT}:role/etl/etl-role",
        session_name="run-1",
    ),
    "eva": Principal(
        "federated-user",
        _ACCOUNT,
        f"arn:aws:sts::{_ACCOUNT}:federated-user/eva",
        f"{_ACCOUNT}:eva",
        "eva",
        issuer_arn=_ANA,
    ),
    "bea": Principal("user", "999988887777", "arn:aws:iam::999988887777:user/bea", "AIDABEA", "bea"),
    "glue": Principal("service", "", "glue.amazonaws.com", "glue.amazonaws.com", "glue.amazonaws.com"),
    "s3": Principal("service", "", "s3.amazonaws.com", "s3.amazonaws.com", "s3.amazonaws.com"),
    "anonymous": Principal("anonymous", "", "anonymous", "anonymous", "anonymous"),
}
