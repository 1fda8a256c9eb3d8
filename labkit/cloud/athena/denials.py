"""AccessDenied in the words of a query that fails with it.

Recorded on AWS: the catalog's in LBHackney-IT/Data-Platform#1823 and, for Hive's DDL, `MetaException(message:User: … is not authorized …
(Service: AmazonDataCatalog; …))`; S3's in kubecost/docs#125 and in the knowledge center ("Access Denied" in Athena). Behind them always
stands who may not do what on which resource, which AWS leaves out of S3's.
"""

from __future__ import annotations

import uuid

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.call import AwsError

# ErrorType of a failure for want of permission.
PERMISSION = 1500
# What Trino runs; everything else is Hive's DDL.
_TRINO = ("select", "explain", "execute", "create_table_as", "insert", "unload", "create_view", "drop_view")
_READING = ("glue:Get", "glue:BatchGet", "glue:Search")


def catalog_denied(error: AwsError, kind: str) -> QueryFailure:
    """A refusal of the Data Catalog; `kind` is the statement's."""
    said = said_by_catalog(error)
    if kind not in _TRINO:
        task = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask."
        return QueryFailure("", f"{task} MetaException(message:{said})", error_type=PERMISSION)
    reading = any(f"not authorized to perform: {prefix}" in error.message for prefix in _READING)
    return QueryFailure(
        "", ("Insufficient permissions to execute the query. " if reading else "") + said, error_type=PERMISSION
    )


def said_by_catalog(error: AwsError) -> str:
    """The sentence of the Data Catalog, as its client shows it."""
    return f"{error.message} ({_tail('AmazonDataCatalog', 400, 'AccessDeniedException')})"


def path_denied(location: str, error: AwsError) -> QueryFailure:
    """S3 does not let a query list a folder or read an object."""
    text = f"Permission denied on S3 path: {location}. {_s3(error)}"
    return QueryFailure("", text, error_type=PERMISSION)


def write_denied(location: str, error: AwsError) -> QueryFailure:
    """S3 does not let a query write an object of a table."""
    return QueryFailure("PERMISSION_DENIED", f"Failed to write {location}: {_s3(error)}", error_type=PERMISSION)


def output_denied(location: str, error: AwsError) -> QueryFailure:
    """S3 does not let a query write its result."""
    text = (
        f"Access denied when writing output to url: {location} . Please ensure you are allowed to access the S3 bucket. "
        "If you are encrypting query results with KMS key, please ensure you are allowed to access your KMS key"
    )
    return QueryFailure("", f"{text}. {_s3(error)}", error_type=PERMISSION)


def denied(error: AwsError, kind: str) -> QueryFailure:
    """Any refusal, when no more is known than the statement's kind."""
    if error.code == "AccessDenied":
        return QueryFailure("PERMISSION_DENIED", _s3(error), error_type=PERMISSION)
    return catalog_denied(error, kind)


def s3_denied(error: AwsError) -> str:
    """S3's refusal as Hive's metastore shows it."""
    return f"com.amazonaws.services.s3.model.AmazonS3Exception {_s3(error)}"


def _s3(error: AwsError) -> str:
    return f"Access Denied: {error.message} ({_tail('Amazon S3', 403, 'AccessDenied')})"


def _tail(service: str, status: int, code: str) -> str:
    return f"Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {uuid.uuid4()}; Proxy: null"
