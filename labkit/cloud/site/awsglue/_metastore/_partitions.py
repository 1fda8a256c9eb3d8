"""The metastore's methods about partitions."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from pymetastore.hive_metastore import ttypes as hive

from awsglue import _aws
from awsglue._metastore import _documents as documents
from awsglue._metastore import _json_tables
from awsglue._metastore._errors import answering
from awsglue._metastore._folders import delete_folder, make_folder
from awsglue._metastore._names import glue_expression, partition_name, values_of
from awsglue._metastore._tables import get_table, is_managed

_BATCH = 100  # the limit of BatchCreatePartition and BatchUpdatePartition


def _list(database: str, table: str, expression: str = "") -> list[dict[str, Any]]:
    arguments = {"DatabaseName": database, "TableName": table}
    if expression:
        arguments["Expression"] = expression
    pages = _aws.client("glue").get_paginator("get_partitions").paginate(**arguments)
    return [found for page in pages for found in page["Partitions"]]


def _keys(database: str, table: str) -> list[str]:
    return [key["Name"] for key in get_table(database, table).get("PartitionKeys") or ()]


def _first(found: list[Any], most: int) -> list[Any]:
    return found if most is None or most < 0 else found[:most]


def _starting_with(found: list[dict[str, Any]], values: list[str]) -> list[dict[str, Any]]:
    """A partial specification: an empty value stands for any."""
    return [
        one for one in found if all(not want or want == have for want, have in zip(values, one["Values"], strict=False))
    ]


def _input(partition: Any, table: dict[str, Any]) -> dict[str, Any]:
    return _json_tables.partition_for_catalog(documents.partition_to_glue(partition), table)


def _check_errors(errors: list[dict[str, Any]], table: str, *, if_not_exists: bool = False) -> None:
    for error in errors:
        detail = error.get("ErrorDetail", {})
        if detail.get("ErrorCode") == "AlreadyExistsException":
            if if_not_exists:
                continue
            raise hive.AlreadyExistsException(f"Partition {error.get('PartitionValues')} of {table} already exists.")
        raise hive.MetaException(f"{detail.get('ErrorCode')}: {detail.get('ErrorMessage')}")


class Partitions:
    """Partitions of the Data Catalog's tables."""

    @answering
    def get_partitions(self, database: str, table: str, most: int) -> list[Any]:
        return [documents.partition_to_hive(one, database, table) for one in _first(_list(database, table), most)]

    def get_partitions_with_auth(self, database: str, table: str, most: int, user: str, groups: Any) -> list[Any]:
        found: list[Any] = self.get_partitions(database, table, most)
        return found

    @answering
    def get_partitions_by_filter(self, database: str, table: str, text: str, most: int) -> list[Any]:
        try:
            found = _list(database, table, glue_expression(text))
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidInputException":
                raise
            found = _list(database, table)  # Spark prunes what it gets once more: all of them is a right answer too
        return [documents.partition_to_hive(one, database, table) for one in _first(found, most)]

    @answering
    def get_partitions_ps(self, database: str, table: str, values: list[str], most: int) -> list[Any]:
        found = _starting_with(_list(database, table), values)
        return [documents.partition_to_hive(one, database, table) for one in _first(found, most)]

    def get_partitions_ps_with_auth(
        self, database: str, table: str, values: list[str], most: int, user: str, groups: Any
    ) -> list[Any]:
        found: list[Any] = self.get_partitions_ps(database, table, values, most)
        return found

    @answering
    def get_partition_names(self, database: str, table: str, most: int) -> list[str]:
        keys = _keys(database, table)
        return _first(sorted(partition_name(keys, one["Values"]) for one in _list(database, table)), most)

    @answering
    def get_partition_names_ps(self, database: str, table: str, values: list[str], most: int) -> list[str]:
        keys = _keys(database, table)
        found = _starting_with(_list(database, table), values)
        return _first(sorted(partition_name(keys, one["Values"]) for one in found), most)

    @answering
    def get_partitions_by_names(self, database: str, table: str, names: list[str]) -> list[Any]:
        wanted = [values_of(name) for name in names]
        return [
            documents.partition_to_hive(one, database, table)
            for one in _list(database, table)
            if list(one["Values"]) in wanted
        ]

    @answering
    def get_partition(self, database: str, table: str, values: list[str]) -> Any:
        reply = _aws.client("glue").get_partition(DatabaseName=database, TableName=table, PartitionValues=values)
        return documents.partition_to_hive(reply["Partition"], database, table)

    def get_partition_with_auth(self, database: str, table: str, values: list[str], user: str, groups: Any) -> Any:
        return self.get_partition(database, table, values)

    def get_partition_by_name(self, database: str, table: str, name: str) -> Any:
        return self.get_partition(database, table, values_of(name))


class PartitionChanges:
    """Partitions added, changed and dropped."""

    @answering
    def add_partitions_req(self, request: Any) -> Any:
        client, document = _aws.client("glue"), get_table(request.dbName, request.tblName)
        for one in request.parts:
            make_folder(one.sd.location)
        inputs = [_input(one, document) for one in request.parts]
        for start in range(0, len(inputs), _BATCH):
            reply = client.batch_create_partition(
                DatabaseName=request.dbName,
                TableName=request.tblName,
                PartitionInputList=inputs[start : start + _BATCH],
            )
            _check_errors(reply.get("Errors") or [], request.tblName, if_not_exists=bool(request.ifNotExists))
        return hive.AddPartitionsResult(partitions=request.parts if request.needResult else None)

    @answering
    def add_partition(self, partition: Any) -> Any:
        _aws.client("glue").create_partition(
            DatabaseName=partition.dbName,
            TableName=partition.tableName,
            PartitionInput=_input(partition, get_table(partition.dbName, partition.tableName)),
        )
        return partition

    def add_partition_with_environment_context(self, partition: Any, context: Any) -> Any:
        return self.add_partition(partition)

    def alter_partition(self, database: str, table: str, partition: Any) -> None:
        self.rename_partition(database, table, list(partition.values), partition)

    def alter_partition_with_environment_context(self, database: str, table: str, partition: Any, context: Any) -> None:
        self.alter_partition(database, table, partition)

    def alter_partitions(self, database: str, table: str, partitions: list[Any]) -> None:
        for partition in partitions:
            self.alter_partition(database, table, partition)

    def alter_partitions_with_environment_context(
        self, database: str, table: str, partitions: list[Any], context: Any
    ) -> None:
        self.alter_partitions(database, table, partitions)

    @answering
    def rename_partition(self, database: str, table: str, values: list[str], partition: Any) -> None:
        _aws.client("glue").update_partition(
            DatabaseName=database,
            TableName=table,
            PartitionValueList=values,
            PartitionInput=_input(partition, get_table(database, table)),
        )

    @answering
    def drop_partition(self, database: str, table: str, values: list[str], delete_data: bool) -> bool:
        client = _aws.client("glue")
        found = client.get_partition(DatabaseName=database, TableName=table, PartitionValues=values)["Partition"]
        client.delete_partition(DatabaseName=database, TableName=table, PartitionValues=values)
        if delete_data and is_managed(get_table(database, table)):
            delete_folder((found.get("StorageDescriptor") or {}).get("Location"))
        return True

    def drop_partition_with_environment_context(
        self, database: str, table: str, values: list[str], delete_data: bool, context: Any
    ) -> bool:
        dropped: bool = self.drop_partition(database, table, values, delete_data)
        return dropped
