"""ResolveChoice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


class ResolveChoice(GlueTransform):
    """Fields that hold several types made one type, columns or structs."""

    def __call__(
        self, frame: DynamicFrame, specs: Any = None, choice: str = "", database: str | None = None, table_name: str | None = None, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0, catalog_id: str | None = None,
    ) -> DynamicFrame:  # fmt: skip
        return frame.resolveChoice(
            specs, choice, database, table_name, transformation_ctx, info, stageThreshold, totalThreshold, catalog_id
        )
