"""Mark sheets of Moodle and Canvas: the instructor's own export, filled, and every other byte as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.errors import DataError
from labkit.grading.platforms.canvas import fill_canvas
from labkit.grading.platforms.entry import Entry, Filled
from labkit.grading.platforms.moodle import fill_moodle
from labkit.grading.platforms.scale import read_scale
from labkit.grading.platforms.template import read_template
from labkit.i18n import use_language

MOODLE = (
    'Identificador,"Nombre completo","Dirección de correo",Estado,Calificación,"Calificación máxima",'
    '"La calificación puede ser cambiada","Última modificación (entrega)","Comentarios de retroalimentación"\r\n'
    'Participante101,"Ana Núñez Peña",ana@uni.es,"Enviado, para calificar",,"10,00",Sí,"lunes, 3 de marzo de 2026, 09:00",\r\n'
    'Participante102,"=cmd|\' /C calc\'!A0",x@uni.es,"Sin entrega",,"10,00",Sí,-,"Ya hablamos ""ayer"""\r\n'
    'Participante103,"María García",m1@uni.es,-,"3,00","10,00",No,-,\r\n'
    'Participante104,"María García",m2@uni.es,-,,"10,00",Sí,-,\r\n'
    'Participante105,"Luis Gil",luis@uni.es,-,"1,00","10,00",Sí,-,\r\n'
)
CANVAS = (
    'Student,ID,SIS User ID,SIS Login ID,Section,Lab (111),"Otra, cosa (222)",Current Score\n'
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,20.00,5.00,(read only)\n"
    '"Núñez Peña, Ana",4711,S1,ana,A,,,\n'
    '"Gil, Luis",4712,S2,luis,A,3.00,1.00,15\n'
    '"Paz, Eva",4713,S3,eva,A,N/A,,\n'
    '"Student, Test",4799,,,A,,,\n'
)


@pytest.fixture(autouse=True)
def spanish() -> None:
    use_language("es")


def _moodle(tmp_path: Path, *entries: Entry, words: str = MOODLE, encoding: str = "utf-8") -> tuple[str, Filled]:
    (tmp_path / "w.csv").write_bytes(words.encode(encoding))
    filled = fill_moodle(tmp_path / "w.csv", entries)
    return filled.content.decode(encoding), filled


def _canvas(tmp_path: Path, *entries: Entry, wanted: str = "111", words: str = CANVAS) -> tuple[str, Filled]:
    (tmp_path / "c.csv").write_bytes(words.encode())
    filled = fill_canvas(tmp_path / "c.csv", entries, wanted)
    return filled.content.decode(), filled


def _keys(filled: Filled) -> list[tuple[str, object]]:
    return [(remark.key.partition(".")[2], remark.facts["student"]) for remark in filled.remarks]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize(
    "words", [MOODLE, MOODLE.replace("\r\n", "\n"), MOODLE.replace(",", ";").replace('"10;00"', "10,00")]
)
def test_what_is_not_filled_keeps_every_byte(tmp_path: Path, words: str, encoding: str) -> None:
    content = words.encode(encoding)
    (tmp_path / "w.csv").write_bytes(content)
    assert fill_moodle(tmp_path / "w.csv", []).content == content


def test_moodle_grade_and_feedback(tmp_path: Path) -> None:
    words, filled = _moodle(tmp_path, Entry("Núñez Peña Ana", ("101",), 87, 100, "01: 10/10"))
    assert words == MOODLE.replace(
        'para calificar",,"10,00",Sí,"lunes, 3 de marzo de 2026, 09:00",',
        'para calificar","8,70","10,00",Sí,"lunes, 3 de marzo de 2026, 09:00",'
        '"labkit: 87 de 100 puntos; 8,70 sobre 10,00 · 01: 10/10"',
    )
    assert filled.count == 1


def test_a_comment_that_was_there_stays_and_ours_is_replaced(tmp_path: Path) -> None:
    entry = Entry("Quien", ("x@uni.es",), 5, 10)
    words, _ = _moodle(tmp_path, entry)
    assert '"Ya hablamos ""ayer""\nlabkit: 5 de 10 puntos' in words
    again, _ = _moodle(tmp_path, Entry("Quien", ("x@uni.es",), 6, 10), words=words)
    assert again.count("labkit:") == 1
    assert '"5,00"' not in again


def test_names_of_the_template_are_unaltered(tmp_path: Path) -> None:
    words, _ = _moodle(tmp_path, Entry("otro", ("x@uni.es",), 5, 10))
    assert "\"=cmd|' /C calc'!A0\"" in words


def test_whoever_is_not_clear_gets_nothing_and_is_told(tmp_path: Path) -> None:
    words, filled = _moodle(
        tmp_path,
        Entry("María García", (), 1, 10),
        Entry("Pedro Paz", ("7",), 1, 10),
        Entry("Luis Gil", (), 1, 10),
        Entry("Gil, Luis", ("105",), 2, 10),
    )
    assert words == MOODLE
    assert ("no_line", "María García") in _keys(filled)
    assert ("no_line", "Pedro Paz") in _keys(filled)
    assert ("two_marks", "Luis Gil") in _keys(filled)
    assert ("no_mark", "Ana Núñez Peña") in _keys(filled)


def test_a_number_tells_two_of_one_name_apart_and_a_locked_line_stays(tmp_path: Path) -> None:
    words, filled = _moodle(tmp_path, *(Entry("García María", (mark,), 1, 10) for mark in ("103", "104")))
    assert 'm1@uni.es,-,"3,00"' in words
    assert 'm2@uni.es,-,"1,00"' in words
    assert ("locked", "María García") in _keys(filled)
    assert filled.count == 1


def test_a_mark_that_is_none_and_one_that_is_not_final(tmp_path: Path) -> None:
    words, filled = _moodle(
        tmp_path, Entry("Ana Núñez Peña", (), 5, 10, is_certain=False), Entry("Luis Gil", (), 5, 10, is_pending=True)
    )
    assert [key for key in _keys(filled) if key[0] in ("not_certain", "provisional")] == [
        ("not_certain", "Ana Núñez Peña"),
        ("provisional", "Luis Gil"),
    ]
    assert "provisional: falta leer el texto libre" in words


def test_a_name_that_is_only_close_is_told(tmp_path: Path) -> None:
    _, filled = _moodle(tmp_path, Entry("Ana Núñez", (), 5, 10))
    assert ("close", "Ana Núñez") in _keys(filled)


@pytest.mark.parametrize(
    "words", ["a,b\n1,2\n", "", "Identifier\n", MOODLE.replace('"10,00"', '"Satisfactorio"'), CANVAS]
)
def test_what_is_no_worksheet_is_refused(tmp_path: Path, words: str) -> None:
    with pytest.raises(DataError):
        _moodle(tmp_path, words=words)


def test_canvas_fills_one_column(tmp_path: Path) -> None:
    words, filled = _canvas(
        tmp_path, Entry("nunezpenaana", ("4711",), 87, 100), Entry("Luis Gil", (), 1, 3), Entry("Eva Paz", (), 1, 1)
    )
    assert words == CANVAS.replace('Ana",4711,S1,ana,A,,', 'Ana",4711,S1,ana,A,17.40,').replace(
        "A,3.00,1.00", "A,6.67,1.00"
    )
    assert _keys(filled) == [("not_assigned", "Paz, Eva")]


@pytest.mark.parametrize("wanted", ["Lab", "lab (111)", "111"])
def test_canvas_the_assignment_by_name_or_number(tmp_path: Path, wanted: str) -> None:
    assert _canvas(tmp_path, Entry("Luis Gil", ("S2",), 1, 2), wanted=wanted)[1].count == 1


@pytest.mark.parametrize("wanted", ["", "nada", "Current Score"])
def test_canvas_an_assignment_that_is_not_clear(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(DataError, match=r"Lab \(111\) \| Otra"):
        _canvas(tmp_path, wanted=wanted)


def test_canvas_without_points(tmp_path: Path) -> None:
    for words in (CANVAS.replace("20.00", "0"), CANVAS.replace("    Points Possible", "x"), MOODLE):
        with pytest.raises(DataError):
            _canvas(tmp_path, words=words)


@pytest.mark.parametrize(
    ("maximum", "earned", "possible", "written"),
    [
        ("100,00", 87, 100, "87,00"),
        ("10", 1, 3, "3.33"),
        ("10.0", 2, 3, "6.67"),
        ("10,00", 1.005, 10, "1,01"),
        ("7", 100, 100, "7.00"),
        ("10", 0, 0, "0.00"),
    ],
)
def test_rescaling(maximum: str, earned: float, possible: float, written: str) -> None:
    scale = read_scale(maximum)
    assert scale is not None
    assert scale.write(scale.rescale(earned, possible)) == written


@pytest.mark.parametrize("words", ["", "-", "0", "Bien", "1e3", "-5", "NaN"])
def test_no_scale(words: str) -> None:
    assert read_scale(words) is None


def test_quotes_and_line_breaks_inside_cells(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,"b ""x"", y\nz",c\n1,,"3"\n"open', encoding="utf-8")
    template = read_template(tmp_path / "t.csv")
    assert [[field.value for field in row] for row in template.rows] == [
        ["a", 'b "x", y\nz', "c"],
        ["1", "", "3"],
        ["open"],
    ]
    assert template.fill({(1, 1): 'q"', (1, 2): "4"}) == b'a,"b ""x"", y\nz",c\n1,"q""","4"\n"open'


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa,b\n\xff,1\n", b"\xff\xfea\x00,\x00b"])
def test_what_cannot_be_read_whole_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError):
        read_template(tmp_path / "t.csv")
