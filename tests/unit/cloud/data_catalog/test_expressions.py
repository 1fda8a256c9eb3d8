"""GetPartitions expressions: operators, types, names with accents, and what Glue refuses."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.data_catalog.expressions import partition_filter

KEYS = [
    {"Name": "año", "Type": "string"}, {"Name": "mes", "Type": "int"}, {"Name": "dia", "Type": "date"},
    {"Name": "hora", "Type": "timestamp"}, {"Name": "precio", "Type": "decimal(10,2)"}, {"Name": "f", "Type": "double"},
]  # fmt: skip
ROWS = [
    ("2023", "1", "2023-01-31", "2023-01-31 10:00:00", "1.50", "1"),
    ("2024", "2", "2024-02-29", "2024-02-29 23:59:59.5", "10", "1"),
    ("2024", "10", "2024-10-01", "2024-10-01 00:00:00", "-3.25", "1"),
    ("O'Hara", "12", "2024-12-31", "2024-12-31 00:00:00", "0", "1"),
    ("__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__", "2025-01-01", "2025-01-01 00:00:00", "7", "1"),
]


def matching(expression: str) -> list[int]:
    test = partition_filter(expression, KEYS)
    return [index for index, row in enumerate(ROWS) if test(row)]


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("año = '2024'", [1, 2]), ('"año" = \'2024\'', [1, 2]), ("`año` = '2024'", [1, 2]), ("AÑO='2024'", [1, 2]),
        ("(año) = ('2024')", [1, 2]),
        ("año = 2024", [1, 2]), ("año <> '2024'", [0, 3, 4]), ("año != '2024'", [0, 3, 4]), ("año = 'O''Hara'", [3]),
        ("'2024' = año", [1, 2]),
        ("mes > 2", [2, 3]), ("mes >= 2", [1, 2, 3]), ("mes < 10", [0, 1]), ("mes <= 10", [0, 1, 2]), ("mes = '10'", [2]),
        ("2 < mes", [2, 3]),
        ("mes = +2", [1]), ("mes > -1", [0, 1, 2, 3]),
        ("mes IN (1, 12)", [0, 3]), ("mes in ('1','12')", [0, 3]), ("mes NOT IN (1, 12)", [1, 2]), ("año IN ('2023')", [0]),
        ("mes BETWEEN 2 AND 10", [1, 2]), ("mes NOT BETWEEN 2 AND 10", [0, 3]),
        ("año LIKE '202%'", [0, 1, 2]), ("año LIKE '_024'", [1, 2]), ("año NOT LIKE '202%'", [3]), ("año LIKE '20.4'", []),
        ("año IS NULL", [4]), ("mes IS NULL", [4]), ("mes IS NOT NULL", [0, 1, 2, 3]), ("NOT mes = 1", [1, 2, 3]),
        ("NOT (mes = 1)", [1, 2, 3]),
        ("dia = '2024-02-29'", [1]), ("dia > DATE '2024-02-29'", [2, 3, 4]), ("dia BETWEEN '2024-01-01' AND '2024-12-31'", [1, 2, 3]),
        ("hora > '2024-02-29 23:59:59'", [1, 2, 3, 4]), ("hora = '2024-02-29 23:59:59.500'", [1]),
        ("precio = 1.5", [0]), ("precio < 0", [2]), ("precio >= '10.00'", [1]),
        ("año = '2024' AND mes = 10", [2]), ("año = '2023' OR mes = 10", [0, 2]), ("año='2023' or año='2024' and mes=2", [0, 1]),
        ("(año='2023' or año='2024') and mes=2", [1]), ("mes = 1 AND mes = 2", []), ("1 = mes", [0]),
    ],
)  # fmt: skip
def test_an_expression_leaves(expression: str, rows: list[int]) -> None:
    assert matching(expression) == rows


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("nada = 1", "Invalid partition expression!"), ("mes = 'x'", '"x" is not an integer.'),
        ("mes = 1.5", '"1.5" is not an integer.'),
        ("dia = 'ayer'", "ayer is not a date."), ("hora = '2024-01-01'", "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff]"),
        ("precio = 'x'", "x is not a decimal."), ("f = 1", "Unknown type : 'double'"),
        ("mes LIKE '1%'", "Integral data type doesn't support"),
        ("dia LIKE '2024%'", "Date data type doesn't support operation 'LIKE'"), ("año =", "Unsupported expression 'año ='"),
        ("upper(año) = 'X'", "Unsupported expression"), ("año", "Unsupported expression"), ("1 = 1", "Unsupported expression"),
        ("año = mes", "Unsupported expression"), ("año = '2024' GROUP BY 1", "Unsupported expression"),
        ("año = '2024'; DROP TABLE t", "Unsupported"),
        ("año = '2024' ORDER BY 1", "Unsupported expression"), ("año IN (SELECT 1)", "Unsupported expression"),
        ("año = 'x", "Unsupported"),
        ("mes + 1 = 2", "Unsupported expression"), ("", "Unsupported"),
    ],
)  # fmt: skip
def test_what_glue_refuses(expression: str, message: str) -> None:
    with pytest.raises(AwsError) as failure:
        partition_filter(expression, KEYS)
    assert failure.value.code == "InvalidInputException"
    assert message in failure.value.message


def test_a_partition_whose_value_does_not_fit_its_key(partitioned: Any) -> None:
    where = {"DatabaseName": "db", "TableName": "t"}
    partitioned("CreatePartition", **where, PartitionInput={"Values": ["2024", "enero"]})
    error = partitioned.error("GetPartitions", **where, Expression="mes = 1")
    assert (error.code, error.message) == (
        "InvalidStateException",
        'For input string: "enero" is not an integer.',
    )


def test_a_blank_expression_is_none(partitioned: Any) -> None:
    where = {"DatabaseName": "db", "TableName": "t"}
    partitioned("CreatePartition", **where, PartitionInput={"Values": ["2024", "1"]})
    assert len(partitioned("GetPartitions", **where, Expression=" ")["Partitions"]) == 1


def test_a_table_without_keys_takes_no_expression(glue: Any) -> None:
    glue("CreateTable", DatabaseName="db", TableInput={"Name": "u"})
    assert glue.code("GetPartitions", DatabaseName="db", TableName="u", Expression="a = 1") == "InvalidInputException"
