"""What nobody should hand in, and somebody does: nothing stops the reading, and the others' work is read all the same."""

from __future__ import annotations

import io
import os
import stat
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from labkit.grading.intake.archive import Bounds, unpack
from labkit.grading.intake.entry_names import show_name
from labkit.grading.intake.tree import bring_in

from .conftest import Read, by_name, keys, notebook, pack, papers, reasons

GOOD = {"Luis Gil/01_s3.ipynb": notebook(1)}


def _written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "name",
    [
        "../01_s3.ipynb",
        "Ana/../../01_s3.ipynb",
        "/etc/01_s3.ipynb",
        "..\\01_s3.ipynb",
        "C:\\x\\01_s3.ipynb",
        "\\\\host\\a.ipynb",
    ],
)
def test_paths_that_would_leave(read: Read, tmp_path: Path, name: str) -> None:
    intake = read(pack({name: notebook(1), **GOOD}))
    assert list(by_name(intake)) == ["Luis Gil"]
    assert list(reasons(intake).values()) == ["intake.outside"]
    assert {path.name for path in tmp_path.iterdir()} == {"entregas.zip", "work-0"}


def test_links_and_devices_in_a_zip(read: Read) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, kind in (("Ana/01_s3.ipynb", stat.S_IFLNK), ("Eva/01_s3.ipynb", stat.S_IFCHR)):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (kind | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
        archive.writestr("Luis Gil/01_s3.ipynb", notebook(1))
    intake = read(held.getvalue())
    assert list(by_name(intake)) == ["Luis Gil"]
    assert set(reasons(intake).values()) == {"intake.link"}


def test_links_and_pipes_in_a_folder(read: Read, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/01_s3.ipynb").write_bytes(notebook(1))
    (tmp_path / "entregas/Ana").mkdir(parents=True)
    (tmp_path / "entregas/Ana/01_s3.ipynb").symlink_to(tmp_path / "secret/01_s3.ipynb")
    (tmp_path / "entregas/Eva").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "entregas/Ana/02_iam.ipynb")
    intake = read(GOOD)
    assert list(by_name(intake)) == ["Luis Gil"]
    assert reasons(intake) == dict.fromkeys(["Eva", "Ana/01_s3.ipynb", "Ana/02_iam.ipynb"], "intake.link")


def test_a_nul_in_a_name(read: Read) -> None:
    packed = pack({"Ana/01_s3.ipynbXx": notebook(1), **GOOD}).replace(b"ipynbXx", b"ipynb\x00x")
    intake = read(packed)
    assert papers(by_name(intake)["Luis Gil"]) == ["01_s3"]
    assert list(reasons(intake).values()) == ["intake.outside"]
    assert "\x00" not in str(intake.unplaced)


def test_a_name_too_long_for_any_disk_is_cut(read: Read) -> None:
    intake = read(pack({f"Ana/{'ñ' * 300}.ipynb": notebook(1), f"{'x/' * 900}01_s3.ipynb": notebook(1), **GOOD}))
    assert papers(by_name(intake)["Ana"]) == ["01_s3"]
    assert list(reasons(intake).values()) == ["intake.bad_name"]


def test_control_characters_are_not_printed() -> None:
    assert show_name("a\x1b[2Jb\u202ec\n") == "a\ufffd[2Jb\ufffdc\ufffd"


def test_names_that_differ_in_case_and_names_twice_are_all_kept(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in ("Ana/a.ipynb", "Ana/A.ipynb"):
            archive.writestr(name, notebook(1))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("Ana/a.ipynb", notebook(1))
    (tmp_path / "z.zip").write_bytes(held.getvalue())
    assert unpack(tmp_path / "z.zip", tmp_path / "out") == []
    assert _written(tmp_path / "out") == ["Ana/A (2).ipynb", "Ana/a (3).ipynb", "Ana/a.ipynb"]


def test_a_password(read: Read) -> None:
    packed = bytearray(pack({"Ana/01_s3.ipynb": notebook(1), **GOOD}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + place] |= 1
    intake = read(bytes(packed))
    assert list(by_name(intake)) == ["Luis Gil"]
    assert reasons(intake) == {"Ana/01_s3.ipynb": "intake.encrypted"}


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", pack({"01_s3.ipynb": notebook(1)})[:-40]])
def test_a_student_s_zip_that_is_none(read: Read, content: bytes) -> None:
    intake = read(pack({"Peña Ana_5_assignsubmission_file_/lab.zip": content, **GOOD}))
    assert keys(by_name(intake)["Peña Ana"]) == ["intake.broken_zip"]
    assert papers(by_name(intake)["Luis Gil"]) == ["01_s3"]


@pytest.mark.parametrize("junk", [b"", b"not a zip"])
def test_a_download_that_is_none(read: Read, junk: bytes) -> None:
    intake = read(junk)
    assert intake.submissions == ()
    assert list(reasons(intake).values()) == ["intake.broken_zip"]


def test_a_damaged_entry_costs_only_itself(read: Read) -> None:
    packed = bytearray(pack({"Ana/01_s3.ipynb": notebook(1, "x = 1" * 200), **GOOD}))
    packed[60] ^= 0xFF
    intake = read(bytes(packed))
    assert list(by_name(intake)) == ["Luis Gil"]
    assert list(reasons(intake).values()) == ["intake.broken_entry"]


SMALL = Bounds(file_bytes=50_000, total_bytes=1_000_000, files=500, inner_bytes=120_000, inner_files=20, depth=3)


def _unpack(tmp_path: Path, entries: dict[str, bytes], bounds: Bounds = SMALL) -> tuple[list[str], dict[str, str]]:
    (tmp_path / "z.zip").write_bytes(pack(entries))
    refused = unpack(tmp_path / "z.zip", tmp_path / "out", bounds)
    return _written(tmp_path / "out"), {item.name: item.reason for item in refused}


def test_a_bomb_is_stopped_by_what_comes_out_of_it(tmp_path: Path) -> None:
    bomb = pack({f"{number}.ipynb": b"0" * 45_000 for number in range(10)})
    written, refused = _unpack(tmp_path, {"Ana/bomb.zip": bomb, "Luis/01_s3.ipynb": notebook(1)})
    assert refused == {"Ana/bomb.zip/2.ipynb": "intake.too_large"}
    assert "Luis/01_s3.ipynb" in written


def test_a_file_that_is_larger_than_it_says(tmp_path: Path) -> None:
    packed = pack({"Ana/01_s3.ipynb": b"0" * 60_000}).replace(struct.pack("<I", 60_000), struct.pack("<I", 10))
    written, refused = _unpack(tmp_path, {"Ana.zip": packed})
    assert (written, list(refused.values())) == ([], ["intake.broken_entry"])


def test_zips_in_zips_in_zips(tmp_path: Path) -> None:
    content = pack({"01_s3.ipynb": notebook(1)})
    for depth in range(6):
        content = pack({f"{depth}-{copy}.zip": content for copy in range(2)})
    written, refused = _unpack(tmp_path, {"Ana/deep.zip": content, "Luis/01_s3.ipynb": notebook(1)})
    assert set(refused.values()) <= {"intake.too_deep", "intake.too_large"}
    assert written == ["Luis/01_s3.ipynb"]


def test_one_student_s_many_files_do_not_use_up_the_class_s(tmp_path: Path) -> None:
    many = pack({f"{number}/01_s3.ipynb": b"{}" for number in range(200)})
    written, refused = _unpack(tmp_path, {"Ana/many.zip": many, "Luis/01_s3.ipynb": notebook(1)})
    assert refused == {"Ana/many.zip": "intake.too_many"}
    assert len(written) == 21


def test_entries_that_overlap_do_not_multiply(tmp_path: Path) -> None:
    packed = pack({"a.ipynb": b"0" * 40_000})
    start = packed.index(b"PK\x01\x02")
    (size,) = struct.unpack("<I", packed[-10:-6])
    central, end = packed[start : start + size], bytearray(packed[start + size :])
    end[8:12] = struct.pack("<HH", 50, 50)
    end[12:16] = struct.pack("<I", size * 50)
    written, refused = _unpack(tmp_path, {"Ana/quine.zip": packed[:start] + central * 50 + bytes(end)})
    assert sum((tmp_path / "out" / name).stat().st_size for name in written) <= SMALL.inner_bytes
    assert len(refused) <= 51


def test_ten_thousand_entries(read: Read) -> None:
    entries = {f"Ana/{number}.txt": b"" for number in range(10_000)}
    intake = read(pack({**entries, "Ana/01_s3.ipynb": notebook(1), **GOOD}))
    assert {name: papers(one) for name, one in by_name(intake).items()} == {"Ana": ["01_s3"], "Luis Gil": ["01_s3"]}
    assert not intake.unplaced


def test_an_archive_that_holds_itself_as_a_folder(tmp_path: Path) -> None:
    written, refused = _unpack(tmp_path, {"a.ipynb": notebook(1), "a.ipynb/b.ipynb": notebook(1), "c.ipynb/": b""})
    assert written == ["a.ipynb"]
    assert refused == {"a.ipynb/b.ipynb": "intake.broken_entry"}


def test_nothing_there(read: Read, tmp_path: Path) -> None:
    from labkit.errors import DataError

    with pytest.raises(DataError):
        read(tmp_path / "nowhere")
    assert read({}).submissions == ()


def test_thousands_of_one_kind_are_told_in_four_lines(read: Read) -> None:
    many = pack({f"../{number}.ipynb": b"" for number in range(1_000)})
    intake = read(pack({"Peña Ana_5_assignsubmission_file_/lab.zip": many, **GOOD}))
    assert keys(by_name(intake)["Peña Ana"]) == ["intake.outside"] * 3
    assert [item.place for item in intake.unplaced][-1] == "Peña Ana: +997"


def test_a_folder_has_bounds_too(tmp_path: Path) -> None:
    (tmp_path / "in/Ana").mkdir(parents=True)
    (tmp_path / "in/Ana/01_s3.ipynb").write_bytes(b"0" * 60_000)
    (tmp_path / "in/Ana/02_iam.ipynb").write_bytes(notebook(2))
    (tmp_path / "in/Ana/a.zip").write_bytes(pack({"04_glue_etl.ipynb": b"0" * 60_000}))
    refused = bring_in(tmp_path / "in", tmp_path / "out", SMALL)
    assert {item.name: item.reason for item in refused} == {
        "Ana/01_s3.ipynb": "intake.too_large",
        "Ana/a.zip/04_glue_etl.ipynb": "intake.too_large",
    }
    assert _written(tmp_path / "out") == ["Ana/02_iam.ipynb"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="macOS keeps names in UTF-8 only")
def test_a_folder_s_name_in_an_old_encoding(tmp_path: Path, read: Read) -> None:
    folder = os.fsencode(tmp_path) + b"/entregas/" + "Núñez Ana".encode("cp1252")
    place = Path(os.fsdecode(folder))
    place.mkdir(parents=True)
    (place / "01_s3.ipynb").write_bytes(notebook(1))
    assert list(by_name(read(tmp_path / "entregas"))) == ["Núñez Ana"]
