"""The exercises of Spark practice: answers worked out with pandas pass, whatever their order, and answers that are nearly right do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from labkit.aws.session import Clients
from labkit.checks.context import build_context
from labkit.checks.finding import NOT_ATTEMPTED, NOT_YET, PASSED, CheckResult
from labkit.checks.run import run_check
from labkit.checks.tasks import get_task
from labkit.checks.values import MISSING, Frame, Other
from labkit.settings import Settings, read_settings

TIMES = ["salida", "llegada"]


@pytest.fixture(scope="module", params=["", "Begoña"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("practice")
    return read_settings({"LABKIT_STUDENT": request.param, "LABKIT_STATE": str(folder)}, folder)


@pytest.fixture(scope="module")
def rides(settings: Settings) -> pd.DataFrame:
    folder = build_context(settings, Clients(settings.target)).truth.folder
    return pd.read_csv(
        folder / "practice" / "viajes.csv",
        parse_dates=TIMES,
        dtype={"km": "string", "abono": "string"},
        keep_default_na=False,
    )


@pytest.fixture(scope="module")
def stations(settings: Settings) -> pd.DataFrame:
    folder = build_context(settings, Clients(settings.target)).truth.folder
    return pd.read_json(folder / "practice" / "estaciones.jsonl", lines=True)


@pytest.fixture(scope="module")
def clean(rides: pd.DataFrame) -> pd.DataFrame:
    last = rides.sort_values("llegada").drop_duplicates("id_viaje", keep="last").copy()
    last["km"] = pd.to_numeric(last["km"].str.replace(",", "."), errors="coerce")
    return last


def frame(data: pd.DataFrame, types: dict[str, str]) -> Frame:
    """What the check process gets of a Spark DataFrame with these types, its rows in no order."""
    shuffled = data[list(types)].sample(frac=1, random_state=7).astype(object)
    shuffled = shuffled.where(shuffled.notna(), None)
    rows = [
        tuple(item.to_pydatetime() if isinstance(item, pd.Timestamp) else item for item in row)
        for row in shuffled.itertuples(index=False, name=None)
    ]
    return Frame(tuple(types.items()), tuple(rows), len(rows))


def build_right(rides: pd.DataFrame, clean: pd.DataFrame, stations: pd.DataFrame) -> dict[str, tuple[str, Frame]]:
    """Task → the name of its value and a right answer."""
    read = rides.replace({"abono": {"": None}, "km": {"": None}})
    seconds = (rides["llegada"] - rides["salida"]).dt.total_seconds()
    long_trips = rides.assign(minutes=(seconds // 60).astype(int))[
        (seconds > 1800) & (rides["estacion_salida"] != rides["estacion_llegada"])
    ]
    distances = rides.assign(km=pd.to_numeric(rides["km"].str.replace(",", "."), errors="coerce"))
    kinds = clean.assign(abono=clean["abono"].replace("", "sin abono"))
    by_pass = kinds.groupby("abono").agg(trips=("id_viaje", "count"), km=("km", "sum")).reset_index()
    weekday = clean.assign(weekday=(clean["salida"].dt.dayofweek + 1) % 7 + 1)
    pivot = weekday.pivot_table(
        index="weekday", columns="abono", values="id_viaje", aggfunc="count", fill_value=0
    ).reset_index()
    joined = clean.merge(stations, left_on="estacion_salida", right_on="id")
    by_quarter = joined.groupby("barrio").size().rename("trips").reset_index()
    shunned = stations[~stations["id"].isin(clean["estacion_llegada"])]
    services = (
        stations.explode("servicios")
        .dropna(subset="servicios")
        .groupby("servicios")
        .size()
        .rename("stations")
        .reset_index()
    )
    lasted = clean.assign(lasted=clean["llegada"] - clean["salida"]).sort_values(
        ["lasted", "id_viaje"], ascending=[False, True]
    )
    ordered = clean.sort_values("salida")
    before = ordered.groupby("id_bici")["estacion_llegada"].shift()
    moved = ordered[before.notna() & (before != ordered["estacion_salida"])]
    text, whole, number, time = "string", "int", "double", "timestamp"
    trips = {"id_viaje": text, "id_bici": whole, "salida": time, "llegada": time}
    trips |= {"estacion_salida": text, "estacion_llegada": text, "abono": text, "km": text}
    return {
        "90.1": ("trips", frame(read, trips)),
        "90.2": ("long_trips", frame(long_trips, {"id_viaje": text, "minutes": whole})),
        "90.3": ("distances", frame(distances, {"id_viaje": text, "km": number})),
        "90.4": ("reports", frame(clean, {"id_viaje": text, "llegada": time})),
        "90.5": ("by_pass", frame(by_pass, {"abono": text, "trips": "bigint", "km": number})),
        "90.6": ("by_weekday", frame(pivot, {"weekday": whole, "mensual": "bigint", "anual": "bigint", "puntual": "bigint"})),
        "90.7": ("by_quarter", frame(by_quarter, {"barrio": text, "trips": "bigint"})),
        "90.8": ("shunned", frame(shunned, {"id": text, "nombre": text})),
        "90.9": ("services", frame(services.rename(columns={"servicios": "service"}), {"service": text, "stations": "bigint"})),
        "90.10": ("longest", frame(lasted.drop_duplicates("id_bici"), {"id_bici": whole, "id_viaje": text})),
        "90.11": ("moved", frame(moved, {"id_bici": whole, "id_viaje": text})),
    }  # fmt: skip


TASKS = [f"90.{number}" for number in range(1, 12)]


@pytest.fixture(scope="module")
def right(rides: pd.DataFrame, clean: pd.DataFrame, stations: pd.DataFrame) -> dict[str, tuple[str, Frame]]:
    return build_right(rides, clean, stations)


def check(settings: Settings, task: str, **values: Any) -> CheckResult:
    context = build_context(settings, Clients(settings.target), values)
    return run_check(get_task(task), context)


@pytest.mark.parametrize("task", TASKS)
def test_a_right_answer_passes_in_any_order(settings: Settings, right: dict[str, tuple[str, Frame]], task: str) -> None:
    name, answer = right[task]
    result = check(settings, task, **{name: answer})
    assert result.status == PASSED, [item.text() for item in result.findings]
    turned = Frame(answer.columns[::-1], tuple(row[::-1] for row in answer.rows), answer.total)
    assert check(settings, task, **{name: turned}).status == PASSED


def lose_a_row(answer: Frame) -> Frame:
    return Frame(answer.columns, answer.rows[1:], answer.total - 1)


def double_a_row(answer: Frame) -> Frame:
    return Frame(answer.columns, (*answer.rows, answer.rows[0]), answer.total + 1)


def change_a_value(answer: Frame) -> Frame:
    return Frame(answer.columns, ((*answer.rows[0][:-1], "x"), *answer.rows[1:]), answer.total)


def all_text(answer: Frame) -> Frame:
    columns = tuple((name, "timestamp" if kind == "string" else "string") for name, kind in answer.columns)
    return Frame(columns, tuple(tuple(str(item) for item in row) for row in answer.rows), answer.total)


def one_more_column(answer: Frame) -> Frame:
    return Frame((*answer.columns, ("extra", "int")), tuple((*row, 1) for row in answer.rows), answer.total)


def one_name_twice(answer: Frame) -> Frame:
    return Frame((*answer.columns, answer.columns[0]), tuple((*row, row[0]) for row in answer.rows), answer.total)


def empty(answer: Frame) -> Frame:
    return Frame(answer.columns, (), 0)


@pytest.mark.parametrize(
    "spoil", [lose_a_row, double_a_row, change_a_value, all_text, one_more_column, one_name_twice, empty]
)
@pytest.mark.parametrize("task", TASKS)
def test_an_answer_that_is_nearly_right_does_not(
    settings: Settings, right: dict[str, tuple[str, Frame]], task: str, spoil: Callable[[Frame], Frame]
) -> None:
    name, answer = right[task]
    assert check(settings, task, **{name: spoil(answer)}).status == NOT_YET


@pytest.mark.parametrize("task", TASKS)
def test_something_else_than_a_frame_is_named(
    settings: Settings, right: dict[str, tuple[str, Frame]], task: str
) -> None:
    name, _answer = right[task]
    result = check(settings, task, **{name: Other("pyspark.sql.column.Column")})
    assert result.status == NOT_YET
    assert "Column" in result.findings[0].text()
    assert check(settings, task, **{name: MISSING}).status == NOT_ATTEMPTED


def test_every_text_of_the_exercises_is_in_the_catalogue() -> None:
    from labkit.i18n import load_catalogue

    for task in TASKS:
        found = get_task(task)
        assert {found.title, *found.hints} <= set(load_catalogue())
