"""Glue classifiers, which notebook 3 has students make. They take no tags: only the ledger says whose one is."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.aws.session import Clients
from labkit.teardown.absent import unless_missing
from labkit.teardown.thing import Shelf, Thing

KIND = "glue-classifier"


def _list(clients: Clients) -> list[Thing]:
    return [
        Thing(KIND, body["Name"], body.get("CreationTime"))
        for page in clients.glue.get_paginator("get_classifiers").paginate()
        for classifier in page["Classifiers"]
        for body in classifier.values()
        if isinstance(body, dict)
    ]


def _read_tags(_clients: Clients, _thing: Thing) -> Mapping[str, str]:
    return {}


def _delete(clients: Clients, thing: Thing) -> None:
    unless_missing(clients.glue.delete_classifier, Name=thing.name)


def _exists(clients: Clients, name: str) -> bool:
    return unless_missing(clients.glue.get_classifier, Name=name) is not None


SHELF = Shelf(
    KIND, _list, _read_tags, _delete, _exists, "aws glue delete-classifier --name {name} {where}", is_optional=True
)
