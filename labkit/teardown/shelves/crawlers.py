"""Glue crawlers, with the stream that each has in the group of all crawlers."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.aws.crawler import find_crawler
from labkit.aws.session import Clients
from labkit.teardown.absent import unless_missing
from labkit.teardown.pace import Pace
from labkit.teardown.shared_logs import delete_crawler_stream
from labkit.teardown.shelves.glue_tags import build_arn, read_glue_tags
from labkit.teardown.stopping import stop_crawler
from labkit.teardown.thing import Shelf, Thing

KIND = "glue-crawler"


def _list(clients: Clients) -> list[Thing]:
    return [
        Thing(KIND, item["Name"], item.get("CreationTime"), build_arn(clients, "crawler", item["Name"]))
        for page in clients.glue.get_paginator("get_crawlers").paginate()
        for item in page["Crawlers"]
    ]


def _read_tags(clients: Clients, thing: Thing) -> Mapping[str, str] | None:
    return read_glue_tags(clients, thing.arn)


def _delete(clients: Clients, thing: Thing) -> None:
    stop_crawler(clients, thing.name, Pace())
    delete_crawler_stream(clients, thing.name)
    unless_missing(clients.glue.delete_crawler, Name=thing.name)


def _exists(clients: Clients, name: str) -> bool:
    return find_crawler(clients.glue, name) is not None


SHELF = Shelf(KIND, _list, _read_tags, _delete, _exists, "aws glue delete-crawler --name {name} {where}")
