from __future__ import annotations

from benchmarks.inputs import SAMPLE
from benchmarks.measure import COLD, WARM, Measurement, Step
from benchmarks.tables import growth_table, time_table

TITLES = {"ours": "PP-RAWS", "duckdb": "DuckDB", "pandas": "pandas"}


def steps(bronze: float, silver: float) -> dict[str, Step]:
    return {
        "cold start": Step(1, 2, 50),
        "cold bronze": Step(bronze, 2 * bronze, 100),
        "cold silver": Step(silver, 2 * silver, 300),
        "warm bronze": Step(bronze / 2, bronze, 200),
        "warm silver": Step(silver / 2, silver, 250),
    }


def taken(engine: str, scale: float, times: float, rows: int = 20_000, error: str = "") -> Measurement:
    measured = steps(2 * times, 6 * times)
    if error:
        del measured["warm silver"]
    return Measurement(engine, "nsde", scale, 30 * scale, measured, {"nsde": rows}, "2026-11-26", 0.5, error)


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_a_cold_run_has_its_start_and_a_warm_one_has_none() -> None:
    one = taken("ours", 1, 1)
    assert one.total(COLD) == Step(9, 18, 300)
    assert one.total(WARM) == Step(4, 8, 250)
    assert taken("ours", 1, 1, error="killed").total(WARM) is None


def test_the_table_has_seconds_memory_ratios_and_rows() -> None:
    found = [taken("ours", 1, 4), taken("duckdb", 1, 1), taken("pandas", 1, 2, rows=19_999)]
    assert cells(time_table(found, TITLES)) == [
        ["1x, 30.0 MB", "PP-RAWS", "33.0", "16.0", "66.0", "32.0", "300", "3.7", "4.0", "20,000"],
        ["1x, 30.0 MB", "DuckDB", "9.00", "4.00", "18.0", "8.00", "300", "1.0", "1.0", "20,000"],
        ["1x, 30.0 MB", "pandas", "17.0", "8.00", "34.0", "16.0", "300", "1.9", "2.0", "nsde 19,999, ours 20,000"],
    ]


def test_what_has_ended_early_says_why_and_has_no_ratio() -> None:
    [_, [*numbers, told]] = cells(time_table([taken("duckdb", 1, 1), taken("pandas", 1, 1, error="a | b")], TITLES))
    assert told == "ended: a / b"
    assert numbers[3] == numbers[8] == ""
    assert numbers[2] == "9.00"


def test_growth_is_told_of_each_engine_with_several_sizes() -> None:
    found = [taken("ours", 1, 1), taken("ours", 10, 10), taken("duckdb", 1, 1), taken("pandas", 1, 1)]
    assert cells(growth_table(found, TITLES)) == [["NSDE", "PP-RAWS", "1x, 10x", "1.00", "1.00", "0.00"]]
    assert growth_table(found[2:], TITLES) == ""
    assert growth_table([taken("ours", SAMPLE, 1), taken("ours", 1, 2)], TITLES) == ""
