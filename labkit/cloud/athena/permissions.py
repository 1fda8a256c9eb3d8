"""A query has the permissions of who asks it: the store and the catalog as that principal may use them.

Source: docs.aws.amazon.com/athena/latest/ug, "Forward access sessions", "Configure access to databases and tables in the AWS Glue Data
Catalog", "Control access to Amazon S3 from Athena".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.denials import output_denied
from labkit.cloud.athena.records import Execution
from labkit.cloud.athena.requests import invalid
from labkit.cloud.call import AwsError, Scope
from labkit.cloud.identity.authorizer import Guard, is_denied
from labkit.cloud.identity.catalog import GuardedCatalog
from labkit.cloud.identity.store import GuardedStore, bucket_arn

_SERVICE = "athena.amazonaws.com"
# Statements that leave a manifest and no result file.
_WRITING = ("create_table_as", "insert", "unload")


class QueryCatalog(GuardedCatalog):
    """The catalog of one query; `asked` are the Glue calls by which it read, each once."""

    def __init__(self, guard: Guard, catalog: Any, scope: Scope) -> None:
        super().__init__(guard, catalog, scope)
        self._asked: dict[tuple[str, str], dict[str, Any]] = {}

    def ask(self, operation: str, params: Mapping[str, Any]) -> None:
        """As GuardedCatalog.ask."""
        super().ask(operation, params)
        if operation.startswith("Get"):
            self._asked.setdefault((operation, repr(params)), dict(params))

    @property
    def asked(self) -> list[tuple[str, dict[str, Any]]]:
        """The calls, in their order."""
        return [(operation, params) for (operation, _), params in self._asked.items()]

    def delete_table(self, database: str, name: str) -> None:
        """Hive's DROP TABLE takes the partitions first, with glue:GetPartitions and glue:DeletePartition."""
        table = self._catalog.find_table(database, name)
        if table is not None and table.get("PartitionKeys"):
            self.ask("GetPartitions", {"DatabaseName": database, "TableName": name})
            self.ask("DeletePartition", {"DatabaseName": database, "TableName": name})
        super().delete_table(database, name)


@dataclass(frozen=True)
class Permitted:
    """What a caller of Athena may use; the decisions are made when something is used."""

    guard: Guard
    store: GuardedStore
    catalog: QueryCatalog

    def check_output_bucket(self, bucket: str) -> None:
        """StartQueryExecution looks for the bucket of the result, with s3:GetBucketLocation."""
        try:
            self.guard.require("s3:GetBucketLocation", bucket_arn(bucket))
        except AwsError as denied:
            raise invalid(f"Unable to verify/create output bucket {bucket}. {denied.message}") from None

    def check_output(self, execution: Execution, kind: str) -> None:
        """QueryFailure when the result could not be written; asked for before anything is read."""
        location = execution.output_location
        written = f"{location}-manifest.csv" if kind in _WRITING else location
        bucket, key = written.removeprefix("s3://").split("/", 1)
        try:
            self.store.permit_writing(bucket, key)
        except AwsError as denied:
            raise output_denied(location, denied) from None

    def may_reuse(self, earlier: Execution) -> bool:
        """Whether a caller has access to all that an earlier execution asked the catalog for, and to its result."""
        bucket, key = earlier.output_location.removeprefix("s3://").split("/", 1)
        try:
            for operation, params in earlier.catalog_calls:
                self.catalog.ask(operation, params)
            return self.store.find(bucket, key) is not None
        except AwsError as error:
            if is_denied(error) or error.code == "NoSuchBucket":
                return False
            raise


def permitted(services: Any, access_key: str | None, scope: Scope) -> Permitted:
    """What the caller with an access key may use through Athena."""
    guard = services.guard(access_key, scope, _SERVICE)
    catalog = QueryCatalog(guard, services.catalog(scope), scope)
    return Permitted(guard, GuardedStore(guard, services.store), catalog)
