"""Of a text that is not read in rows, what is about a person is masked: a whole record, and nobody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.privacy.identity import Identity
from hub.privacy.plain_text import TextSearch
from hub.privacy.text_pieces import spans_about

ADA = {"name": "Ada Quill", "email": "ada@example.org", "postcode": "SE1 7PB"}
MOST = 10**6

TEXTS = {
    "records in a list of a file": '{"made": "today", "cards": [{"n": "BO"}, {"n": "GONE", "e": "ada@example.org"}]}',
    "one record a line": '{"n": "BO"}\n{"n": "GONE", "at": {"e": ["x", "ada@example.org"]}}\n{"n": "BO"}\n',
    "records by key": '{"B": {"n": "BO", "e": "x"}, "A": {"n": "GONE", "e": "ada@example.org"}}',
    "persons of a record": '[{"by": [{"n": "BO", "e": "b"}, {"n": "GONE", "e": "ada@example.org"}]}, {"n": "BO"}]',
    "roles of a record": '[{"victim": {"n": "BO", "e": "x"}, "reporter": {"n": "GONE", "e": "ada@example.org"}}, 1]',
    "a name and a postcode": '[{"n": "Ada Quill", "w": "GONE", "at": [{"k": 1, "p": "SE17PB"}]}, {"n": "BO"}]',
    "values by name": '[{"w": "GONE", "is": [{"k": "n", "v": "Ada Quill"}, {"k": "p", "v": "SE1 7PB"}]}, {"n": "BO"}]',
    "texts in a list": '["BO bo@example.org", "GONE ada@example.org"]',
    "lists in a list": '[["BO", "b@example.org"], ["GONE", "ada@example.org"]]',
    "cut off": '[{"n": "BO"}, {"n": "BO"}, {"n": "GONE", "e": "ada@example.org", "x": "',
    "braces in a text": '[{"n": "BO }] {["}, {"n": "GONE \\" } ]", "e": "ada@example.org"}]',
    "braces that do not match": '[{"n": "BO"]}\n[{"e": "GONE ada@example.org"]}\n',
    "a log of objects and more": '{"n": "BO"}\nstarted\n{"n": "GONE", "at": {"e": "ada@example.org"}}\n',
    "two names in two elements": "<c><p><f>BO</f></p><p><f>Ada</f><l>Quill</l><z>SE1 7PB</z><w>GONE</w></p></c>",
    "an element of many values": "<c><p><e>BO</e></p><p><e>x</e><e>ada@example.org</e><w>GONE</w></p></c>",
    "cells of a sheet": "<s><d><r><c><v>BO</v></c></r><r><c><v>ada@example.org</v></c><c><v>GONE</v></c></r></d></s>",
    "persons of a card": "<c><k><p><n>BO</n><e>b</e></p><p><n>GONE</n><e>ada@example.org</e></p></k><k/></c>",
    "groups": "<g><h><p><n>BO</n><e>b</e></p><p><n>GONE</n><e>ada@example.org</e></p></h><h><p>BO</p></h></g>",
    "empty elements": '<c><p n="BO"/><p n="GONE" e="ada@example.org"/><p n="BO"/></c>',
    "elements that are cut off": "<c><p>BO</p><p>BO</p><p><n>GONE</n><e>ada@example.org",
    "a comment with tags": "<c><!-- <p> --><p>BO</p><p>GONE ada@example.org</p></c>",
    "plain characters with tags": "<c><p><![CDATA[</p>BO<p>]]></p><p>GONE ada@example.org</p></c>",
    "elements one after the other": "<p>BO</p>\n<p>GONE ada@example.org</p>\n",
    "elements without an end": "<table><tr><td>BO<br></tr><tr><td>GONE<td>ada@example.org</tr></table>",
    "a log that begins with a level": "<info> told BO\n<info> told GONE ada@example.org\n",
    "a log of priorities": "<134>told BO\n<134>told <b>GONE</b> ada@example.org\n<134>told <b>BO</b>",
    "a log with an element first": "<p>BO</p> told\n<p>BO</p>\ntold GONE ada@example.org\n",
    "returns": "n,e\rBO,x\rGONE,ada@example.org\r",
    "a quote that nobody closes": '1,"BO\n2,"GONE",ada@example.org\n3,BO\n',
    "a cell of several lines": '1,BO\n2,"Ada Quill\r\n""so\r\nGONE""\r\nSE1 7PB"\r\n3,BO\n',
    "a cell of another": '1,"BO\nBO"\n2,"GONE";ada@example.org\n',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_whole_record_is_masked_and_no_other(text: str) -> None:
    search = TextSearch.of(Identity.of([ADA]))
    count, masked = search.mask(text.encode(), MOST)
    assert count > 0
    assert len(masked) == len(text)
    said = masked.decode()
    assert "GONE" not in said
    assert said.count("BO") == text.count("BO")
    assert search.mask(masked, MOST) == (0, masked)


SIGNS = st.sampled_from(
    ['"', "{", "}", "[", "]", "<a>", "</a>", "<b/>", "<", ">", ",", ":", "\n", "\r", "x", "me", " "]
)


@given(st.lists(SIGNS, max_size=40).map("".join))
def test_the_parts_of_any_text_are_apart_and_hold_all_that_is_about_somebody(text: str) -> None:
    spans = spans_about(text, lambda piece: "me" in piece)
    places = [place for span in spans for place in span]
    assert places == sorted(places)
    assert sum(text[start:end].count("me") for start, end in spans) == text.count("me")


@pytest.mark.parametrize("sign", ["[", "{", "<a>", "<!--", '"', ',"', "<", '["', "<a ", '{"a":', "</a>", '\\"'])
def test_signs_without_an_end_keep_nobody_waiting(sign: str) -> None:
    """Where time grew with the square of the text, this would go on for hours."""
    for begin in ("", "[", "<a>"):
        text = begin + sign * 50_000 + "me"
        spans = spans_about(text, lambda piece: piece.endswith("me"))
        assert spans[-1][1] == len(text)
