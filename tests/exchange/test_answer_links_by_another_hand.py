"""A stranger's attack on answer links by HTTP, written from docs/exchange.md and decision 0158: with links, codes and
fields that are not as the page sends them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from lxml import etree, html

from dispatch.conftest import FORCE
from exchange.conftest import OTHER_FORCE, Exchange
from exchange.links import RETURNED, answer, link_to, send, shown, wrong_code
from exchange.outside import ingested, waiting_files
from hub.dispatch import deciding
from hub.exchange import tokens
from hub.exchange.answer_links import IssuedLink
from hub.exchange.tokens import hash_of
from hub.recovery.restore import end_exchange_tokens


def ended(exchange: Exchange, how: str) -> tuple[str, str]:
    """A path and a code of a link that does not hold."""
    dispatch_id = exchange.offered()
    link = link_to(exchange, dispatch_id, datetime.now(UTC) - timedelta(days=how == "expired"))
    code = link.code
    if how == "used":
        assert answer(exchange, link, **RETURNED).status_code == 200
    elif how == "revoked":
        tokens.revoke(exchange.hub.settings, exchange.hub.engine, link.token_id, datetime.now(UTC), by="tests")
    elif how == "restored":
        end_exchange_tokens(exchange.hub.engine)
    elif how == "locked":
        assert [answer(exchange, link, code=wrong_code(link)).status_code for _ in range(5)] == [403] * 5
    elif how == "wrong code, withdrawn":
        deciding.withdraw(exchange.hub.engine, dispatch_id, because="a mistake", decided_by="somebody")
        code = wrong_code(link)
    elif how == "wrong code":
        code = wrong_code(link)
    path = {
        "unknown": f"/answer/hubl_{'A' * 43}",
        "no link": "/answer/x",
        "a token": f"/answer/{exchange.token().token}",
    }
    return path.get(how, link.path), code


# A restore ends all of them, so it comes last.
ENDED = (
    "expired",
    "used",
    "revoked",
    "locked",
    "wrong code",
    "wrong code, withdrawn",
    "unknown",
    "no link",
    "a token",
    "restored",
)


def test_no_link_that_does_not_hold_tells_by_anything_which_it_is(exchange: Exchange) -> None:
    opened: set[object] = set()
    looked: set[object] = set()
    answered: set[object] = set()
    for how in ENDED:
        path, code = ended(exchange, how)
        files = waiting_files(exchange.hub)
        for place, fields in (
            (looked, {"code": code}),
            (answered, {"code": code, **RETURNED}),
            (answered, {"code": code, "kind": "x"}),
        ):
            found = shown(send(exchange, path, fields))
            place.add((found[0], found[1], tuple(sorted(found[2].items()))))
        found = shown(exchange.client.get(path))
        opened.add((found[0], found[1], tuple(sorted(found[2].items()))))
        assert waiting_files(exchange.hub) == files
    assert (len(opened), len(looked), looked == answered) == (1, 1, True)


def other_digits(code: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(one)) for one in code)


CODES: dict[str, Callable[[str], str]] = {
    "Arabic-Indic": lambda code: other_digits(code, "\u0660"),
    "full-width": lambda code: other_digits(code, "\uff10"),
    "superscript": lambda code: "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(one)] for one in code),
    "empty": lambda _: "",
    "half": lambda code: code[:4],
    "twice": lambda code: code * 2,
    "long": lambda code: code * 1250,
    "blank": lambda _: " " * 8,
    "not a number": lambda _: "%s%%00",
    "nul": lambda code: f"{code}\x00",
    "quote": lambda code: f"{code}' or '1'='1",
    "signed": lambda code: f"+{code}",
    "a hash": hash_of,
}


def test_a_code_is_its_eight_digits_however_they_are_set_apart(exchange: Exchange) -> None:
    dispatch_id = exchange.offered()
    for form in ("{0}{1}", "{0} {1}", "{0}-{1}", " {0}{1} ", "{0}\u00a0{1}", "{0}\t{1}\r\n"):
        link = link_to(exchange, dispatch_id)
        typed = form.format(link.code[:4], link.code[4:])
        assert answer(exchange, link, code=typed).status_code == 200, repr(form)
    for name, spoil in CODES.items():
        link = link_to(exchange, dispatch_id)
        refused = [answer(exchange, link, code=spoil(link.code)) for _ in range(5)]
        status = {one.status_code for one in refused}
        assert status <= {200, 403}, name
        assert status == {403} or name in ("nul", "signed"), name
        last = answer(exchange, link).status_code
        assert last == (403 if status == {403} else 200), name


def bodies(link: IssuedLink) -> dict[str, tuple[bytes, str]]:
    code, form = link.code.encode(), "application/x-www-form-urlencoded"
    part = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    multipart = part % (b"code", b"", code) + part % (b"kind", b"", b"accepted")
    return {
        "json": (b'{"code": "%s", "kind": "accepted"}' % code, "application/json"),
        "broken UTF-8": (b"code=%s&kind=returned&reason=%%ff%%fe\xff" % code, form),
        "surrogate": (b"code=%s&kind=returned&reason=%%ed%%a0%%80" % code, form),
        "many fields": (b"code=%s&kind=accepted" % code + b"&a=1" * 5000, form),
        "two kinds": (b"code=%s&kind=accepted&kind=returned&reason=x" % code, form),
        "two codes": (b"code=%s&code=%s&kind=accepted" % (code, wrong_code(link).encode()), form),
        "two codes, wrong first": (b"code=%s&code=%s&kind=accepted" % (wrong_code(link).encode(), code), form),
        "too long": (b"code=%s&kind=accepted&reason=" % code + b"x" * 65_536, form),
        "a file as code": (part % (b"code", b'; filename="x"', code) + b"--b--\r\n", "multipart/form-data; boundary=b"),
        "a file as kind": (
            part % (b"code", b"", code) + part % (b"kind", b'; filename="x"', b"accepted") + b"--b--\r\n",
            "multipart/form-data; boundary=b",
        ),
        "unended": (multipart, "multipart/form-data; boundary=b"),
        "no boundary": (multipart, "multipart/form-data"),
        "another charset": ("code=\u0661".encode("utf-16"), f"{form}; charset=utf-16"),
    }


def test_no_body_but_a_plain_form_is_an_answer_and_none_ends_in_a_mistake(exchange: Exchange) -> None:
    dispatch_id = exchange.offered()
    for name in bodies(link_to(exchange, dispatch_id)):
        link = link_to(exchange, dispatch_id)
        content, kind = bodies(link)[name]
        got = exchange.client.post(link.path, content=content, headers={"Content-Type": kind})
        assert got.status_code in {400, 403, 413, 422}, (name, got.status_code)
        assert waiting_files(exchange.hub) == [], name
        assert answer(exchange, link).status_code == 200, name


OF_OTHERS = {
    "force_code": OTHER_FORCE,
    "allocation_ref": "AL-00000002",
    "incident_ref": "TV-00000002",
    "response_ref": "FR-00000001",
    "dispatch_id": "00000000-0000-0000-0000-000000000000",
    "token_id": "00000000-0000-0000-0000-000000000000",
    "recipient": OTHER_FORCE,
    "happened_at": "2016-01-02T00:00:00+00:00",
}


def test_a_field_that_the_page_does_not_ask_for_changes_nothing_of_an_answer(exchange: Exchange) -> None:
    dispatch_id, _ = exchange.offered(), exchange.offered(target_code=OTHER_FORCE)
    for address, more in (("", OF_OTHERS), (f"?{httpx2.QueryParams(OF_OTHERS | {'kind': 'accepted'})}", {})):
        link = link_to(exchange, dispatch_id)
        got = send(exchange, f"{link.path}{address}", {"code": link.code, **RETURNED, **more})
        assert (got.status_code, [one for one in OF_OTHERS.values() if one in got.text]) == (200, [])
        [path] = waiting_files(exchange.hub)
        row = {one.tag: one.text for one in etree.parse(path).getroot()[0]}
        assert (row["force_code"], row["allocation_ref"], row["kind"]) == (FORCE, "AL-00000001", "returned")
        assert not set(OF_OTHERS.values()).intersection(row.values())
        path.unlink()


TEXTS = {
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;": 200,
    "=cmd|'/c calc'!A1\r\n{{ 7 * 7 }}{% raw %} ${7*7} \u202eRTL\u202c \u00e9\U0001f600": 200,
    "a\x00b\x1bc": 422,
    "x" * 1001: 422,
}


def test_what_somebody_writes_is_kept_as_it_is_and_is_only_ever_text_on_the_page(exchange: Exchange) -> None:
    dispatch_id, kept_texts = exchange.offered(), []
    for text, status in TEXTS.items():
        got = answer(exchange, link_to(exchange, dispatch_id), kind="returned", reason=text)
        assert got.status_code == status, text[:20]
        page = html.fromstring(got.text)
        assert not page.xpath("//script|//img|//@onerror")
        if status == 200:
            kept_texts.append(text)
            assert text.split() == page.xpath("//dd")[1].text_content().split()
    assert len(waiting_files(exchange.hub)) == len(kept_texts)
    assert sum(one.rows_accepted for one in ingested(exchange.hub, "force_responses")) == len(kept_texts)
    with exchange.hub.engine.connect() as connection:
        rows: Sequence[str] = connection.exec_driver_sql("select reason from raw.force_responses").scalars().all()
        assert {" ".join(one.split()) for one in rows} == {" ".join(one.split()) for one in kept_texts}


def test_a_code_counts_in_the_body_alone_and_stands_nowhere_else(
    exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    link = link_to(exchange, exchange.offered())
    asked = exchange.client.get(link.path)
    for address in (f"{link.path}?code={link.code}", f"{link.path}?code={link.code}&kind=accepted"):
        assert shown(exchange.client.get(address)) == shown(asked)
    assert send(exchange, f"{link.path}?code={link.code}&kind=accepted", {}).status_code == 403
    for method in ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        refused = exchange.client.request(method, link.path, content=f"code={link.code}&kind=accepted")
        assert refused.status_code == 405
    as_basic = exchange.client.post(link.path, headers={"Authorization": f"Bearer {link.token}", "Code": link.code})
    assert as_basic.status_code == 403
    assert exchange.hub.way() == ["prepared", "sent"]
    for got in (answer(exchange, link), answer(exchange, link, kind="returned"), answer(exchange, link, **RETURNED)):
        assert link.code not in str(got.headers) + str(got.request.url)
        assert link.token not in got.text + str(got.headers)
        assert "set-cookie" not in got.headers
        assert not html.fromstring(got.text).xpath("//script|//*[starts-with(@href, 'http') or @src]")
    assert link.code not in got.text
    written = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx")]
    assert [line for line in written if str(link.token_id) in line]
    assert not [line for line in written if link.code in line or "Zebedee" in line or RETURNED["reason"] in line]


def test_a_token_of_the_interface_is_no_link_whatever_the_code(exchange: Exchange) -> None:
    exchange.offered()
    for token in (exchange.token(FORCE, tokens.Scope.DELIVER), exchange.token()):
        for fields in ({"code": "12345678"}, {}, {"code": "12345678", **RETURNED}):
            assert send(exchange, f"/answer/{token.token}", fields).status_code == 403
    assert exchange.hub.way() == ["prepared", "sent"]
    assert waiting_files(exchange.hub) == []


def test_strangers_who_know_no_link_lock_out_nobody_who_has_one(exchange: Exchange) -> None:
    exchange.service.limit.most, exchange.service.limit.clock = 3, lambda: 90.0
    link = link_to(exchange, exchange.offered())
    assert [send(exchange, "/answer/hubl_x", {"code": "1"}).status_code for _ in range(5)][-1] == 429
    assert exchange.client.get(link.path).status_code == 200
    assert [answer(exchange, link).status_code for _ in range(4)] == [200, 200, 200, 429]
