from __future__ import annotations

import io
import os
import sys
import zipfile
from pathlib import Path

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.functions.kept import Archive
from labkit.cloud.functions.packages import unpack


def archive(files: dict[str, str], sha256: str = "s", mode: int = 0o644) -> Archive:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, text in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (0o100000 | mode) << 16
            zipped.writestr(member, text)
    return Archive(sha256, buffer.getvalue())


def test_a_function_and_its_layers_are_unpacked_once(tmp_path: Path) -> None:
    layers = [archive({"python/a.py": "1", "python/b.py": "1"}, "l1"), archive({"python/b.py": "2"}, "l2")]
    package = unpack(archive({"m.py": "x"}), layers, tmp_path)
    assert (package.task / "m.py").read_text() == "x"
    assert package.opt is not None
    assert (package.opt / "python/b.py").read_text() == "2"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert package.import_paths == [
        str(package.task),
        str(package.opt / "python/lib" / version / "site-packages"),
        str(package.opt / "python"),
    ]
    again = unpack(Archive("s", b"not looked at again"), layers, tmp_path)
    assert again == package


def test_the_order_of_layers_makes_another_folder(tmp_path: Path) -> None:
    one, two = archive({"python/b.py": "1"}, "l1"), archive({"python/b.py": "2"}, "l2")
    code = archive({"m.py": ""})
    assert unpack(code, [one, two], tmp_path).opt != unpack(code, [two, one], tmp_path).opt


@pytest.mark.parametrize("name", ["../outside.py", "a/../../outside.py", "/abs/outside.py"])
def test_no_file_leaves_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(AwsError, match="InvalidZipFileException"):
        unpack(archive({name: "x"}), [], tmp_path / "root")
    assert list((tmp_path / "root").iterdir()) == []


@pytest.mark.parametrize("body", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_a_broken_zip_leaves_nothing_behind(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(AwsError, match="Could not unzip uploaded file"):
        unpack(Archive("s", body), [], tmp_path / "root")
    assert list((tmp_path / "root").iterdir()) == []


def test_programs_keep_their_permission(tmp_path: Path) -> None:
    package = unpack(archive({"bin/tool": "#!/bin/sh"}, mode=0o755), [], tmp_path)
    assert os.access(package.task / "bin/tool", os.X_OK)


@pytest.mark.parametrize(
    ("files", "brings"), [({"m.py": ""}, False), ({"boto3/__init__.py": ""}, True), ({"six.py": ""}, True)]
)
def test_a_package_with_its_own_boto3_is_seen(tmp_path: Path, files: dict[str, str], brings: bool) -> None:
    assert unpack(archive(files), [], tmp_path).brings_boto3 is brings


def zipped_link(target: str, link: str, files: dict[str, str]) -> Archive:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        member = zipfile.ZipInfo(link)
        member.external_attr = 0o120777 << 16
        zipped.writestr(member, target)
        for name, text in files.items():
            zipped.writestr(name, text)
    return Archive("s", buffer.getvalue())


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_of_a_package_are_links(tmp_path: Path) -> None:
    package = unpack(zipped_link("lib/real.py", "link.py", {"lib/real.py": "x = 1"}), [], tmp_path)
    assert (package.task / "link.py").is_symlink()
    assert (package.task / "link.py").read_text() == "x = 1"


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    with pytest.raises(AwsError, match="Could not unzip uploaded file"):
        unpack(zipped_link(str(outside), "d", {"d/file.txt": "x"}), [], tmp_path / "root")
    assert list(outside.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_no_link_is_made_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, target in (("d", str(outside)), ("d/deep", "/nowhere")):
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o120777 << 16
            zipped.writestr(member, target)
    with pytest.raises(AwsError, match="Could not unzip uploaded file"):
        unpack(Archive("s", buffer.getvalue()), [], tmp_path / "root")
    assert list(outside.iterdir()) == []


def test_a_name_that_is_file_and_folder_is_a_broken_zip(tmp_path: Path) -> None:
    with pytest.raises(AwsError, match="Could not unzip uploaded file"):
        unpack(archive({"a": "1", "a/b": "2"}), [], tmp_path / "root")
