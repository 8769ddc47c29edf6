"""What providers are told of content, over random incidents, duties, routes and addresses: what article 16(2) of the
Digital Services Act asks for, where it does and nowhere else, with the addresses of their own content to the letter."""

import json
import random
import re
import uuid

import jsonschema
import pytest

from dispatch.conftest import FORCE, PROVIDER, Hub
from dispatch.notices_read import Told, lying, printed, squeezed, texts, xarf_faults
from dispatch.notices_world import (
    ARTICLE_16,
    CLASSES,
    NOT_TAKEN_APART,
    NOTIFIER,
    PLAIN,
    REMOVAL,
    STRANGE,
    Case,
    add_report,
    made_up_package,
    publish_case,
    removal,
    some_cases,
    takes_xarf,
)
from hub.dispatch.package import SCHEMA
from hub.dispatch.readable import readable
from hub.dispatch.xarf import as_xarf

ILLEGAL = re.compile(r"illegal|unlawful|against\s*the\s*law|offence|2022/2065", re.IGNORECASE)
NOT_OF_THE_PACKAGE = {"4", "content", "hate_speech", "user_report", "strand", "urgency", "class", "hub"}
"""What each report by XARF says besides what its package says."""
READABLE_IN_PDF = [one for one in (*PLAIN, *STRANGE) if all(ord(sign) < 0x250 for sign in one)]
OTHER_SIGNS = [one for one in STRANGE if one not in READABLE_IN_PDF]


def send_cases(hub: Hub, *cases: Case) -> dict[str, Told]:
    """Publish cases, and send what is to be sent; by allocation what lies in the folder of the provider."""
    for one in cases:
        publish_case(hub, one)
    hub.prepare()
    assert hub.send(at_once=True).problems == {}
    return lying(hub)


def assert_notice(case: Case, one: Told) -> None:
    said, read = one.said, printed(one.pdf)
    assert ("notice" in said) == case.is_notice
    is_crime = case.incident_class == "crime"
    if not case.is_notice:
        assert NOTIFIER["email"] not in one.words
        assert "good faith" not in one.text
        assert "goodfaith" not in read.lower()
        return
    notice = said["notice"]
    assert notice["notifier"] == NOTIFIER
    assert "good faith" in notice["good_faith"]
    assert notice["kind"] == ("illegal_content" if is_crime else "harmful_content")
    is_by_law = is_crime and case.route == ARTICLE_16
    assert (notice["basis"] is not None) == is_by_law
    assert not is_by_law or re.search(r"2022/2065.*16|16.*2022/2065|16.*Digital Services Act", notice["basis"])
    for strand in case.strands:
        assert strand.split("_")[0].removesuffix("gender") in notice["reasons"]
    assert case.class_basis in notice["reasons"] or not is_crime
    count = max(1, len(case.reports))
    assert re.search(rf"\b{('once' if count == 1 else f'({count}|twice)')}\b", notice["reasons"])
    assert re.search(r"illegal|crime|offence", notice["reasons"]) is not None
    for value in texts({name: value for name, value in notice.items() if name != "kind"}):
        assert squeezed(value) in read
    if not is_crime:
        without = {**said, "decision": said["decision"] | {"reason": "", "route": ""}}
        assert not ILLEGAL.search("\n".join(texts(without)))
        assert not ILLEGAL.search(read.replace("dsaarticle16notice", ""))
        assert not ILLEGAL.search("\n".join(texts(one.reports)))


def assert_xarf(case: Case, one: Told) -> None:
    if not (case.is_notice and case.expected):
        assert one.xarf is None
        return
    assert one.xarf is not None
    assert one.xarf == as_xarf(one.text)
    assert one.xarf.endswith(b"\n")
    said, event = one.said, one.said["events"][0]
    known = {squeezed(value).lower() for value in texts(said)}
    assert sorted(each["url"] for each in one.reports) == sorted(case.expected), "one for each address"
    for each in one.reports:
        assert xarf_faults(each) == []
        assert (each["category"], each["type"]) == ("content", "hate_speech")
        assert each["hostility"] == event["strands"]
        assert each["is_illegal"] == (case.incident_class == "crime")
        assert each["legal_basis"] == said["notice"]["basis"]
        assert each["description"] == said["notice"]["reasons"]
        assert each["good_faith"] == said["notice"]["good_faith"]
        assert each["reference"] == said["dispatch"]["allocation_ref"]
        assert each["timestamp"] in (event["first_reported_at"], said["dispatch"]["prepared_at"])
        assert each["reporter"] == each["sender"]
        assert (each["sender"]["org"], each["sender"]["contact"]) == (NOTIFIER["name"], NOTIFIER["email"])
        assert uuid.UUID(each["report_id"]).variant == uuid.RFC_4122
        for value in set(texts(each)) - {each["report_id"], each["xarf_version"]}:
            parts = value.split(":") if value in each["tags"] else [value]
            assert all(
                part in NOT_OF_THE_PACKAGE or any(squeezed(part).lower() in other for other in known) for part in parts
            ), value


def assert_all(hub: Hub, cases: list[Case]) -> None:
    mine, theirs = lying(hub), lying(hub, FORCE)
    assert len(mine) + len(theirs) == len(cases)
    ids = [each["report_id"] for one in mine.values() for each in one.reports]
    assert len(ids) == len(set(ids)) == sum(len(case.expected) for case in cases if case.is_notice) > 0
    for case in cases:
        one = (theirs if case.kind == "force" else mine)[str(case.allocation_id)]
        assert sorted(one.addresses) == sorted(case.expected), "each once, to the letter"
        assert all(each["platform"] == "x" for each in one.said["objects"])
        assert_notice(case, one)
        assert_xarf(case, one)
        read = printed(one.pdf)
        for url in case.expected:
            assert squeezed(url) in read or url in OTHER_SIGNS or len(url) == 2000
        assert "elsewhere.example" not in one.words
        if case.kind == "force":
            assert "://" not in one.words


@pytest.mark.parametrize(
    "count", [pytest.param(110, id="a few"), pytest.param(1500, id="many", marks=pytest.mark.long)]
)
def test_a_provider_is_given_notice_of_its_own_content_and_of_nothing_else(hub: Hub, count: int) -> None:
    takes_xarf(hub)
    cases = some_cases(random.Random(count), count)
    send_cases(hub, *cases)
    assert_all(hub, cases)
    assert {one.incident_class for one in cases if one.is_notice} == set(CLASSES)
    assert {(one.route, one.incident_class == "crime") for one in cases if one.is_notice} == {
        (route, is_crime) for route in REMOVAL for is_crime in (True, False)
    }


@pytest.mark.parametrize("url", READABLE_IN_PDF, ids=ascii)
def test_an_odd_address_can_be_read_on_paper(notice_text: str, url: str) -> None:
    assert squeezed(url) in printed(readable(with_address(notice_text, url)))


@pytest.mark.parametrize("url", OTHER_SIGNS, ids=ascii)
def test_an_address_with_signs_of_other_scripts_can_be_read_on_paper(notice_text: str, url: str) -> None:
    """As it is, or by the form of it that every browser takes (RFC 3987, section 3.1)."""
    coded = "".join(sign if ord(sign) < 0x7F else "".join(f"%{one:02X}" for one in sign.encode()) for sign in url)
    read = printed(readable(with_address(notice_text, url)))
    has_signs_that_show_nothing = squeezed(url) != url
    assert squeezed(coded) in read or (squeezed(url) in read and not has_signs_that_show_nothing)


@pytest.mark.parametrize("url", NOT_TAKEN_APART, ids=ascii)
def test_an_address_whose_host_no_program_finds_holds_up_nothing(hub: Hub, url: str) -> None:
    takes_xarf(hub)
    cases = [removal(url), removal("https://x.example/after")]
    for one in cases:
        publish_case(hub, one)
    hub.prepare()
    assert hub.send().problems == {}
    found = lying(hub)
    for one in cases:
        assert found[str(one.allocation_id)].addresses == list(one.expected)
        for each in found[str(one.allocation_id)].reports:
            assert xarf_faults(each) == []
            assert each["url"] in one.expected


@pytest.mark.parametrize("seed", range(3))
def test_any_address_gives_reports_that_hold(notice_text: str, seed: int) -> None:
    chance, signs = random.Random(seed), "ab.-_~:/?#@!$&'()*+,;=%09AZ\\\"<>^`{|}ü€日😀"
    hosts = ("x.example", "X.Example:8", "192.0.2.1", "[2001:db8::2]:9", "x", "", "-.-", "a..b", "x.example.")
    for _ in range(60):
        rest = "".join(chance.choice(signs) for _ in range(chance.randrange(30)))
        url = f"https://{chance.choice(hosts)}/{rest}"
        text = with_address(notice_text, url, "https://x.example/other")
        made = as_xarf(text)
        assert made is not None
        first, other = (json.loads(line) for line in made.splitlines())
        assert (first["url"], other["url"]) == (url, "https://x.example/other")
        assert first["report_id"] != other["report_id"]
        assert xarf_faults(first) == []
        assert as_xarf(text) == made
        turned = as_xarf(with_address(notice_text, "https://x.example/other", url))
        assert turned is not None
        assert set(turned.splitlines()) == set(made.splitlines()), "a report does not depend on the others"


def test_an_address_of_a_later_report_makes_a_version_that_takes_the_place(hub: Hub) -> None:
    takes_xarf(hub)
    case = removal("https://x.example/first", ("facebook", "https://facebook.example/a"))
    [first] = send_cases(hub, case).values()
    known = ["https://x.example/first"]
    for code, url in (
        (PROVIDER, "https://x.example/second"),
        (PROVIDER, "https://x.example/first"),
        ("facebook", "https://x.example/not/theirs"),
        (None, "https://x.example/nobody"),
        (PROVIDER, None),
        (PROVIDER, "https://x.example/third"),
    ):
        add_report(hub, case.allocation_id, code, url, is_first=False)
        if code == PROVIDER and url is not None and url not in known:
            known.append(url)
        assert len(hub.prepare().new) == 1
        hub.send()
        newest = lying(hub)[str(case.allocation_id)]
        assert newest.said["dispatch"]["supersedes"] == first.name != newest.name
        assert sorted(newest.addresses) == sorted(known)
        assert sorted(one["url"] for one in newest.reports) == sorted(known)
        first = newest
    assert hub.states() == ["superseded"] * 6 + ["sent"]
    hub.change("update publish.incident_evidence_v1 set content_url = content_url || '/moved' where row_number = 1")
    assert len(hub.prepare().new) == 1, "an address that is corrected is news, too"
    assert hub.prepare().new == []


def test_an_address_that_has_gone_goes_from_the_next_version(hub: Hub) -> None:
    takes_xarf(hub)
    case = removal("https://x.example/first", (PROVIDER, "https://x.example/second"))
    [first] = send_cases(hub, case).values()
    hub.change("update publish.incident_evidence_v1 set provider_code = 'tiktok' where content_url like '%second'")
    hub.prepare()
    hub.send()
    [second] = lying(hub).values()
    assert (first.addresses, second.addresses) == (sorted(case.expected), ["https://x.example/first"])
    assert second.said["dispatch"]["supersedes"] == first.name


@pytest.mark.parametrize("url", [None, "https://elsewhere.example/1"])
def test_where_no_report_gives_an_address_the_package_says_so(hub: Hub, url: str | None) -> None:
    takes_xarf(hub)
    [one] = send_cases(hub, removal(None, ("tiktok", url))).values()
    assert {each["address"] for each in one.said["objects"]} <= {None}
    assert one.xarf is None
    assert one.said["notice"]["notifier"] == NOTIFIER
    assert re.search("noreport.{0,20}address|address.{0,20}(unknown|noreport|notknown)", printed(one.pdf)), "in words"
    assert "://" not in one.words


def test_reports_of_the_same_address_for_two_incidents_are_two(hub: Hub) -> None:
    takes_xarf(hub)
    url = "https://x.example/same"
    found = send_cases(hub, removal(url), removal(url))
    assert len({each["report_id"] for one in found.values() for each in one.reports}) == 2


def with_address(text: str, *urls: str) -> str:
    said = json.loads(text)
    said["objects"] = [{"kind": "online_content", "platform": "x", "address": url} for url in urls]
    return json.dumps(said, ensure_ascii=False)


@pytest.fixture(scope="module")
def notice_text() -> str:
    """A package that is a notice, made up by what its schema says."""
    notice = {"kind": "illegal_content", "basis": "Regulation (EU) 2022/2065, article 16", "reasons": "It is a crime."}
    said = made_up_package() | {"notice": {**notice, "notifier": NOTIFIER, "good_faith": "We believe it."}}
    jsonschema.validate(said, json.loads(SCHEMA.read_text()))
    return json.dumps(said)
