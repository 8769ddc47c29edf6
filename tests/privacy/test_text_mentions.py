"""What others wrote about an erased person waits for a decision; then words are masked, and all else stays."""

import json
import uuid

import pytest
import sqlalchemy as sa

from hub.deliveries import DeliveryStatus
from hub.ingest.release import release_row
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.privacy import mask_mentions, person_traces
from hub.privacy.certificate import Certificate
from hub.privacy.mask_mentions import MaskingRefused, decide_mentions
from hub.privacy.mention_passages import waiting_passages
from hub.privacy.text_mentions import TEXTS, ListedMention, read_mentions
from hub.settings import Settings
from ingest.deliveries import ledger_rows, quarantined, raw_rows, take_in
from privacy.letters import (
    ADA,
    BO,
    CALLS,
    CATALOGUE,
    LETTERS,
    as_csv,
    as_json_lines,
    erase,
    landed_texts,
    open_texts,
    store,
    token_of,
    told,
)

SAID = "I saw Ada  QUILL there,\nada@example.org she said. Ring Bo."
MASKED = "I saw ***  ***** there,\n*************** she said. Ring Bo."
NAMESAKE = "another Quill, Ada, of another town"
LETTERS_OF_BO = as_csv({"ref": "A", **ADA}, {"ref": "B", **BO, "words": SAID}, {"ref": "C", **BO, "words": NAMESAKE})


def decide(hub: Settings, engine: sa.Engine, certificate: Certificate, *leave: int) -> Certificate:
    return decide_mentions(hub, engine, CATALOGUE, uuid.UUID(certificate.erasure_id), leave=leave, by="b.person")[0]


def listed(engine: sa.Engine, certificate: Certificate) -> list[ListedMention]:
    with engine.connect() as connection:
        return read_mentions(connection, uuid.UUID(certificate.erasure_id))


def erase_ada(hub: Settings, engine: sa.Engine) -> Certificate:
    return erase(hub, engine, token_of(engine, LETTERS, "A"))


def test_nothing_is_masked_before_somebody_decides(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, LETTERS_OF_BO)
    before = told(hub, engine, LETTERS)
    certificate = erase_ada(hub, engine)
    assert told(hub, engine, LETTERS) == {**before, "A": {}}
    found = store(certificate, TEXTS)
    assert (found.looked_at, found.found, found.removed, found.left) == (3, 2, 0, 2)
    assert all("waits for a decision" in one for one in found.left_in)
    assert not certificate.nothing_is_left
    with engine.connect() as connection:
        rows = connection.execute(sa.text("select to_jsonb(one)::text from vault.text_mentions as one")).all()
    assert not any("quill" in str(row).lower() or "ada@" in str(row) for row in rows)


def test_the_words_are_masked_and_everything_else_of_the_row_stays(hub: Settings, engine: sa.Engine) -> None:
    delivered = take_in(hub, engine, LETTERS, LETTERS_OF_BO)
    before, raw = told(hub, engine, LETTERS), {row["ref"]: row for row in raw_rows(engine, LETTERS)}
    certificate = erase_ada(hub, engine)
    (first, second) = listed(engine, certificate)
    assert first.mention.row_number < second.mention.row_number
    done = decide(hub, engine, certificate, second.number)
    expected = {"A": {}, "B": {**before["B"], "words": MASKED}, "C": before["C"]}
    assert told(hub, engine, LETTERS) == expected
    found = store(done, TEXTS)
    assert (found.found, found.removed, found.left) == (2, 1, 1)
    assert found.left_in[0].endswith("left by b.person")
    masking = (
        "select who, action, details ->> 'masked', details ->> 'left' from audit.log where details ->> 'left' <> ''"
    )
    with engine.connect() as connection:
        noted = connection.execute(sa.text(masking)).one()
    assert tuple(noted) == ("b.person", mask_mentions.PURPOSE, "[1]", "[2]")
    now = {row["ref"]: row for row in raw_rows(engine, LETTERS)}
    assert [name for name in raw["B"] if now["B"][name] != raw["B"][name]] == ["words_token"]
    assert now["C"] == raw["C"]
    (left,) = landed_texts(hub)
    assert MASKED.encode() in left
    assert NAMESAKE.encode() in left
    assert person_traces.counts_are_kept(engine, CATALOGUE)
    # The same bytes are still the same delivery, and what is loaded again is what is left, with the same token.
    assert take_in(hub, engine, LETTERS, LETTERS_OF_BO, "again.csv").delivery_id == delivered.delivery_id
    assert [row.status for row in ledger_rows(engine)] == [DeliveryStatus.LOADED, DeliveryStatus.DUPLICATE]
    withdraw_delivery(hub, CATALOGUE, delivered.delivery_id, because="a test", decided_by="a.person")
    restore_delivery(hub, CATALOGUE, delivered.delivery_id, because="a test", decided_by="a.person")
    assert told(hub, engine, LETTERS) == expected
    again = {row["ref"]: row["words_token"] for row in raw_rows(engine, LETTERS)}
    assert again["B"] == now["B"]["words_token"]


def test_where_all_is_masked_nothing_is_left(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, LETTERS_OF_BO)
    said = {**BO, "words": "call 07700900123 now"}
    take_in(hub, engine, CALLS, as_json_lines({"ref": "D", **said}, {"ref": "", **said}), "calls.jsonl")
    certificate = erase_ada(hub, engine)
    done = decide(hub, engine, certificate)
    assert done.nothing_is_left
    assert (store(done, TEXTS).removed, store(done, TEXTS).left) == (4, 0)
    masked = "call *********** now"
    assert told(hub, engine, CALLS)["D"]["words"] == masked
    (kept_out,) = map(json.loads, open_texts(hub, engine))
    assert (kept_out["words"], kept_out["victim_name"]) == (masked, "Bo Nolan")
    assert [row.state for row in quarantined(engine)] == ["open"]
    everything = b"".join(landed_texts(hub))
    assert everything.count(masked.encode()) == 2
    assert b"0123" not in everything
    assert b"QUILL" not in everything
    assert decide(hub, engine, certificate) == done


def test_a_row_that_somebody_corrected_loses_the_right_words_in_vault_and_landed_file(
    hub: Settings, engine: sa.Engine
) -> None:
    delivered = "Ada Quill and Bo were there, Ada Quill first"
    wrong = {"ref": "B", **BO, "words": delivered, "day": "no day"}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, wrong))
    (kept_out,) = quarantined(engine)
    corrected = {"day": "2026-01-03", "words": "Bo, Ada Quill and Bo were there"}
    release_row(hub, engine, CATALOGUE, kept_out.quarantine_id, "a.person", corrected)
    certificate = erase_ada(hub, engine)
    assert store(certificate, TEXTS).found == 1
    passages = list(waiting_passages(hub, engine, CATALOGUE, uuid.UUID(certificate.erasure_id), "a.person"))
    assert [said for _, said in passages] == [["Bo, [[Ada Quill]] and Bo were there"]]
    assert decide(hub, engine, certificate).nothing_is_left
    assert told(hub, engine, LETTERS)["B"]["words"] == "Bo, *** ***** and Bo were there"
    (left,) = landed_texts(hub)
    assert b"*** ***** and Bo were there, *** ***** first" in left


def test_a_text_that_names_two_erased_people_loses_both(hub: Settings, engine: sa.Engine) -> None:
    said = {"ref": "C", "reporter_name": "Cy Marsh", "words": "Ada Quill hit Bo Nolan", "day": "2026-01-03"}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}, said))
    certificates = [erase(hub, engine, token_of(engine, LETTERS, ref)) for ref in "AB"]
    for one in certificates:
        assert decide(hub, engine, one).nothing_is_left
    assert told(hub, engine, LETTERS)["C"]["words"] == "*** ***** hit ** *****"
    assert b"*** ***** hit ** *****" in landed_texts(hub)[0]


def test_only_what_waits_can_be_decided(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, LETTERS_OF_BO)
    with pytest.raises(LookupError, match="no erasure"):
        decide_mentions(hub, engine, CATALOGUE, uuid.uuid4(), leave=[], by="b.person")
    certificate = erase_ada(hub, engine)
    with pytest.raises(MaskingRefused, match="no mention 3"):
        decide(hub, engine, certificate, 3)
    decide(hub, engine, certificate, 1)
    with pytest.raises(MaskingRefused, match="no mention 2"):
        decide(hub, engine, certificate, 2)


def test_killed_on_the_way_it_is_done_again(hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(hub, engine, LETTERS, LETTERS_OF_BO)
    certificate = erase_ada(hub, engine)
    for name in ("rows_at", "carry_out_removal"):
        with monkeypatch.context() as patched:
            patched.setattr(mask_mentions, name, _killed)
            with pytest.raises(KeyboardInterrupt):
                decide(hub, engine, certificate)
        # Asked for again, an erasure that was carried out removes nothing that is still read.
        assert erase(hub, engine, certificate.asked_for).erasure_id == certificate.erasure_id
    done = decide(hub, engine, certificate)
    assert done.nothing_is_left
    (left,) = landed_texts(hub)
    assert MASKED.encode() in left


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
