"""A stranger's attack on what docs/exchange.md promises of files: what is handed in, what is checked, and what an
answer's verdict is worth."""

import hashlib
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.conftest import FORCE, PROVIDER
from exchange.conftest import OTHER_FORCE, Exchange, sandbox
from exchange.outside import HEADERS, ingested, problem, waiting_files
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery

FEED = "police_hate_crimes"
SAMPLES = Path(__file__).parents[2] / "expectations" / FEED / "samples"
GOOD, BAD = ((SAMPLES / name).read_bytes() for name in ("good.csv", "bad.csv"))
FEW_BAD = b"\n".join(BAD.splitlines()[:12])
"""Too few rows to hold the whole file for those that are wrong."""
NAME = f"{FEED}_{FORCE}_2026-11.csv"
HAND_IN, CHECK = f"/v1/deliveries/{FEED}", f"/v1/checks/{FEED}"
MEBIBYTE = 1024**2
AT_ONCE = 8


@pytest.fixture
def sender(exchange: Exchange) -> Exchange:
    """The exchange, where both forces may hand in hate crimes."""
    for code in (FORCE, OTHER_FORCE):
        exchange.hub.recipient(code, delivers=[FEED])
    return exchange


def hand_in(exchange: Exchange, token: str, body: bytes, name: str | None = None) -> Any:
    return exchange.post(token, HAND_IN, content=body, params={"file_name": name} if name else {})


BAD_NAMES = [
    "../x.csv",
    "..",
    ".",
    "",
    "/etc/passwd",
    "a/b.csv",
    "a\\b.csv",
    ".hidden.csv",
    "~x.csv",
    "a..b.csv",
    "x.csv\n",
    "x\x00.csv",
    "x.csv\u202e",
    "caf\u00e9.csv",
    "-rf",
    " x.csv",
    "x" * 121,
    "x.part",
    "x.csv.tmp",
    "x.csv.filepart",
    "x.csv.partial",
    "x.csv.crdownload",
    f"{FEED}_{OTHER_FORCE}_2026-11.csv",
    f"{FEED}_BTP_2026-11.csv",
]


def test_a_name_that_leads_elsewhere_or_names_another_sender_is_refused(sender: Exchange) -> None:
    token = sender.token().token
    taken = []
    for number, name in enumerate(BAD_NAMES):
        answer = sender.post(token, HAND_IN, content=GOOD + b"%d" % number, params={"file_name": name})
        if answer.status_code == 422:
            problem(answer)
        else:
            taken.append((name, answer.status_code))
    assert not taken
    assert not waiting_files(sender.hub)


def test_what_is_handed_in_is_what_ingest_gets_and_has_one_receipt(sender: Exchange) -> None:
    token, other_token = sender.token().token, sender.token().token
    with ThreadPoolExecutor(AT_ONCE) as callers:
        answers = list(callers.map(lambda number: hand_in(sender, token, GOOD, f"x{number}.csv"), range(AT_ONCE)))
    assert sorted(one.status_code for one in answers) == [200] * (AT_ONCE - 1) + [202]
    assert len({one.content for one in answers}) == 1
    [path] = waiting_files(sender.hub)
    assert path.read_bytes() == GOOD
    receipt = answers[0].json()
    assert (receipt["sha256"], receipt["bytes"]) == (hashlib.sha256(GOOD).hexdigest(), len(GOOD))
    other_content = hand_in(sender, token, BAD, path.name)
    assert other_content.status_code == 409
    problem(other_content, path.name, "Robin Sample")
    assert hand_in(sender, other_token, GOOD, NAME).content == answers[0].content
    place = f"/v1/deliveries/{receipt['delivery_id']}"
    assert sender.get(token, place).json()["status"] == "waiting"
    [result] = ingested(sender.hub, FEED)
    assert str(result.delivery_id) == receipt["delivery_id"]
    outcome = sender.get(token, place).json()
    assert (outcome["status"], outcome["rows_accepted"]) == (result.status, result.rows_accepted)
    again = hand_in(sender, other_token, GOOD)
    assert (again.status_code, again.content, waiting_files(sender.hub)) == (200, answers[0].content, [])
    theirs = sender.get(sender.token(OTHER_FORCE).token, place)
    assert theirs.status_code == 404


def test_the_content_of_another_recipient_is_no_oracle(sender: Exchange) -> None:
    mine, theirs = sender.token().token, sender.token(OTHER_FORCE).token
    first = hand_in(sender, mine, GOOD, NAME)
    second = hand_in(sender, theirs, GOOD)
    assert (first.status_code, second.status_code) == (202, 202)
    waiting = sender.get(theirs, f"/v1/deliveries/{second.json()['delivery_id']}")
    assert waiting.status_code == 200


def test_feeds_are_told_apart_by_the_contract_alone(sender: Exchange) -> None:
    token, reading = sender.token().token, sender.token(FORCE, *()).token
    provider = sender.token(PROVIDER).token
    feeds = ("force_responses", "provider_responses", "true_vision_reports", "no_such_feed")
    for place in ("deliveries", "checks"):
        said = {sender.post(token, f"/v1/{place}/{feed}", content=GOOD).content for feed in feeds}
        assert len(said) == 1
        refused = sender.post(provider, f"/v1/{place}/{FEED}", content=GOOD)
        assert refused.status_code == 403
        problem(refused)
    assert sender.post(reading, HAND_IN, content=b"").status_code == 422
    too_long = sender.post(token, CHECK, content=b"x" * (16 * MEBIBYTE + 1))
    assert too_long.status_code == 413
    problem(too_long)
    assert not waiting_files(sender.hub)


def counts(sender: Exchange) -> dict[str, int]:
    """How many rows each table of the hub has."""
    with sender.hub.engine.connect() as connection:
        tables = sa.text(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema') order by 1"
        )
        names = [str(row[0]) for row in connection.execute(tables)]
        parts = " union all ".join(f"select '{name}', count(*) from {name}" for name in names)
        return {str(row[0]): int(row[1]) for row in connection.execute(sa.text(parts))}


def files_of(home: Path) -> set[Path]:
    """All but keys, which the hub makes when it first needs one."""
    return {path for path in home.rglob("*") if path.is_file() and path.parent.name != "secrets"}


@pytest.mark.parametrize(
    "body", [GOOD, BAD, FEW_BAD, GOOD[: len(GOOD) // 2], b"\x00\xff" * 40, BAD.replace(b",", b";")]
)
def test_a_check_says_what_a_delivery_gets_and_keeps_nothing(
    sender: Exchange, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    token, home = sender.token().token, sender.hub.settings.home
    before, files = counts(sender), files_of(home)
    with sandbox(sender):
        checked = sender.post(token, CHECK, content=body, params={"file_name": NAME})
    assert checked.status_code == 200
    assert not HEADERS.items() - dict(checked.headers).items()
    assert (counts(sender), files_of(home)) == (before, files)
    for value in ("Robin Sample", "N1 9GU", "01/000001/26", NAME):
        assert value not in checked.text
        assert not [one for one in caplog.records if not one.name.startswith("httpx") and value in one.getMessage()]
    handed = hand_in(sender, token, body, NAME).json()
    [result] = ingested(sender.hub, FEED)
    outcome = sender.get(token, f"/v1/deliveries/{handed['delivery_id']}").json()
    said, names = checked.json(), ("status", "reason", "rows_read", "rows_accepted", "rows_quarantined")
    assert [said[name] for name in names] == [getattr(result, name) for name in names]
    assert [outcome[name] for name in names] == [said[name] for name in names]
    key = ("row_number", "rule", "field")
    if result.status is DeliveryStatus.LOADED:  # of one that is held or refused, no row waits in quarantine
        checked_faults, faults = ([[one[part] for part in key] for one in found["faults"]] for found in (said, outcome))
        assert checked_faults == faults
        assert len(faults) == result.rows_quarantined


def test_a_fault_of_the_hub_itself_tells_nothing(sender: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    dispatch_id, token = sender.offered(), sender.token().token
    sender.hub.change("alter table ledger.dispatches rename to gone")
    answer = sender.get(token, f"/v1/dispatches/{dispatch_id}")
    assert answer.status_code in {500, 503}
    problem(answer, str(dispatch_id), "ledger", "gone")
    handed = hand_in(sender, token, GOOD, NAME)
    assert handed.status_code in {202, 500, 503}
    written = [one for one in caplog.records if not one.name.startswith("httpx") and one.levelno >= logging.INFO]
    assert not [one for one in written if str(dispatch_id) in one.getMessage() + str(one.exc_text)]


MOMENTS = st.sampled_from(
    [
        *("2026-03-03T09:30:00+00:00", "2026-03-03T09:30:00", "2026-03-03", "03/03/2026 09:30", "now", "0", ""),
        *("2015-12-31T23:59:59+00:00", "2016-01-01T00:00Z", "2026-02-30T09:30:00+00:00", "2099-01-01T00:00:00+00:00"),
        *("2026-03-03T24:00:00+00:00", "2026-03-03 09:30:00+0000", " 2026-03-03T09:30:00+00:00"),
        *("2026-03-03T09:30:00.123456Z", "2026-03-03T09:30:00+25:00", "\u0662026-03-03T09:30:00Z"),
    ]
)
ODD = st.sampled_from(
    ["", " ", "\t", "\n", "a\r\nb", "null", "NULL", "N/A", "\u00a0", "\u200b", "\u0085", "\ufeff", "\x1f", "\x7f"]
)
WORDS = st.one_of(
    ODD,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.integers(195, 205).map("a".__mul__),
    st.integers(998, 1003).map("\u00e9".__mul__),
    st.sampled_from(["<b>&amp;]]>", "=1+1", "' or 1=1 --"]),
)
FORCES = st.sampled_from([FORCE, OTHER_FORCE, "ABROAD", "e23000002", "", "x", "E23000002 "])
CODES = st.sampled_from(["0", "22", "23", "01", "1.0", "apology", "", " 1"])
MOMENT = {"happened_at": st.just("2026-03-03T09:30:00+00:00")}
ROWS = st.one_of(
    st.fixed_dictionaries({"kind": st.sampled_from(["acknowledged", ""]), "happened_at": MOMENTS}),
    st.fixed_dictionaries(MOMENT | {"kind": st.sampled_from(["returned", "Returned", "returned "]), "reason": WORDS}),
    st.fixed_dictionaries(MOMENT | {"kind": st.just("accepted"), "officer_name": WORDS}),
    st.fixed_dictionaries(MOMENT | {"kind": st.just("transferred"), "transferred_to_force_code": FORCES}),
    st.fixed_dictionaries(MOMENT | {"kind": st.just("outcome"), "outcome_code": CODES}),
    st.fixed_dictionaries(
        MOMENT | {"kind": st.sampled_from(["acknowledged", "returned", "transferred", "outcome"])},
        optional={"reason": WORDS, "transferred_to_force_code": FORCES, "outcome_code": CODES},
    ),
)


def as_file(exchange: Exchange, row: dict[str, str], number: int) -> DeliveryResult:
    """What ingest says of the same answer in a force's own file."""
    hub = exchange.hub
    known = {"response_ref": f"FR-{number:08d}", "force_code": FORCE, "allocation_ref": "AL-00000001"}
    fields = known | {"incident_ref": "TV-00000001"} | row
    said = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    path = hub.settings.home / f"by_hand_{number}.xml"
    path.write_text(f'<responses count="1"><response>{said}</response></responses>', encoding="utf-8", newline="")
    contract = hub.catalogue.contracts["force_responses"]
    [receipt] = collect_files(hub.settings, hub.engine, contract, [path])
    return ingest_delivery(hub.settings, hub.engine, contract, receipt.delivery_id)


@pytest.mark.long
def test_the_exchange_takes_the_answers_that_ingest_accepts_and_no_others(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    seen: Counter[int] = Counter()

    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(row=ROWS)
    def verdicts_agree(row: dict[str, str]) -> None:
        answer = exchange.post(token, f"/v1/dispatches/{dispatch_id}/answers", json=row)
        seen[answer.status_code] += 1
        if answer.status_code == 422:
            problem(answer)
            result = as_file(exchange, row, sum(seen.values()))
            assert result.rows_accepted == 0, (row, answer.text)
            return
        assert answer.status_code in {200, 202}
        if answer.status_code == 202:
            [result] = ingested(exchange.hub, "force_responses")
            assert (result.rows_accepted, result.rows_quarantined) == (1, 0), row

    verdicts_agree()
    assert seen[202] > 5
    assert seen[422] > 5
    assert not waiting_files(exchange.hub)
