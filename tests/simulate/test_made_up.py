"""Simulated deliveries contain no real person, address, number, account or post."""

import re
from datetime import date
from difflib import get_close_matches

import pytest

from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from simulate.delivered import REPORT_FEEDS, Told, told

LONGEST_ACCOUNT_NAME = 32
"""Telegram's, of the simulated platforms. Facebook allows longer names, but simulated pages there have numbers."""

MASKS = ("[slur]", "[insult]", "[group]", "[threat]")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    folder = tmp_path_factory.mktemp("made_up")
    simulate(Plan(reports=3000, days=20, seed=5, end=date(2026, 3, 31)), folder)
    return told(folder, *REPORT_FEEDS)


def values(reports: list[Told], ending: str) -> set[str]:
    found = {value for report in reports for name, value in report.cells.items() if name.endswith(ending) and value}
    assert len(found) > 100
    return found


def test_email_addresses_are_of_example_org(reports: list[Told]) -> None:
    assert {email.rsplit("@")[1] for email in values(reports, "_email")} == {"example.org"}


def test_telephone_numbers_are_of_an_unassigned_range(reports: list[Told]) -> None:
    bare = {phone.replace(" ", "").replace("+44", "0") for phone in values(reports, "_phone")}
    assert {phone for phone in bare if not re.fullmatch(r"06\d{9}", phone)} == set()


def test_postcodes_end_in_letters_that_real_ones_never_use(reports: list[Told]) -> None:
    letters = {letter for postcode in values(reports, "_postcode") for letter in postcode[-2:]}
    assert letters <= set("CIKMOV")


def test_account_names_are_longer_than_platforms_allow(reports: list[Told]) -> None:
    accounts = {name for url in values(reports, "content_url") for name in re.findall(r"made_up_\w+?_nobody_\d+", url)}
    assert len(accounts) > 100
    assert min(len(name) for name in accounts) > LONGEST_ACCOUNT_NAME


def test_post_ids_are_above_any_real_id(reports: list[Told]) -> None:
    urls = values(reports, "content_url")
    numbers = {int(number) for url in urls for number in re.findall(r"(?:status|video|posts)/(\d+)", url)}
    assert len(numbers) > 100
    assert min(numbers) >= 8 * 10**18


def test_hate_is_never_written_out(reports: list[Told]) -> None:
    """Between quotation marks stands a mask, here and there with a slip of the keyboard."""
    quoted = {words for report in reports for words in re.findall(r'"([^"]+)"', report.cells["description"] or "")}
    assert quoted >= set(MASKS)
    assert [words for words in quoted if not get_close_matches(words, MASKS, cutoff=0.6)] == []
