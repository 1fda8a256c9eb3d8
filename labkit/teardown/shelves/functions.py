"""Lambda functions, with what invokes them by polling; versions, aliases, policy and URL go with the function by themselves."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.aws.functions import find_function
from labkit.aws.session import Clients
from labkit.teardown.absent import read_tags, unless_missing
from labkit.teardown.thing import Shelf, Thing

KIND = "lambda-function"


def _list(clients: Clients) -> list[Thing]:
    # LastModified is no date of birth, so there is none.
    return [
        Thing(KIND, item["FunctionName"], None, item["FunctionArn"])
        for page in clients.lambda_.get_paginator("list_functions").paginate()
        for item in page["Functions"]
    ]


def _read_tags(clients: Clients, thing: Thing) -> Mapping[str, str] | None:
    return read_tags(lambda: dict(clients.lambda_.list_tags(Resource=thing.arn)["Tags"]))


def _delete(clients: Clients, thing: Thing) -> None:
    client = clients.lambda_
    for page in client.get_paginator("list_event_source_mappings").paginate(FunctionName=thing.name):
        for mapping in page["EventSourceMappings"]:
            unless_missing(client.delete_event_source_mapping, UUID=mapping["UUID"])
    unless_missing(client.delete_function, FunctionName=thing.name)


def _exists(clients: Clients, name: str) -> bool:
    return find_function(clients.lambda_, name) is not None


SHELF = Shelf(KIND, _list, _read_tags, _delete, _exists, "aws lambda delete-function --function-name {name} {where}")
