"""The suite itself: what it says of a service, and how that is written down."""

from __future__ import annotations

import pytest

from conformance import Outcome, Scenario, Scene, Verdict, all_scenarios
from conformance.__main__ import arguments, service_of, summary
from conformance.table import of_rows, table, written_into


async def nothing(scene: Scene) -> None:
    """A transcript that is never played."""


def outcome(verdict: Verdict, *rows: str) -> Outcome:
    return Outcome(Scenario("file.function", rows, nothing), verdict)


PASS, FAIL, LACKS = Verdict.PASS, Verdict.FAIL, Verdict.NOT_OFFERED


@pytest.mark.parametrize(
    ("seen", "row"),
    [
        ([PASS, PASS], PASS),
        ([PASS, LACKS], PASS),
        ([FAIL, PASS], FAIL),
        ([LACKS, FAIL], FAIL),
        ([LACKS, LACKS], LACKS),
    ],
)
def test_one_fail_fails_a_row(seen: list[Verdict], row: Verdict) -> None:
    found = [outcome(verdict, "JOIN-01") for verdict in seen]
    assert of_rows(found) == of_rows(found[::-1]) == {"JOIN-01": row}


def test_a_table_has_a_line_for_each_row_in_the_order_of_their_numbers() -> None:
    ours = [outcome(PASS, "JOIN-10", "JOIN-9"), outcome(FAIL, "AFF-01")]
    theirs = [outcome(LACKS, "JOIN-9", "JOIN-10", "AFF-01")]
    assert table({"Ours": ours, "Theirs": theirs}).splitlines() == [
        "| row | Ours | Theirs |",
        "| --- | --- | --- |",
        "| AFF-01 | fail | not offered |",
        "| JOIN-9 | pass | not offered |",
        "| JOIN-10 | pass | not offered |",
        "| **pass** | **2** | **0** |",
        "| **fail** | **1** | **0** |",
        "| **not offered** | **0** | **3** |",
    ]
    assert summary(ours) == "1 passed, 1 failed, 0 not offered"


def test_a_table_takes_the_place_of_the_one_before() -> None:
    document = "Before\n<!-- table:begin -->\nold\n<!-- table:end -->\nAfter"
    once = written_into(document, "new")
    assert once == "Before\n<!-- table:begin -->\nnew\n<!-- table:end -->\nAfter"
    assert written_into(once, "new") == once
    with pytest.raises(ValueError, match="table:begin"):
        written_into("Nothing", "new")


def test_each_scenario_shows_something() -> None:
    found = all_scenarios()
    assert len(found) > 200
    assert all(scenario.rows for scenario in found)
    assert len({scenario.name for scenario in found}) == len(found)


def test_four_accounts_are_needed() -> None:
    given = ["--service", "rooms.localhost", "a:1", "b:2:3", "c:3", "d:4"]
    service = service_of(arguments().parse_args(given))
    assert [account.password for account in service.accounts.values()] == ["1", "2:3", "3", "4"]
    given[3] = "a:2"
    with pytest.raises(SystemExit, match="four different accounts"):
        service_of(arguments().parse_args(given))
