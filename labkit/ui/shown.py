"""Objects that show themselves: HTML in a notebook, the same in words anywhere else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from labkit.ui.markup import render_html
from labkit.ui.plain import render_text

if TYPE_CHECKING:
    from labkit.ui.nodes import Node


class Shown(ABC):
    """Derive from it and build the tree in `view`: the texts are those of the language in which it is displayed."""

    @abstractmethod
    def view(self) -> Node:
        """What is shown of this object."""

    def _repr_html_(self) -> str:
        return render_html(self.view())

    def __repr__(self) -> str:
        return render_text(self.view())

    __str__ = __repr__
