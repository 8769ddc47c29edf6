"""What a second person is asked about an erasure, and what comes of the answer."""

import json
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.deliveries import quarantine_id_of
from hub.ingest.prepare import prepare_warehouse
from hub.orchestration import erasures, mentions
from hub.orchestration.answers import NothingToDecide
from hub.privacy.mention_passages import waiting_passages
from hub.privacy.text_mentions import ListedMention
from hub.settings import Settings
from ingest.deliveries import take_in
from privacy.letters import ADA, BO, CALLS, CATALOGUE, FEEDS, LETTERS, as_csv, as_json_lines, open_texts, token_of, told

REASON = "asked for by the person"


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A hub that took in two letters and a call of Ada's, and one letter of Bo's."""
    for module in (erasures, mentions):
        monkeypatch.setattr(module, "read_catalogue", lambda _: CATALOGUE)
    prepare_warehouse(engine, FEEDS)
    take_in(hub := settings, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}, {"ref": "C", **ADA}))
    take_in(hub, engine, CALLS, as_json_lines({"ref": "D", **ADA}), "calls.jsonl")
    return hub


def test_the_question_shows_counts_by_feed_and_no_value(hub: Settings, engine: sa.Engine) -> None:
    token = token_of(engine, LETTERS, "A")
    question = erasures.describe(hub, token, REASON)
    assert token in question
    assert "| letters | 2 |" in question
    assert "Quill" not in question
    assert told(hub, engine, LETTERS)["A"] != {}


def test_who_is_approved_is_erased_under_the_name_of_who_approved(hub: Settings, engine: sa.Engine) -> None:
    token = token_of(engine, LETTERS, "A")
    done = erasures.carry_out(hub, token, because=REASON, decided_by="admin")
    assert done["nothing_else_is_left"]
    assert done["counts_are_kept"]
    certificate = json.loads(Path(done["certificate"]).read_text())
    assert (certificate["decided_by"], certificate["because"]) == ("admin", REASON)
    assert told(hub, engine, LETTERS)["A"] == {}
    assert told(hub, engine, LETTERS)["B"] != {}
    with pytest.raises(NothingToDecide, match="has been erased"):
        erasures.describe(hub, token, REASON)
    assert erasures.carry_out(hub, token, because=REASON, decided_by="operator")["certificate"] == done["certificate"]


def test_a_row_that_waits_in_quarantine_is_asked_about_and_erased(hub: Settings, engine: sa.Engine) -> None:
    done = take_in(hub, engine, CALLS, as_json_lines({"ref": "", **BO, "reporter_name": "Cy Marsh"}), "held.jsonl")
    row = quarantine_id_of(done.delivery_id, 1)
    question = erasures.describe(hub, f"{row}:victim", REASON)
    assert f"{row}:victim" in question
    assert "| calls | 1 |" in question
    assert "| letters | 1 |" not in question
    assert "Nolan" not in question
    with pytest.raises(NothingToDecide, match="nobody else"):
        erasures.describe(hub, f"{row}:officer", REASON)
    erasures.carry_out(hub, f"{row}:victim", because=REASON, decided_by="admin")
    (left,) = (json.loads(text) for text in open_texts(hub, engine))
    assert {name for name in left if name.startswith("victim")} == set()
    assert left["reporter_name"] == "Cy Marsh"
    with pytest.raises(NothingToDecide, match="has been erased"):
        erasures.describe(hub, f"{row}:victim", REASON)


@pytest.mark.parametrize("stranger", [str(uuid.UUID(int=7)), "t1_" + "0" * 40])
def test_nobody_is_asked_about_a_stranger(stranger: str, hub: Settings) -> None:
    with pytest.raises(NothingToDecide, match="nobody is known"):
        erasures.describe(hub, stranger, REASON)
    with pytest.raises(NothingToDecide, match="nobody is known"):
        erasures.carry_out(hub, stranger, because=REASON, decided_by="admin")


def test_texts_of_others_are_asked_about_by_number_and_masked_under_the_name_of_who_approved(
    hub: Settings, engine: sa.Engine
) -> None:
    said = [{"ref": ref, **BO, "words": f"Ada Quill said {ref}"} for ref in ("X", "Y", "Z")]
    take_in(hub, engine, LETTERS, as_csv(*said), "more.csv")
    done = erasures.carry_out(hub, token_of(engine, LETTERS, "A"), because=REASON, decided_by="admin")
    assert (done["texts_waiting"], done["nothing_else_is_left"]) == (3, True)
    about, question = mentions.describe(hub, done["erasure_id"])
    assert "| words | name |" in question
    assert "Quill" not in question
    passages = [text for _, texts in waiting(hub, engine, done["erasure_id"]) for text in texts]
    assert sorted(passages) == [f"[[Ada Quill]] said {ref}" for ref in ("X", "Y", "Z")]
    with pytest.raises(NothingToDecide, match="no mention 4"):
        mentions.carry_out(hub, **about, leave=[4], decided_by="operator")
    mentions.carry_out(hub, **about, leave=[2], decided_by="operator")
    words = [str(told(hub, engine, LETTERS)[ref]["words"]) for ref in ("X", "Y", "Z")]
    assert words == ["*** ***** said X", "Ada Quill said Y", "*** ***** said Z"]
    again = mentions.carry_out(hub, **about, leave=[2], decided_by="admin")
    (left,) = next(one for one in json.loads(Path(again["certificate"]).read_text())["stores"] if one["left"])[
        "left_in"
    ]
    assert left.endswith("left by operator")
    with pytest.raises(NothingToDecide, match="waits for a decision"):
        mentions.describe(hub, done["erasure_id"])


def waiting(hub: Settings, engine: sa.Engine, erasure_id: str) -> list[tuple[ListedMention, list[str]]]:
    return list(waiting_passages(hub, engine, CATALOGUE, uuid.UUID(erasure_id), "a.person"))


def test_a_name_is_not_repeated(hub: Settings) -> None:
    with pytest.raises(NothingToDecide, match="hub person find") as refused:
        erasures.describe(hub, "Ada Quill", REASON)
    assert "Quill" not in str(refused.value)
