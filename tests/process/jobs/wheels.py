"""Tiny distributions, made by hand: a wheel is a zip archive with three files of metadata."""

from __future__ import annotations

import io
import zipfile


def wheel(name: str, version: str, files: dict[str, str], requires: str = "") -> bytes:
    """The bytes of `<name>-<version>-py3-none-any.whl`."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    tag = "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    content = {**files, f"{info}/METADATA": metadata, f"{info}/WHEEL": tag}
    content[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*content, f"{info}/RECORD"])
    return archive(content)


def archive(files: dict[str, str] | dict[str, bytes]) -> bytes:
    """The bytes of a zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for path, text in files.items():
            packed.writestr(path, text)
    return target.getvalue()
