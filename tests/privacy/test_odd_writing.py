"""However a number is punctuated and wherever an archive says it, what names a person is found."""

import pytest

from hub.privacy.identity import Identity
from hub.privacy.mention_search import MentionSearch
from hub.privacy.plain_text import NotSearchable, TextSearch
from privacy.letters import as_zip

ADA = Identity.of([{"email": "ada@example.org", "phone": "07700 900123"}])
DASHED = ("07700\u2011900\u2011123", "07700\u2013900123", "07700\u2010900123", "+44\u22127700\u2212900123")


@pytest.mark.parametrize("written", DASHED)
def test_a_telephone_number_with_dashes_of_print_is_found(written: str) -> None:
    text = f"ring {written} at night"
    assert TextSearch.of(ADA).is_in(text)
    assert [(one.start, one.end) for one in MentionSearch.of(ADA).spans(text)] == [(5, 5 + len(written))]


def test_the_name_of_a_file_in_an_archive_hides_no_address() -> None:
    try:
        count, masked = TextSearch.of(ADA).mask(as_zip(("ada@example.org.txt", b"nothing")), 10**6)
    except NotSearchable:
        return
    assert count
    assert b"ada@example.org" not in masked
