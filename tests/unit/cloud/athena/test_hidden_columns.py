"""``"$path"`` and its kin, and ``"t$partitions"``."""

from __future__ import annotations

import pytest

from tests.unit.cloud.athena.fakes import Athena

CSV = "CREATE EXTERNAL TABLE t (id int, v string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://data/t/'"
KEYED = (
    "CREATE EXTERNAL TABLE k (id int) PARTITIONED BY (y string, m int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
    "LOCATION 's3://data/k/'"
)


@pytest.fixture
def csv(athena: Athena) -> Athena:
    athena.put("t/a.csv", "1,a\n2,b\n")
    athena.put("t/ñ b.csv", "3,c\n")
    athena.ok(CSV)
    return athena


@pytest.fixture
def keyed(athena: Athena) -> Athena:
    for y, m in (("2023", 1), ("2024", 1), ("2024", 2)):
        athena.put(f"k/y={y}/m={m}/f.csv", f"{m}\n" * int(y[-1]))
    athena.ok(KEYED)
    athena.ok("MSCK REPAIR TABLE k")
    return athena


def test_a_path_is_selected_and_filtered(csv: Athena) -> None:
    assert csv.ok('SELECT "$path", id FROM t ORDER BY id') == [
        ["s3://data/t/a.csv", "1"],
        ["s3://data/t/a.csv", "2"],
        ["s3://data/t/ñ b.csv", "3"],
    ]
    answer = csv.run("""SELECT id FROM t WHERE "$path" LIKE '%ñ%'""")
    assert (answer.rows, answer.scanned_bytes) == ([["3"]], 4)
    assert csv.run("""SELECT id FROM t WHERE "$path" = 's3://data/t/no.csv'""").scanned_bytes == 0


def test_hidden_columns_are_no_part_of_a_star(csv: Athena) -> None:
    assert csv.ok("SELECT * FROM t WHERE id = 1") == [["1", "a"]]
    assert csv.ok('SELECT t.*, t."$file_size" FROM t WHERE id = 3') == [["3", "c", "4"]]
    assert csv.ok('SELECT x."$PATH" FROM t x WHERE id = 3') == [["s3://data/t/ñ b.csv"]]
    assert "'$path' cannot be resolved" in csv.fails('SELECT "$path" FROM (SELECT * FROM t)')
    assert "'$partition' cannot be resolved" in csv.fails('SELECT "$partition" FROM t')


def test_hidden_columns_group_and_join(csv: Athena) -> None:
    assert csv.ok('SELECT "$path", count(*) FROM t GROUP BY "$path" ORDER BY 2') == [
        ["s3://data/t/ñ b.csv", "1"],
        ["s3://data/t/a.csv", "2"],
    ]
    assert csv.ok('SELECT count(*) FROM t a JOIN t b ON a."$path" = b."$path"') == [["5"]]
    recent = "\"$file_modified_time\" > TIMESTAMP '2020-01-01 00:00:00 UTC'"
    assert csv.ok(f'SELECT count("$file_modified_time") FROM t WHERE {recent}') == [["3"]]


def test_hidden_columns_of_a_partitioned_table(keyed: Athena) -> None:
    assert keyed.ok('SELECT DISTINCT "$partition", y, m FROM k ORDER BY 1') == [
        ["y=2023/m=1", "2023", "1"],
        ["y=2024/m=1", "2024", "1"],
        ["y=2024/m=2", "2024", "2"],
    ]
    answer = keyed.run("""SELECT count(*) FROM k WHERE y = '2024' AND "$path" LIKE '%m=2%'""")
    assert (answer.rows, answer.scanned_bytes) == ([["4"]], 8)
    answer = keyed.run("""SELECT count(*) FROM k WHERE y = '2023' OR "$path" LIKE '%m=2%'""")
    assert (answer.rows, answer.scanned_bytes) == ([["7"]], 14)


def test_partitions_are_a_table(keyed: Athena) -> None:
    assert keyed.ok('SELECT * FROM "k$partitions" ORDER BY y, m') == [["2023", "1"], ["2024", "1"], ["2024", "2"]]
    assert keyed.ok("SELECT max(m) FROM db.\"k$partitions\" WHERE y = '2024'") == [["2"]]
    assert keyed.run('SELECT count(*) FROM "k$partitions"').scanned_bytes == 0
    assert "TABLE_NOT_FOUND" in keyed.fails('SELECT * FROM "nope$partitions"')


def test_an_empty_table_has_its_hidden_columns(athena: Athena) -> None:
    athena.ok(CSV)
    assert athena.ok('SELECT "$path", "$file_size" FROM t') == []
