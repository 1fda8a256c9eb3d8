"""Connections of the catalog: what `extract_jdbc_conf` gives to a script."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from . import _aws

_URL = re.compile(r"^(jdbc:(?P<vendor>[^:]+):.*?//@?[^/;?]+)")


def _vendor(url: str) -> str:
    match = _URL.match(url)
    vendor = match.group("vendor") if match else url.removeprefix("jdbc:").partition(":")[0]
    return vendor.lower()


def _credentials(properties: Mapping[str, str]) -> tuple[str, str]:
    """User and password: of the connection, or of the secret that it names."""
    secret = properties.get("SECRET_ID")
    if not secret:
        return properties.get("USERNAME", ""), properties.get("PASSWORD", "")
    text = _aws.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    found = json.loads(text)
    return str(found.get("username") or found.get("user") or ""), str(found.get("password") or "")


def extract_jdbc_conf(name: str, catalog_id: str | None = None) -> dict[str, Any]:
    """The settings of a catalog connection: url (without the database), fullUrl, user, password, vendor, TLS settings.

    Raises the service's EntityNotFoundException for a connection that does not exist, ValueError for one without a URL.
    """
    scope = {"CatalogId": catalog_id} if catalog_id else {}
    connection = _aws.client("glue").get_connection(Name=name, **scope)["Connection"]
    properties = connection.get("ConnectionProperties") or {}
    full = properties.get("JDBC_CONNECTION_URL", "")
    if not full:
        kind = connection.get("ConnectionType", "unknown")
        raise ValueError(f"Connection {name!r} (type {kind}) has no JDBC_CONNECTION_URL, so it is no JDBC connection.")
    match = _URL.match(full)
    user, password = _credentials(properties)
    return {
        "url": match.group(1) if match else full,
        "fullUrl": full,
        "user": user,
        "password": password,
        "vendor": _vendor(full),
        "enforceSSL": properties.get("JDBC_ENFORCE_SSL", "false").lower(),
        "customJDBCCert": properties.get("CUSTOM_JDBC_CERT", ""),
        "customJDBCCertString": properties.get("CUSTOM_JDBC_CERT_STRING", ""),
        "skipCustomJDBCCertValidation": properties.get("SKIP_CUSTOM_JDBC_CERT_VALIDATION", "false").lower(),
    }
