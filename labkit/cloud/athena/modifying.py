"""DELETE, UPDATE, MERGE, OPTIMIZE and VACUUM: for tables that are not Hive's, so refused here in Athena's words."""

from __future__ import annotations

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work

_WORDS = {"delete": 2, "update": 1, "merge": 2, "optimize": 1, "vacuum": 1}


def _refuse(work: Work, statement: Statement) -> Outcome:
    cursor = Cursor(statement, _WORDS[statement.kind])
    database, name = cursor.qualified(work.database)
    if work.catalog.find_table(database, name) is None:
        text = f"line 1:1: Table 'awsdatacatalog.{database}.{name}' does not exist"
        raise QueryFailure("TABLE_NOT_FOUND", text, error_type=1006)
    if statement.kind in ("optimize", "vacuum"):
        raise not_supported(f"{statement.kind.upper()}: it is for Iceberg tables")
    raise QueryFailure("NOT_SUPPORTED", "Modifying Hive table rows is only supported for transactional tables")


RUNNERS = dict.fromkeys(_WORDS, _refuse)
