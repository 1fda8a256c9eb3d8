"""A new entry in the table of a step's tasks, with the imports it needs: the module's text is changed, nothing of it is run."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from labkit.grading.authoring.wish import OUTCOME_NAMES, Wish

_TASK_MODULE = "labkit.checks.task"


@dataclass(frozen=True)
class Table:
    """The module that holds `TASKS` of a step: its text, and the elements of the tuple with the ids of their tasks."""

    path: Path
    source: str
    tuple_node: ast.Tuple
    ids: tuple[str, ...]


def find_table(package: Path) -> Table | None:
    """The table in a step's package; None when no module there assigns `TASKS` a tuple of `Task(…)`."""
    for path in sorted(package.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            value = getattr(node, "value", None)
            if isinstance(target, ast.Name) and target.id == "TASKS" and isinstance(value, ast.Tuple):
                return Table(path, source, value, tuple(_read_id(item) for item in value.elts))
    return None


def add_task(table: Table, wish: Wish) -> str:
    """The module's text with the new task behind the one it follows."""
    items = [str(ast.get_source_segment(table.source, item)) for item in table.tuple_node.elts]
    place = table.ids.index(wish.after) + 1 if wish.after else len(items)
    items.insert(place, _build_entry(wish))
    lines = table.source.splitlines(keepends=True)
    first, last = table.tuple_node.lineno - 1, (table.tuple_node.end_lineno or 1) - 1
    before = lines[first].encode()[: table.tuple_node.col_offset].decode()
    after = lines[last].encode()[table.tuple_node.end_col_offset :].decode()
    body = "".join(f"    {item},\n" for item in items)
    changed = "".join([*lines[:first], f"{before}(\n{body}){after}", *lines[last + 1 :]])
    name = f"check_{wish.module}"
    changed = add_import(changed, f"labkit.checks.step_{wish.step}.{wish.module}", name)
    return add_import(changed, _TASK_MODULE, OUTCOME_NAMES[wish.outcome])


def add_import(source: str, module: str, name: str) -> str:
    """`from module import name` in its alphabetical place, or the name in the line that is there already."""
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom) and node.level == 0]
    lines = source.splitlines(keepends=True)
    for node in imports:
        if node.module == module:
            known = {item.name for item in node.names} | {name}
            ordered = sorted(known, key=lambda one: (not one.isupper(), not one[0].isupper(), one))
            lines[node.lineno - 1 : node.end_lineno] = [f"from {module} import {', '.join(ordered)}\n"]
            return "".join(lines)
    behind = [node for node in imports if (node.module or "").startswith("labkit") and (node.module or "") < module]
    place = (behind[-1].end_lineno or 0) if behind else imports[-1].lineno - 1
    return "".join([*lines[:place], f"from {module} import {name}\n", *lines[place:]])


def _build_entry(wish: Wish) -> str:
    key = wish.key
    words = [
        f'"{wish.task}"',
        str(wish.points),
        OUTCOME_NAMES[wish.outcome],
        f'"{key}.title"',
        f'("{key}.hint_1", "{key}.hint_2")',
        f"check_{wish.module}",
    ]
    return "Task(\n" + "".join(f"        {word},\n" for word in words) + "    )"


def _read_id(item: ast.expr) -> str:
    first = item.args[0] if isinstance(item, ast.Call) and item.args else None
    return str(first.value) if isinstance(first, ast.Constant) else ""
