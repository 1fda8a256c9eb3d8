"""One blueprint in the language that was asked for: file name → text, the file to read first before the others."""

from __future__ import annotations

from labkit.export import cdk, cloudformation, terraform
from labkit.export.blueprint import Blueprint


def render(language: str, blueprint: Blueprint, header: tuple[str, ...]) -> dict[str, str]:
    """The files of a folder that stands by itself: the job's script, and the function's where it is not in the template."""
    if language == "cloudformation":
        found = {"template.yaml": cloudformation.render_template(blueprint, header)}
    elif language == "terraform":
        found = terraform.Configuration(blueprint).build()
        found["main.tf"] = "".join(f"# {line}".rstrip() + "\n" for line in header) + "\n" + found["main.tf"]
    else:
        found = cdk.App(blueprint).build(header)
    if blueprint.job is not None:
        found[blueprint.job.script.path.name] = blueprint.job.script.path.read_text(encoding="utf-8")
    if blueprint.function is not None and language != "cloudformation":
        found[blueprint.lab.handler.name] = blueprint.lab.handler.read_text(encoding="utf-8")
    return found


def list_own(language: str, blueprint: Blueprint) -> tuple[str, ...]:
    """The names of the files that are written for this language, without copies of the lab's own."""
    copies = {blueprint.lab.handler.name, blueprint.lab.script.name}
    return tuple(name for name in render(language, blueprint, ()) if name not in copies)
