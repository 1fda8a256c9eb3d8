from __future__ import annotations

import pytest

from labkit.checks.step_7.executions import Execution


def build(sql: str) -> Execution:
    return Execution("id", sql, "SUCCEEDED", "", "primary", 0, "")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM sales",
        'select 1 from "bsg_db"."sales" s where mes = \'3\'',
        "SELECT 1 FROM bsg_db.sales;",
        "WITH a AS (SELECT 1\nFROM\n  Sales) SELECT * FROM a",
        "SELECT 1 FROM a JOIN sales ON true",
        "SELECT 1 FROM best_seller b, sales s",
    ],
)
def test_a_table_is_found_where_tables_stand(sql: str) -> None:
    assert build(sql).reads("sales")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM raw_sales",
        "SELECT count(*) AS sales FROM raw_sales",
        "SELECT 'FROM sales' FROM raw_sales",
        "SELECT 1 FROM raw_sales -- FROM sales",
        "SELECT 1 FROM raw_sales /* JOIN sales */",
        "SELECT 1 FROM sales_2024",
        "SELECT 'it''s FROM sales' FROM raw_sales",
    ],
)
def test_its_name_elsewhere_is_no_table(sql: str) -> None:
    assert not build(sql).reads("sales")
