"""Simulated deliveries contain no real person, address, number, account or post: in clean reports by column, in all
files of all feeds by what looks like a contact or an account."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import pytest

from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from simulate.delivered import REPORT_FEEDS, DeliveredReport, read_reports

LONGEST_ACCOUNT_NAME = 32
"""Telegram's, of the simulated platforms. Facebook allows longer names, but simulated pages there have numbers."""

MASKS = ("[slur]", "[insult]", "[group]", "[threat]")


ACCOUNT = r"made_up_sample_account_[a-z]+_nobody_\d{7}"
WITHOUT_ACCOUNT = re.compile(
    r"(www\.|m\.)?("
    r"(t\.co|fb\.watch|vm\.tiktok\.com|youtu\.be|redd\.it)/"
    r"|x\.com/i/web/status/|[a-z]+\.facebook\.com/(story|permalink)\.php|tiktok\.com/v/|instagram\.com/p/"
    r"|youtube\.com/(watch|shorts/|embed/)|snapchat\.com/spotlight/|reddit\.com/comments/)"
    r"|(m\.facebook|(www\.)?facebook)\.com/(story|permalink)\.php"
)
"""Addresses in which a platform names the post alone."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made_up")
    simulate(Plan(reports=3000, days=20, seed=5, end=date(2026, 3, 31)), folder)
    return folder


@pytest.fixture(scope="module")
def reports(folder: Path) -> list[DeliveredReport]:
    return read_reports(folder, *REPORT_FEEDS)


def texts(folder: Path) -> Iterator[str]:
    """Every delivered file as text, dirty rows too; what is in zip files is unpacked, and Parquet has no persons."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".parquet"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                yield from (packed.read(name).decode() for name in packed.namelist())
        else:
            yield path.read_text(encoding="utf-8")


def values(reports: list[DeliveredReport], ending: str) -> set[str]:
    found = {value for report in reports for name, value in report.cells.items() if name.endswith(ending) and value}
    assert len(found) > 100
    return found


def test_email_addresses_are_of_example_org(reports: list[DeliveredReport]) -> None:
    assert {email.rsplit("@")[1] for email in values(reports, "_email")} == {"example.org"}


def test_telephone_numbers_are_of_an_unassigned_range(reports: list[DeliveredReport]) -> None:
    bare = {phone.replace(" ", "").replace("+44", "0") for phone in values(reports, "_phone")}
    assert {phone for phone in bare if not re.fullmatch(r"06\d{9}", phone)} == set()


def test_postcodes_end_in_letters_that_real_ones_never_use(reports: list[DeliveredReport]) -> None:
    letters = {letter for postcode in values(reports, "_postcode") for letter in postcode[-2:]}
    assert letters <= set("CIKMOV")


def test_accounts_in_addresses_are_made_up_and_longer_than_platforms_allow(reports: list[DeliveredReport]) -> None:
    addresses = {url.split("//")[1] for url in values(reports, "content_url")}
    named = {url for url in addresses if not WITHOUT_ACCOUNT.match(url)}
    accounts = {url: re.fullmatch(rf"[\w.]+/(?:@|r/|s/|add/)?({ACCOUNT})(?![\w-]).*", url) for url in named}
    assert [url for url, account in accounts.items() if account is None] == []
    assert len(accounts) > 100
    assert min(len(account[1]) for account in accounts.values() if account) > LONGEST_ACCOUNT_NAME


def test_handles_contacts_and_hosts_of_all_files_are_made_up(folder: Path) -> None:
    handles, emails = set[str](), set[str]()
    for text in texts(folder):
        handles |= set(re.findall(r"(?<![\w.+-])@(\w+)", text))
        emails |= set(re.findall(r"[\w.+-]+@([\w-]+\.[\w.-]+)", text))
    assert len(handles) > 100
    assert [handle for handle in handles if not re.fullmatch(ACCOUNT, handle)] == []
    assert emails == {"example.org"}


def test_post_ids_are_above_any_real_id(reports: list[DeliveredReport]) -> None:
    urls = values(reports, "content_url")
    numbers = {
        int(number)
        for url in urls
        for number in re.findall(r"(?:status(?:es)?|video|v|posts|story_fbid=)[/=]?(\d{6,})", url)
    }
    assert len(numbers) > 100
    assert min(numbers) >= 8 * 10**18


def test_hate_is_never_written_out(reports: list[DeliveredReport]) -> None:
    """Between quotation marks stands a mask, here and there with a slip of the keyboard."""
    quoted = {words for report in reports for words in re.findall(r'"([^"]+)"', report.cells["description"] or "")}
    assert quoted >= set(MASKS)
    assert [words for words in quoted if not get_close_matches(words, MASKS, cutoff=0.6)] == []
