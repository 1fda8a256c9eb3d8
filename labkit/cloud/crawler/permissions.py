"""A crawl has the permissions of its role: the store, the catalog and the log as the role's session may use them.

Refusals in AWS's words: that of the log is recorded in public notes of students ("Service Principal: glue.amazonaws.com is not authorized
to perform: logs:PutLogEvents …"), that of an object in "403 Access Denied error in AWS Glue crawler" (knowledge center).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.identity.authorizer import Guard
from labkit.cloud.identity.catalog import GuardedCatalog
from labkit.cloud.identity.logbook import log_refusal
from labkit.cloud.identity.store import GuardedStore, refused_object

if TYPE_CHECKING:
    from labkit.cloud.catalog import Document
    from labkit.cloud.services import Services

SESSION = "AWS-Crawler"
_GUIDE = (
    "For more information, see Setting up IAM Permissions in the Developer Guide "
    "(http://docs.aws.amazon.com/glue/latest/dg/getting-started-access.html)."
)


class CrawlerCatalog(GuardedCatalog):
    """The catalog as a crawler asks it: table by table, and partitions by their values."""

    def list_tables(self, database: str, expression: str | None = None) -> list[Document]:
        """The tables that the crawler remembers; what it does with one asks for that one."""
        return self._catalog.list_tables(database, *([] if expression is None else [expression]))

    def list_partitions(self, database: str, table: str, expression: str | None = None) -> list[Document]:
        """As Catalog.list_partitions, with glue:BatchGetPartition."""
        self._ask_of_table("BatchGetPartition", database, table)
        return self._catalog.list_partitions(database, table, *([] if expression is None else [expression]))


@dataclass(frozen=True)
class Permitted:
    """What one crawl may use."""

    store: GuardedStore
    catalog: CrawlerCatalog


def permitted(services: Services, role: str, scope: Scope) -> Permitted:
    """What the session of a role may use; `role` is an ARN."""
    guard = services.role_guard(role, SESSION, scope)
    return Permitted(GuardedStore(guard, services.store), CrawlerCatalog(guard, services.catalog(scope), scope))


class LogDenied(Exception):
    """A crawl that may not write its log: it fails before it begins, and leaves no line."""


def check_log(services: Services, role: str, scope: Scope, group: str, stream: str) -> None:
    """LogDenied when the role's session may not write to the stream."""
    guard: Guard = services.role_guard(role, SESSION, scope)
    refusal = log_refusal(guard, services.logs(scope), scope, group, stream)
    if refusal is None:
        return
    # AWS names its own service here; the session behind it is ours to tell.
    said = refusal.message.replace(f"User: {guard.principal.arn}", "Service Principal: glue.amazonaws.com", 1)
    tail = _tail("AWSLogs", 400, "AccessDeniedException")
    raise LogDenied(f"{said} ({tail}). {_GUIDE} The session of the crawler's role is {guard.principal.arn}.")


def catalog_denied(error: AwsError) -> str:
    """The Data Catalog's refusal."""
    return f"{error.message} ({_tail('AWSGlue', 400, 'AccessDeniedException')}). {_GUIDE}"


def listing_denied(path: str, error: AwsError) -> str:
    """S3 does not let the role list a target."""
    return f"Access Denied ({_tail('Amazon S3', 403, 'AccessDenied')}) listing {path}. {error.message}. {_GUIDE}"


def reading_denied(file: str, error: AwsError) -> str:
    """S3 does not let the role read a file."""
    return (
        f"Error Access Denied ({_tail('Amazon S3', 403, 'AccessDenied')}) retrieving file at {file}. Tables created did not infer "
        f"schemas from this file. {error.message}. {_GUIDE}"
    )


def denied_file(error: AwsError, objects: Sequence[Any]) -> str:
    """The address of the object that a refusal names."""
    return f"s3://{refused_object(error) or f'{objects[0].bucket}/{objects[0].key}'}"


def sampled(objects: Iterable[Any], sample_size: int | None) -> list[Any]:
    """The objects that are read: of each folder the first few."""
    counted: dict[str, int] = {}
    found = []
    for one in objects:
        folder = one.key.rpartition("/")[0]
        counted[folder] = counted.get(folder, 0) + 1
        if not sample_size or counted[folder] <= sample_size:
            found.append(one)
    return found


def _tail(service: str, status: int, code: str) -> str:
    return f"Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {uuid.uuid4()}; Proxy: null"
