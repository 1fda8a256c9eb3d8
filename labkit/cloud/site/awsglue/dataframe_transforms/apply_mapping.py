"""ApplyMapping of a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awsglue.transforms.transform import ERRORS, described_arguments, described_return

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class ApplyMapping:
    """Columns chosen, renamed, cast and nested by (source, source type, target, target type)."""

    @staticmethod
    def apply(frame: DataFrame, mappings: Any) -> DataFrame:
        """A DataFrame of the mapped columns; a source that does not exist is skipped."""
        from awsglue._contents import Columns
        from awsglue._mapping import apply_mapping
        from awsglue._types import glue_from_spark

        columns = Columns(frame, glue_from_spark(frame.schema))
        return apply_mapping(columns, mappings, case_sensitive=False).df

    @classmethod
    def describeArgs(cls) -> list[dict[str, Any]]:
        return described_arguments(cls.apply)

    @classmethod
    def describeReturn(cls) -> dict[str, Any]:
        return {"type": described_return(cls.apply), "description": "The mapped DataFrame."}

    @classmethod
    def describeTransform(cls) -> str:
        return cls.__doc__ or ""

    @classmethod
    def describeErrors(cls) -> list[dict[str, Any]]:
        return list(ERRORS)
