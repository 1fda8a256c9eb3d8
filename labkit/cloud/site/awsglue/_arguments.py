"""What transforms are given, checked: an error names the argument and what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dynamicframe import DynamicFrame


def check_function(argument: str, given: Any) -> Any:
    """A function of the script."""
    if not callable(given):
        raise TypeError(f"{argument}: a function of a record; got {type(given).__name__} {given!r}.")
    return given


def check_frame(argument: str, given: Any) -> DynamicFrame:
    """A DynamicFrame; a DataFrame is the usual mistake."""
    from ._frame import Frame

    if not isinstance(given, Frame):
        kind = type(given).__name__
        raise TypeError(f"{argument}: a DynamicFrame, not a {kind}; DynamicFrame.fromDF(df, glueContext) makes one.")
    return given  # type: ignore[return-value]


def check_count(argument: str, given: Any) -> int:
    """A number of partitions."""
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise ValueError(f"{argument}: a whole number from 1 on; got {given!r}.")
    return given
