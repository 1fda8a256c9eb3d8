"""Scripts of joins and relational tables, run unmodified through StartJobRun; expected rows computed in plain Python."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.glue_scripts.support.bench import Aws, Bench, ordered

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def bench(aws: Aws) -> Bench:
    return Bench(aws, "scripts-joins")


USERS: Rows = [
    {"id": 1, "name": "Ana", "zone": "n", "note": "u"},
    {"id": 2, "name": "Bo", "zone": "s", "note": None},
    {"id": 3, "name": "Cy", "zone": "n"},
    {"name": "no id", "zone": "n"},
]
ORDERS: Rows = [
    {"user": 1, "zone": "n", "total": 10.5, "note": "o", "buyer": {"id": 2}},
    {"user": 1, "zone": "s", "total": 1.25},
    {"user": 2, "zone": "s", "total": 2.5, "buyer": {"id": 1}},
    {"user": None, "zone": "n", "total": 3.5, "buyer": {"id": 9}},
    {"user": 2, "zone": "s", "total": 2.5, "buyer": {"id": 1}},
]
CITIES: Rows = [{"zone": "n", "city": "León"}, {"zone": "s", "city": "Cádiz"}]


@pytest.fixture(scope="module")
def joins(bench: Bench) -> str:
    for name, rows in (("users", USERS), ("orders", ORDERS), ("cities", CITIES)):
        bench.put_json(f"joins/{name}/{name}.json", rows)
    return bench.run("join_duplicates", {"--base": bench.uri("joins")})


def pairs() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(user, order) for user in USERS for order in ORDERS if user.get("id") and user["id"] == order["user"]]


def test_two_keys_and_columns_of_one_name(bench: Bench, joins: str) -> None:
    expected = []
    for user, order in pairs():
        if user["zone"] == order["zone"]:
            kept = {"id": user["id"], "name": user["name"], "zone": user["zone"], "total": order["total"]}
            expected.append({**kept, "buyer": order["buyer"]})
    assert bench.rows("joins/out/two_keys/", "json") == ordered(expected)
    names = [".note", ".zone", "buyer", "id", "name", "note", "total", "user", "zone"]
    assert f"fields {names}" in joins
    assert "select 2" in joins


def test_joins_in_a_chain(bench: Bench, joins: str) -> None:
    cities = {row["zone"]: row["city"] for row in CITIES}
    expected = [{"id": user["id"], "city": cities[user["zone"]], "total": order["total"]} for user, order in pairs()]
    assert bench.rows("joins/out/three/", "json") == ordered(expected)
    assert "left 2" in joins


def test_keys_may_lie_in_structs(bench: Bench, joins: str) -> None:
    names = {user["id"]: user["name"] for user in USERS if "id" in user}
    buyers = [(order["total"], names.get(order.get("buyer", {}).get("id"))) for order in ORDERS]
    expected = [{"total": total, "name": name} for total, name in buyers if name]
    assert bench.rows("joins/out/nested/", "json") == ordered(expected)


GAMES: Rows = [
    {
        "id": 1, "meta": {"tags": ["x", 'ñ, "q"'], "place": "P"},
        "teams": [{"name": "A", "players": [{"nick": "a1", "stats": {"goals": 2}}, {"nick": "a2"}]}, {"name": "B"}],
    },
    {"id": 2, "teams": [{"name": "C", "players": [{"nick": "c1", "stats": {"goals": 0}}]}]},
    {"id": 3, "meta": {"place": "Q"}},
]  # fmt: skip


@pytest.fixture(scope="module")
def games(bench: Bench) -> str:
    bench.put_json("games/in/g.json", GAMES)
    return bench.run("relational_deep", {"--base": bench.uri("games"), "--TempDir": bench.uri("tmp/")})


def test_tables_of_nested_arrays_join_back_through_sql(bench: Bench, games: str) -> None:
    assert "names ['games', 'games_meta.tags', 'games_teams', 'games_teams.val.players']" in games
    expected = []
    for game in GAMES:
        for team_no, team in enumerate(game.get("teams", [])):
            head = {"id": game["id"], "team_no": team_no, "team": team["name"]}
            players = [
                {"player_no": n, "nick": one["nick"], **({"goals": one["stats"]["goals"]} if "stats" in one else {})}
                for n, one in enumerate(team.get("players", []))
            ]
            expected += [{**head, **player} for player in players or [{}]]
    assert bench.rows("games/out/players/", "json") == ordered(expected)


def test_arrays_in_structs_become_tables(bench: Bench, games: str) -> None:
    expected = [
        {"id": game["id"], "n": n, "tag": tag}
        for game in GAMES
        for n, tag in enumerate(game.get("meta", {}).get("tags", []))
    ]
    assert bench.rows("games/out/tags/", "json") == ordered(expected)


def test_every_table_is_written(bench: Bench, games: str) -> None:
    counts = {"games": 3, "games_meta.tags": 2, "games_teams": 3, "games_teams.val.players": 3}
    assert {name: len(bench.rows(f"games/csv/{name}/", "csv")) for name in counts} == counts
    assert all(f"{name} {count}" in games.splitlines() for name, count in counts.items())
