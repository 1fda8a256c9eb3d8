"""CREATE, ALTER, DROP and SHOW DATABASES."""

from __future__ import annotations

import re
from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work


def ddl_error(text: str, error_type: int = 1) -> QueryFailure:
    """How Athena reports a DDL task that failed."""
    words = f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {text}"
    return QueryFailure("", words, error_type=error_type)


def properties(cursor: Cursor) -> dict[str, str]:
    """``('key'='value', …)``."""
    found: dict[str, str] = {}
    cursor.expect("(")
    while not cursor.accept(")"):
        key = cursor.string()
        cursor.expect("=")
        found[key] = cursor.string()
        if not cursor.accept(",") and not cursor.at(")"):
            raise cursor.failure()
    return found


def no_database(name: str) -> QueryFailure:
    """Hive's words for a database that does not exist."""
    text = f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}"
    return QueryFailure("", text, error_type=1301)


def _create(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, "create database statement")
    quiet = cursor.accept("IF", "NOT", "EXISTS")
    document: dict[str, Any] = {"Name": cursor.name()}
    if cursor.accept("COMMENT"):
        document["Description"] = cursor.string()
    if cursor.accept("LOCATION"):
        document["LocationUri"] = s3_location(cursor.string(), f"database {document['Name']}")
    if cursor.accept("WITH"):
        cursor.expect("DBPROPERTIES")
        document["Parameters"] = properties(cursor)
    cursor.end()
    if work.catalog.find_database(document["Name"]) is not None:
        if quiet:
            return Outcome(lines=[])
        raise ddl_error(f"Database {document['Name']} already exists")
    work.catalog.create_database(document)
    return Outcome(lines=[])


def s3_location(location: str, what: str) -> str:
    """The location, if it is one that Athena takes."""
    if not re.fullmatch(r"s3://[^/]+(/.*)?", location, re.DOTALL):
        raise QueryFailure("", f"Invalid location {location} for {what}. Only S3 locations are allowed")
    return location


def _alter(work: Work, statement: Statement) -> Outcome:
    """ALTER DATABASE … SET DBPROPERTIES: keys that are given are set, the others stay."""
    cursor = Cursor(statement, 2, "alter database statement")
    name = cursor.name()
    if not cursor.at("SET", "DBPROPERTIES"):
        raise cursor.failure()
    cursor.expect("SET", "DBPROPERTIES")
    given = properties(cursor)
    cursor.end()
    known = work.catalog.find_database(name)
    if known is None:
        raise no_database(name)
    kept = {key: known[key] for key in ("Name", "Description", "LocationUri", "Parameters") if key in known}
    work.catalog.update_database(name, {**kept, "Parameters": {**(known.get("Parameters") or {}), **given}})
    return Outcome(lines=[])


def _drop(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2, "drop database statement")
    quiet = cursor.accept("IF", "EXISTS")
    name = cursor.name()
    cascade = cursor.accept("CASCADE")
    if not cascade:
        cursor.accept("RESTRICT")
    cursor.end()
    if work.catalog.find_database(name) is None:
        if quiet:
            return Outcome(lines=[])
        raise no_database(name)
    if not cascade and work.catalog.list_tables(name):
        raise ddl_error(f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)")
    work.catalog.delete_database(name)
    return Outcome(lines=[])


def hive_pattern(cursor: Cursor) -> re.Pattern[str]:
    """``LIKE 'a*|b'`` of SHOW: a regular expression in which ``*`` is any text and ``|`` is or."""
    given = cursor.accept("LIKE")
    token = cursor.peek()
    if token is None or (not given and token.kind not in ("string", "quoted")):
        return re.compile(".*")
    parts = [part.replace(".*", "*").replace("*", ".*") for part in cursor.string().split("|")]
    try:
        return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE)
    except re.error as failure:
        raise ddl_error(f"The pattern is not a regular expression: {failure}") from None


def _show(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    wanted = hive_pattern(cursor)
    cursor.end()
    names = sorted(one["Name"] for one in work.catalog.list_databases())
    return Outcome([("database_name", "string")], lines=[name for name in names if wanted.fullmatch(name)])


def find_table(work: Work, database: str, name: str) -> dict[str, Any]:
    """A table that must exist, in Hive's words when it does not."""
    if work.catalog.find_database(database) is None:
        raise no_database(database)
    found = work.catalog.find_table(database, name)
    if found is None:
        raise QueryFailure(
            "", f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name}", error_type=1302
        )
    return dict(found)


def refuse_view(table: dict[str, Any], what: str) -> None:
    """A view has no files."""
    if table.get("TableType") == "VIRTUAL_VIEW":
        raise not_supported(f"{what} on a view")


RUNNERS = {"create_database": _create, "alter_database": _alter, "drop_database": _drop, "show_databases": _show}
