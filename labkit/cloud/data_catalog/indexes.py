"""Partition indexes: what is declared is kept and checked; look-ups here need none to be quick.

The refusals' texts are those that floci-io/floci#3551 measured on AWS.
"""

from __future__ import annotations

from collections.abc import Sequence

from labkit.cloud.call import AwsError
from labkit.cloud.data_catalog.records import Document, Table
from labkit.cloud.data_catalog.storage import INDEX, Change, Storage

# AWS's quota of partition indexes a table.
_MOST = 3


def create_indexes(storage: Storage, table: Table, given: Sequence[Document]) -> None:
    """AlreadyExistsException, InvalidInputException for keys that are none, ResourceNumberLimitExceededException."""
    with storage.lock:
        made: dict[str, Document] = {}
        for one in given:
            made[one["IndexName"]] = _checked(table, one, made)
        place = [table.document["DatabaseName"], table.document["Name"]]
        storage.write(Change(puts=[(INDEX, [*place, name], document) for name, document in made.items()]))
        table.indexes.update(made)


def _checked(table: Table, given: Document, made: dict[str, Document]) -> Document:
    name = given["IndexName"]
    known = {**table.indexes, **made}
    if name in known:
        raise AwsError("AlreadyExistsException", f"Partition Index {name} already exists with the same name.")
    if len(known) >= _MOST:
        raise AwsError("ResourceNumberLimitExceededException", f"Partition index limit exceeded. Maximum: {_MOST}")
    types = {key["Name"].lower(): key.get("Type", "string") for key in table.keys}
    keys = []
    for key in given["Keys"]:
        if key.lower() not in types:
            text = f"IndexKeys not a part of PartitionColumns. Verify the indexKeys : [{key}]"
            raise AwsError("InvalidInputException", text)
        keys.append({"Name": key.lower(), "Type": types[key.lower()]})
    same = next(
        (other for other in known.values() if [one["Name"] for one in other["Keys"]] == [one["Name"] for one in keys]),
        None,
    )
    if same is not None:
        text = f"Partition Index {same['IndexName']} already exists with the same keys."
        raise AwsError("AlreadyExistsException", text)
    return {"IndexName": name, "Keys": keys, "IndexStatus": "ACTIVE"}


def delete_index(storage: Storage, table: Table, name: str) -> None:
    """EntityNotFoundException."""
    with storage.lock:
        if name not in table.indexes:
            raise AwsError("EntityNotFoundException", f"Partition index {name} not found.")
        storage.write(Change(deletes=[(INDEX, [table.document["DatabaseName"], table.document["Name"], name])]))
        del table.indexes[name]
