"""Where a text names a person, whatever way it is written."""

import unicodedata

import pytest

from hub.privacy.identity import Identity
from hub.privacy.mention_search import MentionSearch, masked
from hub.privacy.plain_text import TextSearch

ADA = {
    "name": "Ada Quill",
    "email": "ada@example.org",
    "phone": "07700 900123",
    "postcode": "SE1 7PB",
    "handle": "quill_of_ada",
}


def search() -> MentionSearch:
    return MentionSearch.of(Identity.of([ADA, {"handle": "ada"}, {"name": "Ada"}]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was ADA  QUILL, I saw her.", "It was ***  *****, I saw her."),
        ("Quill, Ada\nlives there", "****** ***\nlives there"),
        ("Ádá Qu\u200bill, straße", "*** ******, straße"),
        ("Ａｄａ Ｑｕｉｌｌ, Ⅻ", "*** *****, Ⅻ"),  # noqa: RUF001 - wide letters
        ("mail ada@example.org!", "mail ***************!"),
        ("ring +44 7700 900-123 now", "ring *** **** ******* now"),
        ("(07700) 900123", "******* ******"),
        ("he is @quill_of_ada there", "he is @************ there"),
        ("Ada Quill of se17pb", "*** ***** of ******"),
        ("nothing of SE1 7PB, Ada", None),
        ("Ada Quillon, Lada Quill and xada@example.org", None),
    ],
)
def test_only_the_words_that_name_the_person_are_masked(text: str, expected: str | None) -> None:
    spans = search().spans(text)
    assert not any(text[one.start].isspace() for one in spans)
    assert masked(text, [(one.start, one.end) for one in spans]) == (text if expected is None else expected)
    assert bool(spans) is (expected is not None)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("أحمد علي", "أحمد علي"),
        ("أحمد علي", "احمد علي"),
        ("محمد علي", "مُحَمَّد علي"),
        ("דוד כהן", "דָּוִד כהן"),
        ("김 민수", "김 민수"),
        ("김 민수", unicodedata.normalize("NFD", "김 민수")),
        ("Андрей Сергей", "АНДРЕЙ СЕРГЕИ"),
        ("Γιάννης Παπάς", "ΓΙΑΝΝΗΣ ΠΑΠΑΣ"),
        ("Γιαννης Παπας", "Γιάννης Παπάς"),
        ("राज़ कुमार", "राज़ कुमार"),
        ("Iş\u0131l Y\u0131lmaz", "IŞIL YILMAZ"),
        ("Isil Yilmaz", "Iş\u0131l Y\u0131lmaz"),
        ("Zoë O'Tamsin-Quill", "ZOE O\u2019TAMSIN QUILL"),
        ("李 小龙", "李 小龙"),
    ],
)
def test_a_name_in_any_script_is_found(name: str, written: str) -> None:
    identity = Identity.of([{"name": name, "postcode": "SE1 7PB"}])
    (span,) = MentionSearch.of(identity).spans(f"it was {written}.")
    assert f"it was {written}."[span.start : span.end] == written
    assert TextSearch.of(identity).is_in(f"{written}, SE1 7PB")


def test_parts_that_overlap_are_one() -> None:
    search = MentionSearch.of(Identity.of([{"name": "Ada Quill"}, {"name": "Ada Quill Bo"}]))
    assert [tuple(one)[:2] for one in search.spans("Ada Quill Bo")] == [(0, 12)]


def test_what_is_told_beside_a_name_counts_where_the_name_stands_beside_the_text() -> None:
    text = "of SE1 7PB, Ada"
    (span,) = search().spans(text, is_named=True)
    assert (text[span.start : span.end], span.kind) == ("SE1 7PB", "postcode")
    assert search().spans(text) == []
