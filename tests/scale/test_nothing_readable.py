"""While Spark works no personal value is readable in what it writes or says, no secret in what its processes were
started with, and nobody else can reach it."""

import random
import re
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from hub.contracts.model import Catalogue, Contract
from hub.contracts.rules import Rule
from hub.deliveries import DeliveryStatus
from hub.ingest.on_spark import WorkerFailed, saying_where
from hub.ingest.validation import RuleFailed
from hub.settings import Settings
from ingest.zips_in_parts import zip_of
from scale.hubs import ANY_SHARE, Both, answer, needs_spark
from scale.mutated import header_of, line_of, records_of, rows_of
from scale.processes import Noted, at_the_same_time
from scale.small_parts import NOTES, part, prepared

pytestmark = [pytest.mark.long, needs_spark]
NAMES = ("Zebedee Quillfeather", "Ottoline Brackenthwaite")
LEAST_SECRET = 16


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return replace(catalogue.contracts["provider_statements"], rejected_rows=ANY_SHARE)


def named_day(contract: Contract, *, is_broken: bool) -> bytes:
    """Statements of two persons: in columns for names, in rows that are rejected, and in lines that are no record."""
    chance = random.Random(7)
    header, *good = records_of(contract, "good")
    whole = [row for row in (*good, *records_of(contract, "bad")[1:]) if len(row) == len(header)]
    parts = []
    for number in range(5):
        rows = rows_of(contract, chance, 300)
        for _ in range(200):
            row = list(chance.choice(whole))
            row[header.index("source_identity")] = NAMES[number % 2]
            row[header.index("decision_facts")] = f"Written by {NAMES[1 - number % 2]}, {chance.random()}"
            rows.append(line_of(row))
        rows += [f"{NAMES[0]},no record\n".encode(), f'{NAMES[1]},"quote"s\n'.encode(), NAMES[0].encode() + b"\xff\n"]
        parts.append(header_of(contract) + b"".join(rows))
    return zip_of(*parts, *([header_of(contract) + f'x,"{NAMES[0]}\n'.encode(), parts[0]] if is_broken else []))


def readable(data: bytes) -> bool:
    """Whether a part of a name stands there, as UTF-8 or as UTF-16."""
    words = [word for name in NAMES for word in name.split()]
    return any(word.encode(form) in data for word in words for form in ("utf-8", "utf-16-le", "utf-16-be"))


def secrets_of(settings: Settings) -> set[bytes]:
    """Keys and passwords of a hub."""
    found: set[bytes] = set()
    for path in settings.secrets.rglob("*"):
        if path.is_file():
            found |= {one for one in re.split(rb"[\s:=]+", path.read_bytes()) if len(one) >= LEAST_SECRET}
    for path in (settings.secrets / "roles").resolve().glob("*"):
        found |= {one for one in re.split(rb"[\s:=]+", path.read_bytes()) if len(one) >= LEAST_SECRET}
    return found


def noting(both: Both, tmp_path: Path) -> Noted:
    """What to look at; Spark's own folder is where the operator says."""
    (tmp_path / "spark").mkdir()
    (tmp_path / "kept").mkdir()
    both.spark.spark_options.write_text(f"spark.local.dir {tmp_path / 'spark'}\n")
    return Noted(tmp_path / "kept", (tmp_path / "spark", both.spark.home / "landing"))


@pytest.mark.parametrize("is_broken", [False, True], ids=["right", "read in order at last"])
def test_what_spark_writes_and_says_holds_no_name_and_what_it_is_given_no_secret(
    both: Both,
    contract: Contract,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    *,
    is_broken: bool,
) -> None:
    data = named_day(contract, is_broken=is_broken)
    one = both.in_order(contract, data)
    noted = noting(both, tmp_path)
    with at_the_same_time(noted.look):
        other, seen = both.on_spark(contract, data)
    output = capfd.readouterr()
    assert one.status is DeliveryStatus.LOADED
    assert answer(one) == answer(other)
    assert (seen.was_used == 0) is is_broken
    with capfd.disabled():
        of_spark = [path for path in noted.files.values() if path.is_relative_to(tmp_path / "spark")]
        size = sum((noted.kept / str(number)).stat().st_size for number in noted.files)
        print(f"\n{len(noted.files)} files were written, {len(of_spark)} in Spark's folder, {size} bytes in all")
        print(sorted({re.sub(r"[0-9a-f-]{8,}|[0-9]+", "#", path.name) for path in noted.files.values()}))
        print(f"listening on {noted.addresses}; {len(noted.commands)} commands, {len(noted.environments)} environments")
    assert_no_name_is_readable(noted, output.out + output.err + caplog.text)
    assert_no_secret_is_given(both, noted)
    assert of_spark
    assert noted.addresses
    assert {address for address in noted.addresses if not address.startswith("127.") and address != "::1"} == set()
    assert [path for path in (tmp_path / "spark").rglob("*") if path.suffix == ".data" or "rdd_" in path.name] == []


def test_a_worker_that_fails_says_no_value(
    both: Both, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    wrong = Rule("note.odd", "expect_column_values_to_match_regex", {"column": "note", "regex": "("}, "a test", "note")
    contract = prepared(both, replace(NOTES, row_rules=(wrong,)))
    lines = [f"r{number},Bow,{NAMES[0]},2026-03-04\n".encode() for number in range(9)]
    noted = noting(both, tmp_path)
    with pytest.raises(RuleFailed) as failed, at_the_same_time(noted.look):
        both.on_spark(contract, zip_of(part(lines[:4]), part(lines[4:])))
    output = capfd.readouterr()
    assert_no_name_is_readable(noted, output.out + output.err + caplog.text + str(failed.value))


def test_the_words_of_an_error_stay_with_the_worker() -> None:
    """Spark writes the traceback of a worker to its log, on a cluster into a file of each worker."""
    with pytest.raises(WorkerFailed) as failed, saying_where():
        raise ValueError(f"could not convert {NAMES[0]}")
    assert not readable("".join(traceback.format_exception(failed.value)).encode())


def assert_no_name_is_readable(noted: Noted, said: str) -> None:
    assert readable(f"here is {NAMES[0]}".encode())
    found = [path for number, path in noted.files.items() if readable((noted.kept / str(number)).read_bytes())]
    assert found == []
    assert not readable(said.encode())
    assert not any(readable(one) for one in noted.environments)


def assert_no_secret_is_given(both: Both, noted: Noted) -> None:
    secrets = secrets_of(both.spark)
    assert len(secrets) > 3
    given = b"\0".join([*noted.environments, *(one.encode() for one in noted.commands)])
    assert noted.environments
    assert any("java" in one for one in noted.commands)
    assert [path for path in secrets if path in given] == []
