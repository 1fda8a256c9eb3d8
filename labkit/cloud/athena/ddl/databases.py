"""CREATE, DROP and SHOW DATABASES."""

from __future__ import annotations

import re
from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work


def ddl_error(text: str) -> QueryFailure:
    """How Athena reports a DDL task that failed."""
    return QueryFailure(
        "", f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {text}"
    )


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


def _create(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    quiet = cursor.accept("IF", "NOT", "EXISTS")
    document: dict[str, Any] = {"Name": cursor.name()}
    while cursor.peek() is not None:
        if cursor.accept("COMMENT"):
            document["Description"] = cursor.string()
        elif cursor.accept("LOCATION"):
            document["LocationUri"] = cursor.string()
        elif cursor.accept("WITH", "DBPROPERTIES"):
            document["Parameters"] = properties(cursor)
        else:
            raise cursor.failure()
    if work.catalog.find_database(document["Name"]) is not None:
        if quiet:
            return Outcome(lines=[])
        raise ddl_error(f"Database {document['Name']} already exists")
    work.catalog.create_database(document)
    return Outcome(lines=[])


def _drop(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    quiet = cursor.accept("IF", "EXISTS")
    name = cursor.name()
    cascade = cursor.accept("CASCADE")
    cursor.accept("RESTRICT")
    cursor.end()
    if work.catalog.find_database(name) is None:
        if quiet:
            return Outcome(lines=[])
        raise QueryFailure("", f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}")
    if not cascade and work.catalog.list_tables(name):
        raise ddl_error(f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)")
    work.catalog.delete_database(name)
    return Outcome(lines=[])


def hive_pattern(cursor: Cursor) -> re.Pattern[str]:
    """``LIKE 'a*|b'`` of SHOW: ``*`` is any text, ``|`` is or."""
    given = cursor.accept("LIKE")
    token = cursor.peek()
    if token is None or (not given and token.kind != "string"):
        return re.compile(".*")
    text = cursor.string()
    return re.compile("|".join(".*".join(map(re.escape, part.split("*"))) for part in text.split("|")), re.IGNORECASE)


def _show(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, 2)
    wanted = hive_pattern(cursor)
    cursor.end()
    names = sorted(one["Name"] for one in work.catalog.list_databases())
    return Outcome([("database_name", "string")], lines=[name for name in names if wanted.fullmatch(name)])


def find_table(work: Work, database: str, name: str) -> dict[str, Any]:
    """A table that must exist, in Hive's words when it does not."""
    if work.catalog.find_database(database) is None:
        raise QueryFailure(
            "", f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}", error_type=1301
        )
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


RUNNERS = {"create_database": _create, "drop_database": _drop, "show_databases": _show}
