"""A text is read in one form by all searches, and with its places it is the same as without them."""

import random

import pytest
import sqlalchemy as sa

from hub.privacy.identity import Identity
from hub.privacy.mention_search import MentionSearch, masked
from hub.privacy.person_traces import search_tables
from hub.privacy.plain_text import TextSearch
from hub.privacy.readings import readings, said_in

ADA = {
    "name": "Ada Quill",
    "email": "ada.quill@bücher.example",
    "phone": "07700 900123",
    "date_of_birth": "1980-02-13",
    "postcode": "SE1 7PB",
}
ARABIC = "07700-900123".translate({0x30 + digit: 0x660 + digit for digit in range(10)})
IDENTITY = Identity.of([ADA])
PARTS = (
    *"aAeÉßİıﬁœ\u0301\u0308\u200b\ufe0f\u00ad ,-\u2014\u00b4%&\\;4ǿ각가ㅏΣςЙ٣３ｶﾞ",  # noqa: RUF001 - letters of all kinds
    *("&#64;", "&#x6f", "&nbsp;", "&amp;", "%40", "%C3%A9", "%FC", "\\u00e9", "\\\\u0040", "\\ud83d\\ude00", "\\x41"),
    *("\\303\\251", "\\n", "\\/", "\u1112\u1161\u11ab"),
)


def test_a_text_with_places_reads_as_without_them() -> None:
    chance = random.Random(7)
    for _ in range(5_000):
        text = "".join(chance.choices(PARTS, k=12))
        with_places = readings(text)
        assert [" ".join(one.said.split()) for one in with_places] == said_in(text), ascii(text)
        for one in with_places:
            assert len(one.said) == len(one.starts) == len(one.ends)
            assert all(0 <= start < end <= len(text) for start, end in zip(one.starts, one.ends, strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to ada.quill%40b%C3%BCcher.example, 100%", "to *******************************, 100%"),
        ("caf\u00e9 &amp; Ada&nbsp;Quill &lt;", "café &amp; ************** &lt;"),
        ('{"by": "Ada\\u0020Quill\\n"}', '{"by": "**************\\n"}'),
        (f"ring {ARABIC} now", "ring ************ now"),
        ("for Ada Quill, 13\\/02\\/1980.", "for *** *****, ************."),
        ("\u00b4Ada Quill\u00b4s", "\u00b4*** *****\u00b4s"),
    ],
)
def test_only_what_names_the_person_is_masked_however_it_is_written(text: str, expected: str) -> None:
    spans = MentionSearch.of(IDENTITY).spans(text)
    assert masked(text, [(one.start, one.end) for one in spans]) == expected


OTHERS = (
    ("Bo Ada-Quill of SE1 7PB", ADA),
    ("Anne Lloyd-Jones, SE1 7PB", {"name": "Lloyd Jones", "postcode": "SE1 7PB"}),
    ("[13:02:45] Ada Quill said", {"name": "Ada Quill", "date_of_birth": "1945-02-13"}),
    ("Ada Quill, 1302198000", ADA),
    ("Ada Quill, 02/03/1980", {"name": "Ada Quill", "date_of_birth": "1980-02-03"}),
    ("Ada Quill, 1302 of 1980", ADA),
    ("Ada' Quilla or Ad Aquill, SE1 7PB", ADA),
    ("Ada Quill told 1.010 others", {"name": "Ada Quill", "postcode": "1010"}),
    ("1.2.80.4 Ada Quill", {"name": "Ada Quill", "date_of_birth": "1980-02-01"}),
    ("077009001234 and 1707700900123", ADA),
    ("x-ada.quill@bücher.example", ADA),
)


@pytest.mark.parametrize(("text", "known"), OTHERS)
def test_what_only_looks_like_it_is_not_found(text: str, known: dict[str, str]) -> None:
    if known is ADA and "Ada Quill" in text:
        known = {**ADA, "postcode": ""}
    assert not TextSearch.of(Identity.of([known])).is_in(text)


SAID = (
    "Ada\u2003Quill, 13\u201202\u20141980",
    "Ada Quill, 13th of February 1980",
    "Ada Quill, 1980-02-13T00:00:00",
    "Ada Quill of se1\u20117pb",
    "ada.quill@\ufe0fbu\u0308cher.example",
    "ada.quill@xn--bcher-kva.example",
    "ada.quill%40bücher.example",
    "ada.quill&#64;bücher.example",
    "ring 07700900123ext5",
    "?name=Ada+Quill&at=SE1+7PB",
    f"ring {ARABIC}",
    "\\\\u0041da Quill, 13021980",
)


@pytest.mark.parametrize("said", SAID, ids=ascii)
def test_the_database_finds_what_is_found_in_a_text(engine: sa.Engine, said: str) -> None:
    text = TextSearch.of(IDENTITY)
    assert text.is_in(said)
    with engine.begin() as connection:
        connection.execute(sa.text("create schema if not exists reference"))
        connection.execute(sa.text("create table reference.notes (said text)"))
        connection.execute(sa.text("insert into reference.notes values (:said), ('of nobody')"), {"said": said})
    assert search_tables(engine, text)[1] == ["reference.notes"]
