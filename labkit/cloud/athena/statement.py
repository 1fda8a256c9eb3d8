"""Which statement a text is, and how Athena classes it."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.cloud.athena.dialect.lexer import Token, position, tokens
from labkit.cloud.athena.errors import MalformedQuery


@dataclass(frozen=True)
class Statement:
    """``kind`` is what to run; ``type`` and ``substatement`` what GetQueryExecution shows."""

    kind: str
    type: str
    substatement: str
    tokens: list[Token]
    sql: str


# The first words of a statement, longest first: what runs it, and its two names on AWS.
_KINDS: list[tuple[str, str, str, str]] = [
    ("CREATE OR REPLACE VIEW", "create_view", "DDL", "CREATE_VIEW"),
    ("CREATE VIEW", "create_view", "DDL", "CREATE_VIEW"),
    ("CREATE EXTERNAL TABLE", "create_table", "DDL", "CREATE_TABLE"),
    ("CREATE TABLE", "create_table", "DDL", "CREATE_TABLE"),
    ("CREATE DATABASE", "create_database", "DDL", "CREATE_DATABASE"),
    ("CREATE SCHEMA", "create_database", "DDL", "CREATE_DATABASE"),
    ("ALTER DATABASE", "alter_database", "DDL", "ALTER_DATABASE"),
    ("ALTER SCHEMA", "alter_database", "DDL", "ALTER_DATABASE"),
    ("DROP VIEW", "drop_view", "DDL", "DROP_VIEW"),
    ("DROP TABLE", "drop_table", "DDL", "DROP_TABLE"),
    ("DROP DATABASE", "drop_database", "DDL", "DROP_DATABASE"),
    ("DROP SCHEMA", "drop_database", "DDL", "DROP_DATABASE"),
    ("ALTER TABLE", "alter_table", "DDL", "ALTER_TABLE"),
    ("MSCK REPAIR TABLE", "repair", "DDL", "MSCK_REPAIR"),
    ("SHOW DATABASES", "show_databases", "DDL", "SHOW_DATABASES"),
    ("SHOW SCHEMAS", "show_databases", "DDL", "SHOW_DATABASES"),
    ("SHOW TABLES", "show_tables", "DDL", "SHOW_TABLES"),
    ("SHOW VIEWS", "show_views", "DDL", "SHOW_VIEWS"),
    ("SHOW PARTITIONS", "show_partitions", "DDL", "SHOW_PARTITIONS"),
    ("SHOW COLUMNS", "show_columns", "DDL", "SHOW_COLUMNS"),
    ("SHOW CREATE TABLE", "show_create_table", "DDL", "SHOW_CREATE_TABLE"),
    ("SHOW CREATE VIEW", "show_create_view", "DDL", "SHOW_CREATE_VIEW"),
    ("SHOW TBLPROPERTIES", "show_tblproperties", "DDL", "SHOW_TBLPROPERTIES"),
    ("DESCRIBE", "describe", "DDL", "DESCRIBE_TABLE"),
    ("DESC", "describe", "DDL", "DESCRIBE_TABLE"),
    ("INSERT INTO", "insert", "DML", "INSERT"),
    ("DELETE FROM", "delete", "DML", "DELETE"),
    ("UPDATE", "update", "DML", "UPDATE"),
    ("MERGE INTO", "merge", "DML", "MERGE"),
    ("OPTIMIZE", "optimize", "DML", "OPTIMIZE"),
    ("VACUUM", "vacuum", "DDL", "VACUUM_TABLE"),
    ("UNLOAD", "unload", "DML", "UNLOAD"),
    ("EXPLAIN", "explain", "UTILITY", "EXPLAIN"),
    ("PREPARE", "prepare", "DDL", "PREPARE"),
    ("EXECUTE", "execute", "DML", "SELECT"),
    ("DEALLOCATE PREPARE", "deallocate", "DDL", "DEALLOCATE_PREPARE"),
    ("SELECT", "select", "DML", "SELECT"),
    ("WITH", "select", "DML", "SELECT"),
    ("VALUES", "select", "DML", "SELECT"),
    ("TABLE", "select", "DML", "SELECT"),
]

# What Trino's grammar has and Athena does not run.
_NOT_IN_ATHENA = (
    "USE", "SET", "RESET", "GRANT", "REVOKE", "DENY", "CALL", "ANALYZE", "COMMENT", "COMMIT", "ROLLBACK", "START", "TRUNCATE",
    "REFRESH", "SHOW CATALOGS", "SHOW SESSION", "SHOW FUNCTIONS", "SHOW GRANTS", "SHOW ROLES", "SHOW ROLE", "SHOW CURRENT",
    "SHOW STATS", "SHOW CREATE SCHEMA", "CREATE ROLE", "CREATE MATERIALIZED", "CREATE OR REPLACE MATERIALIZED",
    "CREATE OR REPLACE TABLE", "CREATE FUNCTION", "CREATE CATALOG", "DROP ROLE", "DROP MATERIALIZED", "DROP FUNCTION", "DROP CATALOG",
    "ALTER MATERIALIZED", "ALTER VIEW",
)  # fmt: skip
_EXPECTED = (
    "'ALTER', 'ANALYZE', 'CALL', 'COMMENT', 'COMMIT', 'CREATE', 'DEALLOCATE', 'DELETE', 'DENY', 'DESC', 'DESCRIBE', 'DROP', "
    "'EXECUTE', 'EXPLAIN', 'GRANT', 'INSERT', 'MERGE', 'PREPARE', 'REFRESH', 'RESET', 'REVOKE', 'ROLLBACK', 'SET', 'SHOW', "
    "'START', 'TRUNCATE', 'UNLOAD', 'UPDATE', 'USE', <query>"
)

# What may follow the first word of a statement that Trino parses.
_SECOND = {
    "CREATE": "'CATALOG', 'EXTERNAL', 'FUNCTION', 'MATERIALIZED', 'OR', 'ROLE', 'SCHEMA', 'TABLE', 'VIEW'",
    "DROP": "'CATALOG', 'FUNCTION', 'MATERIALIZED', 'ROLE', 'SCHEMA', 'TABLE', 'VIEW'",
    "INSERT": "'INTO'", "DELETE": "'FROM'", "MERGE": "'INTO'", "DEALLOCATE": "'PREPARE'",
    "ALTER": "'MATERIALIZED', 'SCHEMA', 'TABLE', 'VIEW'",
    "SHOW": "'CATALOGS', 'COLUMNS', 'CREATE', 'CURRENT', 'FUNCTIONS', 'GRANTS', 'ROLE', 'ROLES', 'SCHEMAS', 'SESSION', 'STATS', 'TABLES'",
}  # fmt: skip


def classify(sql: str) -> Statement:
    """The statement, without its final semicolon; MalformedQuery for a text that begins like none."""
    found = list(tokens(sql))
    if _is_hive(found):
        found = list(tokens(sql, hive=True))
    if found and found[-1].text == ";":
        sql = sql[: found[-1].start]
        found = found[:-1]
    if not found:
        raise MalformedQuery(f"mismatched input '<EOF>'. Expecting: {_EXPECTED}", position(sql, len(sql)))
    extra = next((token for token in found if token.text == ";"), None)
    if extra is not None:
        raise MalformedQuery(f"Only one sql statement is allowed. Got: {sql}", position(sql, extra.start))
    start = next((token for token in found if token.text != "("), found[0])
    if start is not found[0]:
        return Statement("select", "DML", "SELECT", found, sql)
    words = " ".join(token.word or "?" for token in found[:4])
    for beginning, kind, type_, substatement in _KINDS:
        if words == beginning or words.startswith(beginning + " "):
            return _refined(Statement(kind, type_, substatement, found, sql))
    if any(words == one or words.startswith(one + " ") for one in _NOT_IN_ATHENA):
        raise MalformedQuery("Queries of this type are not supported")  # Athena's own sentence
    expected = _SECOND.get(found[0].word)
    wrong = found[0] if expected is None else (found[1] if len(found) > 1 else None)
    text, place = (wrong.text, wrong.start) if wrong else ("<EOF>", len(sql))
    raise MalformedQuery(f"mismatched input '{text}'. Expecting: {expected or _EXPECTED}", position(sql, place))


def _is_hive(found: list[Token]) -> bool:
    """Is this DDL that Athena hands to Hive?"""
    first, second = [*(token.word for token in found[:2]), "", ""][:2]
    return first in ("ALTER", "DROP", "MSCK", "SHOW", "DESCRIBE", "DESC") or (
        first == "CREATE" and second in ("EXTERNAL", "DATABASE", "SCHEMA")
    )


# What follows the table's name in ALTER TABLE: the name of the statement in GetQueryExecution.
_ALTERATIONS = (
    ("ADD COLUMNS", "ALTER_TABLE_ADD_COLUMN"), ("REPLACE COLUMNS", "ALTER_TABLE_REPLACE_COLUMN"),
    ("SET TBLPROPERTIES", "ALTER_TABLE_PROPERTIES"), ("SET LOCATION", "ALTER_TABLE_SET_LOCATION"),
    ("DROP COLUMN", "ALTER_TABLE_DROP_COLUMN"), ("CHANGE", "ALTER_TABLE_CHANGE_COLUMN"), ("RENAME TO", "ALTER_TABLE_RENAME"),
    ("ADD", "ALTER_TABLE_ADD_PARTITION"), ("DROP", "ALTER_TABLE_DROP_PARTITION"), ("PARTITION", "ALTER_TABLE_RENAME_PARTITION"),
)  # fmt: skip


def _alteration(statement: Statement) -> Statement:
    index = 3
    while index + 1 < len(statement.tokens) and statement.tokens[index].text == ".":
        index += 2
    words = " ".join(token.word for token in statement.tokens[index : index + 2])
    for beginning, name in _ALTERATIONS:
        if words == beginning or words.startswith(beginning + " "):
            return Statement(statement.kind, statement.type, name, statement.tokens, statement.sql)
    return statement


def _refined(statement: Statement) -> Statement:
    """CREATE TABLE … AS is a query that writes; ALTER TABLE has a name for each change."""
    if statement.kind == "alter_table":
        return _alteration(statement)
    if statement.kind != "create_table":
        return statement
    depth = 0
    for token, following in zip(statement.tokens, [*statement.tokens[1:], None], strict=False):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if (
            depth == 0
            and token.word == "AS"
            and following is not None
            and (following.word in ("SELECT", "WITH", "VALUES", "TABLE") or following.text == "(")
        ):
            return Statement("create_table_as", "DDL", "CREATE_TABLE_AS_SELECT", statement.tokens, statement.sql)
    return statement
