"""What a contract has to say before a provider is given notice, and packages from before there were notices."""

import json
from typing import Any

import jsonschema
import pytest

from dispatch.conftest import FORCE, PROVIDER, Hub
from dispatch.notices_read import lying, printed, squeezed, told, xarf_faults
from dispatch.notices_world import publish_case, removal, takes_xarf
from dispatch.openpgp import documents, new_key, public, read
from hub.dispatch import ledger
from hub.dispatch.package import SCHEMA
from hub.dispatch.recipients import RecipientRefused, read_recipient, read_recipients

NOTICE: dict[str, Any] = {"notifier": "Online Hate Crime Hub", "contact": "notices@hub.example"}
WEBHOOK = {"kind": "webhook", "url": "https://x.example/in", "secret": "key"}
WRONG: list[dict[str, Any]] = [
    {"notices": None},
    {"notices": {}},
    {"notices": {"notifier": "Hub"}},
    {"notices": {"contact": "notices@hub.example"}},
    *({"notices": NOTICE | {"contact": one}} for one in ("hub", "", "a@b", "a@hub.example\n", "A <a@hub.example>")),
    *({"notices": NOTICE | {"notifier": one}} for one in ("", "ab", "a" * 201, None, 3)),
    *({"notices": NOTICE | {"xarf": one}} for one in ("yes", 1, None, "true")),
    {"notices": NOTICE | {"more": "x"}},
    {"notices": NOTICE | {"xarf": True}, "transport": WEBHOOK},
    {"notices": NOTICE | {"xarf": True}, "transport": {"kind": "exchange"}},
]


@pytest.mark.parametrize("said", WRONG, ids=str)
def test_a_contract_that_leaves_a_doubt_is_refused_and_the_others_go_on(hub: Hub, said: dict[str, Any]) -> None:
    hub.add_recipient("tiktok", "provider", {"kind": "folder", "folder": "tiktok"})
    hub.recipient(PROVIDER, **said)
    path = hub.settings.recipients / PROVIDER / "recipient.yaml"
    with pytest.raises(RecipientRefused, match=r"line \d+: .*\(rule: \w+\)"):
        read_recipient(path)
    for code in (PROVIDER, "tiktok"):
        hub.offer("provider", code, duty="removal", route="user_flag")
    hub.prepare()
    assert +hub.send().taken == {"tiktok": 1}
    assert read_recipients(hub.settings.recipients).refusals.keys() == {PROVIDER}


@pytest.mark.parametrize("transport", [WEBHOOK, {"kind": "exchange"}], ids=["webhook", "exchange"])
@pytest.mark.parametrize("xarf", [{}, {"xarf": False}], ids=["unsaid", "no"])
def test_where_no_file_lies_a_provider_is_given_notice_without_xarf(
    hub: Hub, transport: dict[str, Any], xarf: dict[str, bool]
) -> None:
    hub.recipient(PROVIDER, transport=transport, notices=NOTICE | xarf)
    assert read_recipients(hub.settings.recipients).refusals == {}


@pytest.mark.parametrize("contact", ["a@hub.example", "first.last+tag@notices.hub.example", "o'brien@hub.example"])
@pytest.mark.parametrize("notifier", ["Hub", 'Wächter & Söhne "gGmbH" <#1>', "x" * 200])
def test_whoever_notifies_stands_in_all_forms_and_the_reports_hold(hub: Hub, notifier: str, contact: str) -> None:
    hub.recipient(PROVIDER, notices={"notifier": notifier, "contact": contact, "xarf": True})
    publish_case(hub, removal("https://x.example/one"))
    hub.prepare()
    assert hub.send().problems == {}
    [one] = lying(hub).values()
    [report] = one.reports
    assert one.said["notice"]["notifier"] == {"name": notifier, "email": contact}
    assert notifier in one.said["notice"]["good_faith"]
    assert report["sender"] == {"org": notifier, "contact": contact, "domain": contact.partition("@")[2]}
    assert xarf_faults(report) == []
    assert squeezed(notifier) in printed(one.pdf)
    assert contact in printed(one.pdf)


@pytest.mark.parametrize("contact", ["a@-.example", "a@hub-.example", f"a@{'h' * 64}.example", "a.@hub.example"])
def test_a_mailbox_that_xarf_does_not_take_is_in_no_report(hub: Hub, contact: str) -> None:
    """Its contract is refused, or its reports hold all the same."""
    hub.recipient(PROVIDER, notices={"notifier": "Hub", "contact": contact, "xarf": True})
    if PROVIDER in read_recipients(hub.settings.recipients).contracts:
        publish_case(hub, removal("https://x.example/one"))
        hub.prepare()
        assert hub.send().problems == {}
        [one] = lying(hub).values()
        assert [xarf_faults(each) for each in one.reports] == [[]]


@pytest.mark.parametrize("kind", ["force", "support_organisation"])
@pytest.mark.parametrize("notices", [None, NOTICE, NOTICE | {"xarf": True}], ids=["none", "notices", "xarf"])
def test_who_is_no_provider_is_told_of_no_address_even_where_it_takes_what_is_meant_for_one(
    hub: Hub, kind: str, notices: dict[str, Any] | None
) -> None:
    """A force's desk can take what is for a provider: its contract is refused, or it is told as any force is."""
    hub.recipient(PROVIDER, kind=kind, notices=notices)
    if PROVIDER in read_recipients(hub.settings.recipients).contracts:
        publish_case(hub, removal("https://x.example/one"))
        hub.prepare()
        assert hub.send().problems == {}
        [one] = lying(hub).values()
        assert "notice" not in one.said
        assert one.xarf is None
        assert "://" not in one.words


def test_a_provider_of_several_services_is_told_of_each_by_itself(hub: Hub) -> None:
    both = [{"target_kind": "provider", "target_code": code} for code in (PROVIDER, "tiktok")]
    takes_xarf(hub, allocations=both)
    cases = [removal("https://x.example/one", ("tiktok", "https://tiktok.example/one")) for _ in range(2)]
    cases[1].code = "tiktok"
    for one in cases:
        publish_case(hub, one)
    hub.prepare()
    assert hub.send().problems == {}
    found = lying(hub)
    for one, url in zip(cases, ("https://x.example/one", "https://tiktok.example/one"), strict=True):
        said = found[str(one.allocation_id)]
        assert (said.addresses, [each["url"] for each in said.reports]) == ([url], [url])


RELEASED = ("www.x.example/a", "HTTPS://x.example/a", "ftp://x.example/a", f"https://x.example/{'a' * 2000}", "")


@pytest.mark.parametrize("url", RELEASED, ids=lambda url: ascii(url[:20]))
def test_an_address_of_a_row_that_a_person_has_released_holds_up_nobody(hub: Hub, url: str) -> None:
    """A row whose address breaks its contract's pattern or length can be released from quarantine."""
    takes_xarf(hub)
    publish_case(hub, removal(url, (PROVIDER, "https://x.example/one")))
    hub.offer(is_threat_to_life=True)
    hub.prepare()
    assert +hub.send().taken == {FORCE: 1, PROVIDER: 1}
    [one] = lying(hub).values()
    assert "https://x.example/one" in one.addresses


def older(text: str) -> str:
    """A package as it was before there were notices."""
    said = json.loads(text)
    said.pop("notice", None)
    said["schema"] = "urn:hate-crime-hub:dispatch-package:1.1"
    said["objects"] = [one | {"address": None} for one in said["objects"][:1]]
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)


@pytest.mark.parametrize("code", [PROVIDER, FORCE])
def test_a_package_from_before_there_were_notices_leaves_as_it_is(hub: Hub, code: str) -> None:
    key = new_key()
    if code == FORCE:
        (hub.settings.recipients / FORCE / "desk.asc").write_text(public(key))
        sealed = {"kind": "folder", "folder": FORCE, "encrypt_to": ["desk.asc"]}
        hub.recipient(FORCE, takes_persons=True, transport=sealed)
        hub.offer()
    else:
        takes_xarf(hub)
        publish_case(hub, removal("https://x.example/one", (PROVIDER, "https://x.example/two")))
    hub.prepare()
    with hub.engine.connect() as connection:
        text = older(ledger.package_of(connection, hub.dispatches()[-1].dispatch_id))
    hub.change("update ledger.dispatches set package = :text", text=text)
    assert hub.send().problems == {}
    folder = hub.settings.pickup_folder / code
    files = documents(folder)
    if code == FORCE:
        files = {name.removesuffix(".pgp"): read(key, content) or b"" for name, content in files.items()}
    [one] = told(files).values()
    jsonschema.validate(one.said, json.loads((folder / SCHEMA.name).read_text()))
    assert one.said["schema"].endswith(":1.1")
    assert one.xarf is None
    assert code == FORCE or one.text == text
    assert one.said | {"persons_left_out": ""} == json.loads(text) | {"persons_left_out": ""}
    assert "://" not in printed(one.pdf)
    assert one.said["dispatch"]["allocation_ref"] in printed(one.pdf)
