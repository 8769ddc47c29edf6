"""What stands in the place of a name and is none tells nobody: neither who a person is, nor that two are one."""

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.contracts.values import Classification
from hub.ingest.prepare import prepare_warehouse
from hub.privacy.erasure import erase_person
from hub.privacy.identity import Identity
from hub.privacy.plain_text import TextSearch
from hub.settings import Settings
from ingest.deliveries import raw_rows, take_in
from ingest.small_feeds import column, feed
from privacy.letters import ADA, BO, LETTERS, as_csv, erase, token_of, told

P = Classification.PERSONAL
CARDS = feed(
    column("ref", required=True),
    *(column(f"victim_{one}", classification=P) for one in ("name", "postcode", "email")),
    column("words", classification=Classification.SENSITIVE),
    name="cards",
)
NOT_STATED = ("Anonymous", "n/a", "Not stated", "Unknown", "-")


@pytest.mark.parametrize("name", [".", ",", "..", "., ."])
def test_who_gives_a_point_for_a_name_is_erased(hub: Settings, engine: sa.Engine, name: str) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA, "reporter_name": name}, {"ref": "B", **BO}))
    erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert "reporter_email" not in told(hub, engine, LETTERS)["A"]


@pytest.mark.parametrize("name", NOT_STATED)
def test_two_neighbours_who_give_no_name_are_two(name: str) -> None:
    one = Identity.of([{"name": name, "postcode": "N1 1AA", "email": "ada@example.org"}])
    neighbour = {"victim": {"name": name.casefold(), "postcode": "n11aa", "email": "bo@example.org"}}
    assert one.who(neighbour) == frozenset()


def test_an_erasure_leaves_the_neighbour_who_gave_no_name_either(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [CARDS])
    data = b"ref,victim_name,victim_postcode,victim_email,words\n"
    data += b"A,Anonymous,N1 1AA,ada@example.org,of A\nB,anonymous,N1 1AA,bo@example.org,of B\n"
    take_in(settings, engine, CARDS, data)
    token = next(str(row["victim_email_token"]) for row in raw_rows(engine, CARDS) if row["ref"] == "A")
    erase_person(settings, engine, Catalogue({"cards": CARDS}, {}), token, because="asked for", decided_by="a.person")
    assert told(settings, engine, CARDS)["B"] == {
        "victim_name": "anonymous",
        "victim_postcode": "N1 1AA",
        "victim_email": "bo@example.org",
        "words": "of B",
    }


WRITTEN_FOR_NONE = (
    "I\u2019d rather not say",
    "Don\u2019t know",
    "I won't say",
    "Dr. x",
    "AAA",
    "Xxx Xxx",
    "Mr. N. A.",
    "T.B.C.",
)


@pytest.mark.parametrize("name", WRITTEN_FOR_NONE)
def test_what_is_written_where_there_is_no_name_tells_nobody(name: str) -> None:
    assert not Identity.of([{"name": name}]).names


@pytest.mark.parametrize(
    "name", ["Malcolm X", "Li", "Mr Bishop", "Siobhan O'Neill", "D'Arcy Na", "Ng", "Ann-Marie Ip", "Aa"]
)
def test_names_that_are_short_or_like_other_words_are_names(name: str) -> None:
    assert Identity.of([{"name": name}]).names


@pytest.mark.parametrize("name", [".", "-", "--"])
def test_a_line_for_a_name_does_not_make_every_text_with_the_day_of_birth_the_persons(name: str) -> None:
    one = TextSearch.of(Identity.of([{"name": name, "date_of_birth": "1980-02-03"}]))
    assert not one.is_in("Bo Nolan, born 1980-02-03, wrote")


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\u2060", "\u200f"])
def test_characters_that_nobody_sees_hide_no_address_in_a_text(hidden: str) -> None:
    one = TextSearch.of(Identity.of([{"email": "ada@example.org"}]))
    assert one.is_in(f"write to ada@{hidden}example.org")
