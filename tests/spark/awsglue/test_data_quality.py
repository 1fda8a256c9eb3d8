"""EvaluateDataQuality: DQDL rules over a frame (glue dg, "Data Quality Definition Language (DQDL) reference")."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.slow
ROWS = [
    (1, "ana", 10.0, "US", "2024-01-01", 1.0),
    (2, "eva", 20.0, "CA", "2024-02-01", 2.0),
    (3, None, 30.0, "", "2024-03-01", 3.0),
    (3, "luz", None, "XX", "no", 4.0),
]
SCHEMA = "id int, nombre string, precio double, pais string, fecha string, doble double"


@pytest.fixture(scope="module")
def frame(spark: Any) -> Any:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

    return DynamicFrame.fromDF(spark.createDataFrame(ROWS, SCHEMA), GlueContext(spark), "ventas")


def outcomes(frame: Any, *rules: str, **options: Any) -> list[Any]:
    from awsgluedq.transforms import EvaluateDataQuality

    found = EvaluateDataQuality.apply(frame=frame, ruleset=f"Rules = [ {', '.join(rules)} ]", **options)
    return list(found.toDF().collect())


RULES: list[tuple[str, bool, dict[str, float] | None]] = [
    ("ColumnCount > 0", True, {"Dataset.*.ColumnCount": 6.0}),  # the ruleset that Glue Studio writes into every job
    ("RowCount between 1 and 4", False, {"Dataset.*.RowCount": 4.0}),  # "between": exclusive
    ("RowCount not between 1 and 3", True, {"Dataset.*.RowCount": 4.0}),
    ('ColumnExists "id"', True, {}),
    ('ColumnExists "nada"', False, {}),
    ('IsComplete "id"', True, {"Column.id.Completeness": 1.0}),
    ('IsComplete "nombre"', False, {"Column.nombre.Completeness": 0.75}),
    ('Completeness "nombre" >= 0.75', True, {"Column.nombre.Completeness": 0.75}),
    ('IsUnique "id"', False, {"Column.id.Uniqueness": 0.5}),
    ('IsUnique "doble"', True, {"Column.doble.Uniqueness": 1.0}),
    ('Uniqueness "id" > 0.4', True, {"Column.id.Uniqueness": 0.5}),
    ('UniqueValueRatio "id" > 0.6', True, {"Column.id.UniqueValueRatio": 2 / 3}),
    ('DistinctValuesCount "id" = 3', True, {"Column.id.DistinctValuesCount": 3.0}),
    ('IsPrimaryKey "id" "doble"', True, None),
    ('IsPrimaryKey "nombre"', False, None),
    ('Mean "precio" = 20', True, {"Column.precio.Mean": 20.0}),
    ('Sum "precio" in [59, 60]', True, {"Column.precio.Sum": 60.0}),
    ('StandardDeviation "doble" < 1.2', True, None),
    ('Entropy "doble" > 1.38', True, None),
    ('ColumnCorrelation "id" "doble" > 0.9', True, None),
    ('ColumnValues "id" >= 1', True, {"Column.id.Minimum": 1.0, "Column.id.Maximum": 3.0}),
    ('ColumnValues "id" < 3', False, {"Column.id.Minimum": 1.0, "Column.id.Maximum": 3.0}),
    ('ColumnValues "pais" in ["US", "CA"]', False, {"Column.pais.ColumnValues.Compliance": 0.5}),
    ('ColumnValues "pais" in ["US", "CA", "XX", EMPTY]', True, None),
    ('ColumnValues "pais" in ["US", "CA"] with threshold >= 0.5', True, None),
    ('ColumnValues "pais" matches "[A-Z]*"', True, None),
    ('ColumnValues "pais" not matches "U."', False, None),
    ('ColumnValues "precio" > 0', False, None),  # "NULL rows will fail the rule"
    ('ColumnValues "precio" != 21', True, None),  # negations let NULL rows pass
    ('ColumnValues "precio" not in [21, NULL]', False, None),
    ('ColumnValues "nombre" = NULL with threshold between 0.2 and 0.3', True, None),
    ('ColumnValues "fecha" > "2023-12-31" where "id < 3"', True, None),
    ('ColumnLength "nombre" = 3 where "nombre is not null"', True, None),
    ('ColumnLength "pais" > 1', False, {"Column.pais.MaximumLength": 2.0, "Column.pais.MinimumLength": 0.0}),
    (
        'ColumnDataType "fecha" = "Date" with threshold > 0.7',
        True,
        {"Column.fecha.ColumnDataType.Compliance": 0.75},
    ),
    ('ColumnDataType "id" = "Integer"', True, None),
    ('ColumnNamesMatchPattern "[a-z]+"', True, {"Dataset.*.ColumnNamesPatternMatchRatio": 1.0}),
    ('CustomSql "select count(*) from primary where id > 1" = 3', True, {"Dataset.*.CustomSQL": 3.0}),
    ('(IsComplete "id") and (RowCount > 3)', True, None),
    ('(IsComplete "nombre") or ((RowCount > 3) and (ColumnCount = 6))', True, None),
    ('(ColumnValues "id" > 1) OR (ColumnValues "doble" > 1)', False, None),  # each over the whole column, then or
    ('RowCount > 1 where "precio > 15"', True, {"Dataset.*.RowCount": 2.0}),
]


@pytest.fixture(scope="module")
def judged(frame: Any) -> dict[str, Any]:
    """All rules in one ruleset, which takes few Spark jobs."""
    return {row["Rule"]: row for row in outcomes(frame, *(rule for rule, _, _ in RULES))}


@pytest.mark.parametrize(("rule", "passed", "metrics"), RULES)
def test_a_rule_type(judged: dict[str, Any], rule: str, passed: bool, metrics: dict[str, float] | None) -> None:
    found = judged[rule]
    assert (found["Rule"], found["Outcome"]) == (rule, "Passed" if passed else "Failed")
    assert (found["FailureReason"] is None) == passed
    if metrics is not None:
        assert found["EvaluatedMetrics"] == pytest.approx(metrics)


def test_the_frame_of_outcomes_has_the_documented_schema(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from awsgluedq.transforms import EvaluateDataQuality

    EvaluateDataQuality.apply(frame=frame, ruleset="Rules = [ RowCount > 0 ]").printSchema()
    assert capsys.readouterr().out.strip().splitlines() == [
        "root",
        "|-- Rule: string",
        "|-- Outcome: string",
        "|-- FailureReason: string",
        "|-- EvaluatedMetrics: map",
        "|    |-- keyType: string",
        "|    |-- valueType: double",
    ]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ('IsComplete "nada"', "Input data does not include column nada!"),
        ("RowCount > 4", "Value: 4.0 does not meet the constraint requirement!"),
        ('ColumnValues "precio" > 0', "Value: NULL does not meet the constraint requirement!"),
        ('ColumnValues "id" < 3', "Value: 3.0 does not meet the constraint requirement!"),
    ],
)
def test_a_failure_says_why(frame: Any, rule: str, reason: str) -> None:
    assert outcomes(frame, rule)[0]["FailureReason"] == reason


def test_rules_come_in_order_and_a_missing_column_fails_only_its_own(frame: Any) -> None:
    found = outcomes(frame, "RowCount > 0", 'IsComplete "nada"', 'IsComplete   "id"  # comentario\n')
    assert [(one["Rule"], one["Outcome"]) for one in found] == [
        ("RowCount > 0", "Passed"),
        ('IsComplete "nada"', "Failed"),
        ('IsComplete "id"', "Passed"),
    ]


def test_process_rows_gives_three_frames(frame: Any) -> None:
    from awsglue.transforms import SelectFromCollection
    from awsgluedq.transforms import EvaluateDataQuality

    found = EvaluateDataQuality().process_rows(
        frame=frame,
        ruleset='Rules = [ IsComplete "nombre", ColumnValues "id" > 1, RowCount > 0 ]',
        publishing_options={"dataQualityEvaluationContext": "nodo", "enableDataQualityResultsPublishing": True},
        additional_options={"dataQualityResultsPublishing.strategy": "BEST_EFFORT", "observations.scope": "ALL"},
    )
    assert sorted(found.keys()) == ["originalData", "rowLevelOutcomes", "ruleOutcomes"]
    assert found["originalData"].count() == 4
    failed = found[EvaluateDataQuality.DATA_QUALITY_RULE_OUTCOMES_KEY].filter(lambda x: x["Outcome"] == "Failed")
    assert failed.count() == 2
    rows = SelectFromCollection.apply(dfc=found, key="rowLevelOutcomes").toDF().orderBy("doble").collect()
    assert [row["DataQualityEvaluationResult"] for row in rows] == ["Failed", "Passed", "Failed", "Passed"]
    assert rows[0]["DataQualityRulesFail"] == ['ColumnValues "id" > 1']
    assert rows[0]["DataQualityRulesPass"] == ['IsComplete "nombre"']
    assert rows[0]["DataQualityRulesSkip"] == ["RowCount > 0"]


def test_rows_outside_a_where_clause_pass_or_are_skipped(frame: Any) -> None:
    from awsgluedq.transforms import EvaluateDataQuality

    def results(**options: Any) -> list[list[str]]:
        found = EvaluateDataQuality().process_rows(
            frame=frame, ruleset="""Rules = [ IsComplete "nombre" where "pais = 'US'" ]""", **options
        )
        rows = found["rowLevelOutcomes"].toDF().orderBy("doble").collect()
        return [row["DataQualityRulesSkip"] for row in rows]

    assert results() == [[], [], [], []]
    skipped = results(additional_options={"rowLevelConfiguration.filteredRowLabel": "SKIPPED"})
    assert [bool(rules) for rules in skipped] == [False, True, True, True]


def test_composite_rules_can_be_evaluated_by_row(frame: Any) -> None:
    rule = '(ColumnValues "id" > 1) OR (ColumnValues "doble" = 1)'
    assert outcomes(frame, rule)[0]["Outcome"] == "Failed"
    by_row = outcomes(frame, rule, additional_options={"compositeRuleEvaluation.method": "ROW"})
    assert by_row[0]["Outcome"] == "Passed"


def test_constants_labels_and_analyzers(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from awsgluedq.transforms import EvaluateDataQuality

    ruleset = """
    consulta = "select count(*) from primary"
    DefaultLabels = ["equipo"="datos"]
    Rules = [ CustomSql $consulta between 0 and 100 labels=["grave"="no"], RowCount > 0 ],
    Analyzers = [ RowCount, Completeness "id" ]
    """
    found = EvaluateDataQuality.apply(frame=frame, ruleset=ruleset).toDF().collect()
    assert [row["Labels"] for row in found] == [{"equipo": "datos", "grave": "no"}, {"equipo": "datos"}]
    assert "not evaluated here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ruleset", "message"),
    [
        ("", "A ruleset looks like"),
        ("Rules = [ IsCompleto 'id' ]", "cannot be read"),
        ('Rules = [ IsCompleto "id" ]', "Unknown rule type 'IsCompleto'"),
        ('Rules = [ Mean "precio" ]', "needs a condition"),
        ('Rules = [ IsComplete "id" IsUnique "id" ]', "needs ','"),
        ('Rules = [ ColumnDataType "id" = "Int" ]', "the types are"),
    ],
)
def test_a_ruleset_that_is_not_dqdl(frame: Any, ruleset: str, message: str) -> None:
    from awsgluedq.transforms import EvaluateDataQuality

    with pytest.raises(ValueError, match=message):
        EvaluateDataQuality.apply(frame=frame, ruleset=ruleset)


@pytest.mark.parametrize(
    "rule",
    [
        "RowCount > avg(last(3))",
        'DetectAnomalies "RowCount"',
        'ReferentialIntegrity "id" "otro.id" = 1',
        "FileSize > 1",
    ],
)
def test_what_needs_more_than_this_frame_is_refused_by_name(frame: Any, rule: str) -> None:
    with pytest.raises(NotImplementedError, match=rule.split(maxsplit=1)[0] if "last" not in rule else "dynamic"):
        outcomes(frame, rule)
