"""What becomes of the answer to a review of what has been kept for long."""

import uuid
from datetime import date

import pytest
import sqlalchemy as sa

from hub.ingest.prepare import prepare_warehouse
from hub.orchestration import reviews
from hub.privacy import person_traces
from hub.privacy.retention import DueReview
from hub.settings import Settings
from ingest.deliveries import raw_rows, take_in
from privacy.letters import ADA, BO, CATALOGUE, FEEDS, LETTERS, as_csv, landed_texts, mention, told

TODAY = date(2040, 1, 1)


@pytest.fixture
def ada(settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> uuid.UUID:
    """A hub in which Ada's review is due for as long as linkage knows her."""
    person = uuid.uuid4()

    def due_reviews(connection: sa.Connection, today: date, *, limit: int) -> list[DueReview]:
        query = sa.text("select distinct person_id from linkage.mention_persons limit :limit")
        rows = connection.execute(query, {"limit": limit})
        return [DueReview(row.person_id, 3, today, today) for row in rows]

    monkeypatch.setattr(reviews, "read_catalogue", lambda _: CATALOGUE)
    monkeypatch.setattr(reviews, "due_reviews", due_reviews)
    prepare_warehouse(engine, FEEDS)
    take_in(settings, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    place = next((row["_delivery_id"], row["_row_number"]) for row in raw_rows(engine, LETTERS) if row["ref"] == "A")
    mention(engine, place, "reporter", person)
    return person


def answer(settings: Settings, person: uuid.UUID) -> reviews.Reviewed:
    return reviews.carry_out(
        settings, [str(person)], is_keep=False, because="long ago", decided_by="a.person", today=TODAY
    )


def noted(engine: sa.Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(sa.text("select person_id, decision, retention_group from vault.retention_reviews"))
        return [tuple(row) for row in rows]


def test_a_retention_erasure_that_was_cut_short_is_finished_by_the_next_try(
    settings: Settings, engine: sa.Engine, ada: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(person_traces, "reclaim", _killed)
        with pytest.raises(KeyboardInterrupt):
            answer(settings, ada)
    assert noted(engine) == [(ada, "erase", 3)]
    assert answer(settings, ada) == reviews.Reviewed(erased=1)
    assert len(list((settings.home / "erasures").glob("*.json"))) == 1
    assert told(settings, engine, LETTERS)["A"] == {}
    assert not any(b"ada@" in text for text in landed_texts(settings))
    assert answer(settings, ada) == reviews.Reviewed()
    assert noted(engine) == [(ada, "erase", 3)]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
