"""Error records: counted, carried on, shown, and the thresholds that abort.

Sources: glue-runtime.md 5 (DG ...-dynamic-frame.html#pyspark-errorsAsDynamicFrame-example; glue-api.md 3).
"""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.slow


def broken(record: Any) -> Any:
    raise RuntimeError(f"no {record['id']}")


def even_only(record: Any) -> Any:
    if record["id"] % 2:
        raise RuntimeError(f"odd {record['id']}")
    return record


@pytest.fixture
def numbers(frame: Any) -> Any:
    return frame(*(f'{{"id": {number}}}' for number in range(6)))


def errors(made: Any) -> list[dict[str, Any]]:
    return [row["error"].asDict(recursive=True) for row in made.errorsAsDynamicFrame().toDF().collect()]


def test_errors_are_counted_by_stage_and_in_all(numbers: Any) -> None:
    first = numbers.map(even_only)
    second = first.select_fields(["id"]).filter(lambda r: 1 / r["id"] > 0).rename_field("id", "n")
    third = second.map(lambda r: None)
    assert (first.errorsCount(), first.stageErrorsCount()) == (3, 3)
    assert (second.errorsCount(), second.stageErrorsCount()) == (4, 0)
    assert (third.errorsCount(), third.stageErrorsCount()) == (6, 2)
    assert (third.count(), third.toDF().count()) == (0, 0)


def test_malformed_json_and_a_function_s_errors_add_up(frame: Any) -> None:
    """The guide's example: four lines of which the second is cut short give two records and one error."""
    made = frame('{"id": 1, "v": 1}', '{"id": 2, "v":', '{"id": 3, "v": 3}', '{"id": 4, "v": 4}')
    assert ([row["id"] for row in made.toDF().collect()], made.errorsCount()) == ([1, 4], 1)
    mapped = made.map(lambda r: r if r["id"] == 1 else None)
    assert (mapped.errorsCount(), mapped.stageErrorsCount()) == (2, 1)
    assert {error["msg"].split(":")[0] for error in errors(mapped)} == {"Unable to parse JSON", "ValueError"}


def test_an_error_record_tells_what_where_and_which_record(numbers: Any) -> None:
    mapped = numbers.map(broken, info="cleaning")
    found = sorted(errors(mapped), key=lambda error: error["dynamicRecord"]["id"])
    assert set(found[0]) == {"callsite", "msg", "stackTrace", "input", "bytesread", "source", "dynamicRecord"}
    assert found[1]["msg"] == "RuntimeError: no 1"
    assert found[1]["dynamicRecord"] == {"id": 1}
    assert "test_error_records.py" in found[1]["stackTrace"]
    assert found[1]["callsite"]["info"] == "cleaning"
    assert "test_error_records.py" in found[1]["callsite"]["site"]


def test_a_frame_without_errors_has_an_empty_error_frame(numbers: Any, glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame
    from awsglue.transforms import ErrorsAsDynamicFrame

    assert ErrorsAsDynamicFrame.apply(numbers).count() == 0
    plain = DynamicFrame.fromDF(spark.range(1), glue_context)
    assert (plain.errorsCount(), plain.stageErrorsCount(), plain.errorsAsDynamicFrame().count()) == (0, 0, 0)


def test_errors_of_records_of_different_shapes(frame: Any) -> None:
    made = frame('{"id": 1, "v": 1}', '{"id": 2, "v": "x"}').map(broken)
    shown = made.errorsAsDynamicFrame()
    assert shown.count() == 2
    kinds = shown.schema().getField("error").dataType.getField("dynamicRecord").dataType
    assert kinds.getField("v").dataType.typeName() == "choice"


def test_errors_of_both_frames_are_kept_once(numbers: Any) -> None:
    good = numbers.map(even_only)
    assert good.union(numbers).errorsCount() == 3
    assert good.union(good).errorsCount() == 3
    assert good.join("id", "id", numbers).errorsCount() == 3
    assert good.mergeDynamicFrame(numbers, ["id"]).errorsCount() == 3


def test_collections_carry_errors(numbers: Any) -> None:
    good = numbers.map(even_only)
    for parts in (
        good.split_fields(["id"], "a", "b"),
        good.split_rows({"id": {">": 2}}, "a", "b"),
        good.relationalize("a", "x"),
    ):
        assert [part.errorsCount() for part in parts.values()] == [3] * len(parts)


@pytest.mark.parametrize(
    ("limits", "aborts"),
    [
        ({}, False),
        ({"stageThreshold": 3}, False),
        ({"stageThreshold": 2}, True),
        ({"totalThreshold": 3}, False),
        ({"totalThreshold": 2}, True),
    ],
)
def test_more_errors_than_a_threshold_abort(numbers: Any, limits: dict[str, int], aborts: bool) -> None:
    """0 means never; the threshold itself is still allowed (Packt's script has totalThreshold=1 and one error)."""
    if not aborts:
        assert numbers.map(even_only, **limits).count() == 3
        return
    with pytest.raises(Exception, match=r"3 error records, (stage|total)Threshold is 2"):
        numbers.map(even_only, **limits)


def test_the_stage_threshold_looks_at_its_own_stage_only(numbers: Any) -> None:
    good = numbers.map(even_only)
    assert good.map(lambda r: r, stageThreshold=1).count() == 3
    with pytest.raises(Exception, match="totalThreshold is 1"):
        good.map(lambda r: r, totalThreshold=1)


@pytest.mark.parametrize("value", [-1, "3", True, 1.5])
def test_a_threshold_is_a_whole_number(numbers: Any, value: Any) -> None:
    with pytest.raises(ValueError, match="stageThreshold: a whole number from 0 on"):
        numbers.map(even_only, stageThreshold=value)


def test_two_hundred_thousand_errors_stay_in_spark(glue_context: Any, spark: Any) -> None:
    """Counted by Spark and shown as a frame: the driver never holds them."""
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.range(200_000), glue_context).map(lambda r: None)
    assert made.errorsCount() == 200_000
    found = made.errorsAsDynamicFrame()
    assert found.count() == 200_000
    assert found.toDF().where("error.dynamicRecord.id = 199999").count() == 1
