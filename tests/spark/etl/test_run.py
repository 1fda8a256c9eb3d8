"""sales_etl.py's run on files: nothing lost, nothing twice, whatever happens in between."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etl import sales_etl
from etl.sales_etl import Files, Ledger, build_options, list_csv, run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

HEADER = "id_venta,fecha,cantidad,canal\n"
DATA = Path(__file__).parents[3] / "data"


class Shop:
    """A source folder and the places the job writes to, on local disk."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self.folder = spark, folder
        self.source, self.target = folder / "raw_sales", folder / "out" / "sales"
        self.source.mkdir(parents=True)
        self.listings = 0

    def put(self, name: str, body: str | bytes, changed: int = 0) -> Path:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        if changed:
            os.utime(path, (changed, changed))
        return path

    def run(self, types: dict[str, str] | None = None, **arguments: str) -> dict[str, int]:
        options = build_options({"target": str(self.target), **arguments}, types or {})
        return run(self.spark, self.list_sources, options)

    def list_sources(self) -> list[sales_etl.SourceFile]:
        self.listings += 1
        return list_csv(Files(self.spark), str(self.source))

    def accepted(self) -> list[Any]:
        return self._read(self.target)

    def rejected(self) -> list[Any]:
        return self._read(self.target.parent / "rejected_sales")

    def ids(self) -> list[str]:
        return sorted(row.id_venta for row in self.accepted())

    def _read(self, folder: Path) -> list[Any]:
        return (
            self.spark.read.parquet(str(folder)).collect() if folder.exists() and any(folder.rglob("*.parquet")) else []
        )


@pytest.fixture
def shop(spark: SparkSession, tmp_path: Path) -> Shop:
    return Shop(spark, tmp_path)


def test_rows_go_to_their_month_and_the_others_aside(shop: Shop) -> None:
    shop.put("a.csv", HEADER + "1,2024-01-15,2,web\n2,2024-02-01 10:00:00,1,app\n3,2024-01-31,0,web\n4,,1,web\n")
    assert shop.run() == {
        "files": 1, "read": 4, "accepted": 2, "rejected": 2, "fecha_vacia": 1, "cantidad_no_positiva": 1
    }  # fmt: skip
    folders = sorted({str(path.parent.relative_to(shop.target)) for path in shop.target.rglob("*.parquet")})
    assert folders == ["año=2024/mes=1", "año=2024/mes=2"]
    assert {(row.id_venta, row.cantidad, row["año"], row.mes) for row in shop.accepted()} == {
        ("1", 2.0, 2024, 1),
        ("2", 1.0, 2024, 2),
    }
    assert {(row.id_venta, row.fecha, row.cantidad, row.motivo) for row in shop.rejected()} == {
        ("3", "2024-01-31", "0", "cantidad_no_positiva"), ("4", None, "1", "fecha_vacia")
    }  # fmt: skip


def test_only_rows_are_in_the_target(shop: Shop) -> None:
    """A crawler over the target must find one table: no markers, no rejected rows, no ledger, nothing of staging."""
    shop.put("a.csv", HEADER + "1,2024-01-15,2,web\n2,2024-01-15,0,web\n")
    shop.run()
    assert {path.suffix for path in shop.target.rglob("*") if path.is_file() and not path.name.startswith(".")} == {
        ".parquet"
    }
    (row,) = shop.spark.read.parquet(str(shop.target)).collect()
    assert list(row.asDict()) == ["id_venta", "fecha", "cantidad", "canal", "año", "mes"]
    assert not list((shop.folder / "out" / "_control").rglob("*.parquet"))


def test_again_is_the_same_as_once(shop: Shop) -> None:
    shop.put("a.csv", HEADER + "1,2024-01-15,2,web\n2,2024-01-15,0,web\n")
    shop.run()
    assert shop.run()["files"] == 0
    assert shop.ids() == ["1"]
    assert len(shop.rejected()) == 1


def test_a_later_file_is_added(shop: Shop) -> None:
    shop.put("a.csv", HEADER + "1,2024-01-15,2,web\n")
    shop.run()
    shop.put("b.csv", HEADER + "2,2024-01-16,2,web\n")
    assert shop.run()["files"] == 1
    assert shop.ids() == ["1", "2"]


def test_a_file_sent_again_replaces_its_own_rows_only(shop: Shop) -> None:
    shop.put("a.csv", HEADER + "1,2024-01-15,2,web\n2,2024-02-15,1,web\n3,2024-02-15,0,web\n")
    shop.put("b.csv", HEADER + "9,2024-02-16,2,web\n")
    shop.run()
    shop.put("a.csv", HEADER + "1,2024-01-15,5,web\n", changed=2_000_000_000)
    assert shop.run()["files"] == 1
    assert {(row.id_venta, row.cantidad) for row in shop.accepted()} == {("1", 5.0), ("9", 2.0)}
    assert shop.rejected() == []


def test_the_same_file_sent_again_changes_nothing(shop: Shop) -> None:
    body = HEADER + "1,2024-01-15,2,web\n2,2024-01-15,0,web\n"
    shop.put("a.csv", body)
    shop.run()
    shop.put("a.csv", body, changed=2_000_000_000)
    shop.run()
    assert shop.ids() == ["1"]
    assert len(shop.rejected()) == 1


@pytest.mark.slow
def test_reprocess_replaces_everything_once(shop: Shop) -> None:
    shop.put("a.csv", HEADER + "1,15/01/2024,2,web\n")
    shop.run()
    assert shop.run(reprocess="true", date_format="dd/MM/yyyy")["accepted"] == 1
    assert shop.ids() == ["1"]
    assert shop.rejected() == []


@pytest.mark.slow
def test_many_files_in_one_run_keep_their_own_outputs(shop: Shop) -> None:
    names = ["a.csv", "año=2024/campaña de otoño [1] 100%.csv", "sub/a.csv", "sub/B.CSV"]
    for number, name in enumerate(names):
        shop.put(name, HEADER + f"{number},2024-01-15,2,web\n{number},2024-01-15,0,web\n")
    assert shop.run()["read"] == 8
    assert shop.ids() == ["0", "1", "2", "3"]
    for name in names:
        shop.put(name, HEADER + "x,2024-01-15,1,web\n", changed=2_000_000_000)
        shop.run()
    assert shop.ids() == ["x"] * 4
    assert shop.rejected() == []


@pytest.mark.slow
def test_a_file_that_comes_during_the_run_is_taken_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("a.csv", HEADER + "1,2024-01-15,2,web\n")
    stage = sales_etl._stage

    def stage_and_receive(*arguments: Any) -> dict[str, int]:
        if not (shop.source / "late.csv").exists():
            shop.put("late.csv", HEADER + "2,2024-01-15,2,web\n")
        return stage(*arguments)

    monkeypatch.setattr(sales_etl, "_stage", stage_and_receive)
    assert shop.run()["files"] == 2
    assert shop.ids() == ["1", "2"]


@pytest.mark.parametrize("moment", ["_group_by_header", "_run_batch"])
def test_a_file_that_is_deleted_before_it_is_read_is_said_and_the_others_are_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, moment: str
) -> None:
    shop.put("a.csv", HEADER + "1,2024-01-15,2,web\n")
    gone = shop.put("gone.csv", HEADER + "2,2024-01-15,2,web\n")
    original = getattr(sales_etl, moment)

    def delete_and_go_on(*arguments: Any) -> Any:
        gone.unlink(missing_ok=True)
        return original(*arguments)

    monkeypatch.setattr(sales_etl, moment, delete_and_go_on)
    assert shop.run()["files"] == 1
    assert shop.ids() == ["1"]
    assert "deleted before it could be read" in caplog.text
    assert str(gone) in caplog.text
    assert not list((shop.folder / "out" / "_control" / "sales" / "staging").glob("*"))


@pytest.mark.slow
def test_a_flood_of_files_is_committed_in_parts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sales_etl, "_BATCH_FILES", 2)
    for number in range(5):
        shop.put(f"{number}.csv", HEADER + f"{number},2024-01-15,2,web\n")
    commit, sizes = Ledger.commit, []

    def counted(ledger: Ledger, staging: str, sources: list[Any], outputs: Any) -> None:
        sizes.append(len(sources))
        commit(ledger, staging, sources, outputs)

    monkeypatch.setattr(Ledger, "commit", counted)
    assert shop.run()["files"] == 5
    assert sizes == [2, 2, 1]
    assert shop.ids() == ["0", "1", "2", "3", "4"]


class Killed(BaseException):
    """What a kill looks like from inside: nothing after it runs."""


# Each of these is reached in every run; a run dies there and the next one must put things right.
DEATHS = {
    "before anything is staged": (sales_etl, "_stage", False),
    "after staging, before the commit": (Ledger, "commit", False),
    "after the commit, before publishing": (Ledger, "publish", False),
    "before the first object gets its name": (Files, "move", False),
    "after the first object got its name": (Files, "move", True),
}


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.slow
def test_a_run_that_dies_loses_nothing_and_doubles_nothing(shop: Shop, death: str) -> None:
    shop.put("a.csv", HEADER + "1,2024-01-15,1,web\n")
    shop.run()
    shop.put("a.csv", HEADER + "1,2024-01-15,7,web\n2,2024-02-15,1,web\n3,2024-03-15,0,web\n", changed=2_000_000_000)
    shop.put("b.csv", HEADER + "4,2024-02-15,1,web\n")
    owner, name, after = DEATHS[death]
    original = getattr(owner, name)

    def die(*arguments: Any) -> None:
        if after:
            original(*arguments)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, die)
        with pytest.raises(Killed):
            shop.run()
    shop.put("c.csv", HEADER + "5,2024-02-15,1,web\n")
    shop.run()
    assert {(row.id_venta, row.cantidad) for row in shop.accepted()} == {("1", 7.0), ("2", 1.0), ("4", 1.0), ("5", 1.0)}
    assert len(shop.accepted()) == 4
    assert [row.id_venta for row in shop.rejected()] == ["3"]
    assert shop.run()["files"] == 0
    assert not list((shop.folder / "out" / "_control" / "sales" / "staging").glob("*"))


def test_one_bad_file_does_not_stop_the_others_and_is_named(shop: Shop) -> None:
    shop.put("good.csv", HEADER + "1,2024-01-15,2,web\n")
    shop.put("clientes.csv", "id_cliente;nombre\nC1;Begoña\n")
    shop.put("latin.csv", "fecha,cantidad,ciudad\n2024-01-15,1,A Coruña y más allá\n".encode("latin-1"))
    named = r"(?s)2 file.*clientes\.csv: no column fecha, cantidad among id_cliente, nombre.*latin\.csv: byte f1 .* not UTF-8"
    for _ in range(2):
        with pytest.raises(ValueError, match=named):
            shop.run()
    assert shop.ids() == ["1"]
    shop.put("clientes.csv", HEADER + "2,2024-01-15,2,web\n", changed=2_000_000_000)
    (shop.source / "latin.csv").unlink()
    shop.run()
    assert shop.ids() == ["1", "2"]


@pytest.mark.parametrize("body", ["", "\n", HEADER, HEADER.rstrip("\n")])
def test_a_file_without_rows_is_done_once(shop: Shop, body: str) -> None:
    shop.put("empty.csv", body)
    assert shop.run() == {"files": 1, "read": 0, "accepted": 0, "rejected": 0}
    assert shop.run()["files"] == 0


def test_a_line_with_other_cells_is_rejected_whole(shop: Shop) -> None:
    shop.put("a.csv", HEADER + '1,2024-01-15,2,web,de más\n2,2024-01-15,3\n3,2024-01-15,1,"a, ""b"""\n')
    assert shop.run()["linea_mal_formada"] == 2
    assert shop.ids() == ["3"]
    assert sorted(row.linea for row in shop.rejected()) == ["1,2024-01-15,2,web,de más", "2,2024-01-15,3"]
    assert [row.canal for row in shop.accepted()] == ['a, "b"']


def test_a_value_that_is_not_of_the_catalogs_type_is_null_and_said(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.put(
        "a.csv", "fecha,cantidad,id_tienda,importe\n2024-01-15,1,7,1.5\n2024-01-16,1,siete,2.5\n2024-01-16,0,ocho,1\n"
    )
    counts = shop.run({"id_tienda": "bigint", "importe": "double", "fecha": "string", "cantidad": "bigint"})
    assert (counts["accepted"], counts["rejected"]) == (2, 1)
    assert {(row.id_tienda, row.importe) for row in shop.accepted()} == {(7, 1.5), (None, 2.5)}
    assert "1 rows have a value that is not of its column's type" in caplog.text
    assert [row.linea for row in shop.rejected()] == ["2024-01-16,0,ocho,1"]


def test_blanks_around_values_go(shop: Shop) -> None:
    shop.put("a.csv", HEADER + " 1 , 2024-01-15 , 2 ,web  \n2,2024-01-15,   ,web\n")
    assert shop.run()["cantidad_vacia"] == 1
    (row,) = shop.accepted()
    assert (row.id_venta, row.cantidad, row.canal) == ("1", 2.0, "web")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("bom.csv", b"\xef\xbb\xbf" + HEADER.encode() + "1,2024-01-15,2,teléfono\r\n".encode()),
        ("crlf.csv", HEADER.replace("\n", "\r\n") + "1,2024-01-15,2,teléfono\r\n"),
        ("excel.csv", HEADER.replace(",", ";") + "1;2024-01-15;2;teléfono\n"),
        ("packed.csv.gz", gzip.compress((HEADER + "1,2024-01-15,2,teléfono\n").encode(), mtime=0)),
        ("no_end.csv", HEADER + "1,2024-01-15,2,teléfono"),
    ],
)
def test_files_as_other_programs_write_them(shop: Shop, name: str, body: str | bytes) -> None:
    shop.put(name, body)
    assert shop.run()["accepted"] == 1
    (row,) = shop.accepted()
    assert (row.id_venta, row.canal) == ("1", "teléfono")


@pytest.mark.slow
def test_another_encoding_can_be_asked_for(shop: Shop) -> None:
    shop.put("a.csv", (HEADER + "1,2024-01-15,2,teléfono\n").encode("latin-1"))
    shop.run(encoding="ISO-8859-1")
    assert [row.canal for row in shop.accepted()] == ["teléfono"]


@pytest.mark.slow
def test_a_line_of_ten_megabytes_is_a_row(shop: Shop) -> None:
    shop.put("a.csv", HEADER + "1,2024-01-15,2," + "x" * 10_000_000 + "\n2,2024-01-15,1,web\n")
    assert shop.run()["accepted"] == 2
    assert shop.ids() == ["1", "2"]


def test_files_with_other_columns_live_side_by_side(shop: Shop) -> None:
    shop.put("a.csv", HEADER + "1,2024-01-15,2,web\n")
    shop.put("b.csv", "cantidad,fecha,id_venta,mes\n3,2024-01-15,2,enero\n")
    assert shop.run()["files"] == 2
    rows = shop.spark.read.option("mergeSchema", True).parquet(str(shop.target)).collect()
    assert {(row.id_venta, row.cantidad, row.canal, row.mes_origen, row.mes) for row in rows} == {
        ("1", 2.0, "web", None, 1), ("2", 3.0, None, "enero", 1)
    }  # fmt: skip


def test_a_single_file_can_be_the_source(shop: Shop) -> None:
    path = shop.put("ventas.txt", HEADER + "1,2024-01-15,2,web\n")
    found = list_csv(Files(shop.spark), str(path))
    assert [file.path.rsplit("/", 1)[1] for file in found] == ["ventas.txt"]
    with pytest.raises(FileNotFoundError, match=r"--source .*nada: there is no such file or folder"):
        list_csv(Files(shop.spark), str(shop.source / "nada"))


@pytest.mark.slow
def test_compiled_and_interpreted_runs_agree(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("a.csv", (DATA / "ventas_2024_03.csv").read_bytes())
    interpreted = shop.run()
    rows = sorted(map(repr, shop.accepted()))
    monkeypatch.setattr(sales_etl, "_COMPILE_FROM_BYTES", 0)
    assert shop.run(reprocess="true") == interpreted
    assert sorted(map(repr, shop.accepted())) == rows


def test_the_labs_data_comes_out_as_its_readme_says(shop: Shop) -> None:
    for path in DATA.glob("ventas_*.csv"):
        shop.put(path.name, path.read_bytes())
    counts = shop.run()
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert f"Aceptadas {counts['accepted']} · rechazadas {counts['rejected']}." in readme
    assert len(shop.accepted()) == counts["accepted"]
    assert len(shop.rejected()) == counts["rejected"]
    assert counts["read"] == counts["accepted"] + counts["rejected"]
    assert all(row.precio_unitario is not None for row in shop.accepted())
    assert {row.canal for row in shop.accepted()} == {"tienda", "web", "app", "teléfono"}


def test_the_ledger_says_which_file_became_which_objects(shop: Shop) -> None:
    source = shop.put("a.csv", HEADER + "1,2024-01-15,2,web\n")
    shop.run()
    ledger = json.loads((shop.folder / "out" / "_control" / "sales" / "ledger.json").read_text(encoding="utf-8"))
    ((path, entry),) = ledger["sources"].items()
    assert path.endswith(str(source))
    assert entry["size_bytes"] == source.stat().st_size
    assert all(Path(name).exists() for name in entry["outputs"])
