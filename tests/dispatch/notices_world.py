"""Random notices to providers: incidents with reports of content at odd addresses."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dispatch.conftest import FORCE, PROVIDER, Hub

OTHERS = ("facebook", "tiktok", "xx", "X", "x_")
"""Other providers, of which some have a name much like it."""
CLASSES = ("crime", "nchi", "intelligence_report", "asb", "not_police_matter")
BASES = ("presumed", "stated", "recorded", "triaged")
STRANDS = ("race", "religion", "sexual_orientation", "disability", "transgender", "sex_or_gender", "age")
REMOVAL = ("priority_flagger", "dsa_article16_notice", "user_flag", "report_harmful_content")
INFORMATION = ("emergency_disclosure", "court_order", "law_enforcement_portal")
ARTICLE_16 = "dsa_article16_notice"
NOTIFIER = {"name": "Online Hate Crime Hub", "email": "notices@hub.example"}
LONG_HOST = ".".join(["a" * 63] * 3 + ["b" * 57, "zz"])
WHO = "someone"
NOBODY = uuid.UUID(int=0)

PLAIN = (
    "https://x.example/post/1",
    "http://x.example",
    "https://x.example/",
    "https://x.example:8443/a/b?c=d&e=f#g",
    "https://X.EXAMPLE/Path/UPPER",
    "https://xn--bcher-kva.example/a",
    "https://192.0.2.7/a",
    "https://192.0.2.7:81/a",
    "https://[2001:db8::1]/a",
    "https://[2001:db8::1]:8080/a?b",
    f"https://{WHO}@x.example/a",
    f"https://{WHO}:{WHO}@x.example:99/a",
    "https://x.example/a%20b%2Fc%00%0A?q=%22",
    "https://x.example/it's(1)!*,;=:@$&+~",
    "https://x.example./a",
    "https://under_score.x.example/a",
    "https://localhost/a",
    "https://x.example/?next=https://facebook.example/b",
    f"https://{LONG_HOST}/a",
    f"https://{'c' * 300}.example/a",
    "https://x.example:/a",
    "https://x.example/a//b/../c/./d",
    "https://a-.example/b",
    "https://x.example/#",
    "https://x.example/?",
)
"""Addresses as RFC 3986 has them."""
STRANGE = (
    "https://x.example/straße/Ünïcødé/日本語",
    "https://bücher.example/ä",
    "https://x.example/😀/👍🏽",
    "https://x.example/e\u0301/é",
    'https://x.example/"quoted"?a="b"',
    "https://x.example/a\\b|c^d`e<f>g{h}[i]",
    "https://x.example/#read($x$)*bold*_it_@ref<lab>//comment",
    "https://x.example/%zz%",
    "https://x.example:99999/a",
    "https://x.example:port/a",
    "https:///a",
    "https://:80",
    "https://?",
    "https://@",
    "https://x.example/\u200b\u202ea\u2066b",
    "https://x.example/\u05d0\u05d1/\u0627\u0644",
    "https://x.example/a?[b]=c#d#e",
    "https://x.example/</script><b>&amp;",
    "https://ß.example/İ",
    "https://x.example/-->/*{{7*7}}${7*7}",
    "https://x.example/\x7f\x01",
)
"""Others, as people copy them; a report's address is anything that begins with http and holds no blank."""

NOT_TAKEN_APART = ("https://[::1/a", "https://[x]/a", "https://x.example\u2100/a", "https://]", "http://[/?#@:")
"""Such as are addresses to a feed, and to no program that looks for their host."""


def long_addresses() -> Iterator[str]:
    """Some of 2,000 characters, the most that a feed lets in."""
    for start, part in (
        ("https://x.example/", "abcdefghij"),
        ("https://x.example/?q=", "a"),
        ("https://x.example/#", "x-y/"),
        ("https://x.example/", "ü"),
    ):
        yield (start + part * 2000)[:2000]


@dataclass
class Case:
    """An incident that somebody is told of, and its reports: whose content, and where it is."""

    kind: str
    code: str
    duty: str
    route: str
    incident_class: str
    class_basis: str
    strands: list[str]
    reports: list[tuple[str | None, str | None]] = field(default_factory=list)
    allocation_id: uuid.UUID = NOBODY

    @property
    def expected(self) -> set[str]:
        """The addresses that its recipient is to be told of."""
        if self.kind != "provider":
            return set()
        return {url for code, url in self.reports if code == self.code and url is not None}

    @property
    def foreign(self) -> set[str]:
        """Those that it is not to be told of."""
        return {url for _, url in self.reports if url is not None} - self.expected

    @property
    def is_notice(self) -> bool:
        return self.kind == "provider" and self.duty == "removal"


def removal(url: str | None, *more: tuple[str | None, str | None], incident_class: str = "crime") -> Case:
    """A case that a provider is asked to remove."""
    reports = [(PROVIDER, url), *more]
    return Case("provider", PROVIDER, "removal", ARTICLE_16, incident_class, "stated", ["race"], reports)


def some_cases(chance: random.Random, count: int) -> list[Case]:
    """Cases of all kinds; in each address of a case is a word of its own where that leaves it as odd as it was."""
    known = [*PLAIN, *STRANGE, *long_addresses()]
    made = []
    for number in range(count):
        is_force = number % 6 == 5
        duty = "owner" if is_force else "information" if number % 5 == 4 else "removal"
        routes = ("evidence_package",) if is_force else REMOVAL if duty == "removal" else INFORMATION
        one = Case(
            "force" if is_force else "provider",
            FORCE if is_force else PROVIDER,
            duty,
            chance.choice(routes),
            chance.choice(CLASSES),
            chance.choice(BASES),
            sorted(chance.sample(STRANDS, chance.randrange(len(STRANDS) + 1))),
        )
        for place in range(chance.choice((0, 1, 1, 2, 3, 5, 8))):
            url = known[number] if place == 0 and number < len(known) else chance.choice([*known, None])
            of = PROVIDER if place == 0 and number < len(known) else chance.choice((PROVIDER, PROVIDER, *OTHERS, None))
            told = url if url is None or of == PROVIDER else f"https://elsewhere.example/{number}/{place}/{of}"
            one.reports += [(of, told)] * chance.choice((1, 1, 1, 3))
        chance.shuffle(one.reports)
        made.append(one)
    return made


def publish_case(hub: Hub, case: Case) -> None:
    """Let the hub's publish hold it."""
    case.allocation_id = hub.offer(case.kind, case.code, duty=case.duty, route=case.route)
    incident = uuid.UUID(int=case.allocation_id.int - 1)
    hub.change(
        "update publish.incidents_v1 set incident_class = :c, class_basis = :b, strands = :s, count_reports = :n"
        " where incident_id = :i",
        **{"c": case.incident_class, "b": case.class_basis, "s": case.strands, "i": incident},
        n=max(1, len(case.reports)),
    )
    for number, (code, url) in enumerate(case.reports):
        add_report(hub, case.allocation_id, code, url, is_first=number == 0)


def add_report(hub: Hub, allocation_id: uuid.UUID, code: str | None, url: str | None, *, is_first: bool) -> None:
    """Let a report say where content is: the one that an incident begins with, or one more."""
    if not is_first:
        hub.report(allocation_id)
    incident = uuid.UUID(int=allocation_id.int - 1)
    newest = "(select max(row_number) from publish.incident_evidence_v1 where incident_id = :i)"
    hub.change(
        f"update publish.incident_evidence_v1 set provider_code = :c, content_url = :u"
        f" where incident_id = :i and row_number = {newest}",
        **{"c": code, "u": url, "i": incident},
    )


def takes_xarf(hub: Hub, code: str = PROVIDER, *, xarf: bool | None = True, **said: Any) -> None:
    """Let a provider take XARF, or not, and change its contract otherwise."""
    by: dict[str, Any] = {"notifier": NOTIFIER["name"], "contact": NOTIFIER["email"]}
    hub.recipient(code, notices=by if xarf is None else by | {"xarf": xarf}, **said)


def made_up_package() -> dict[str, Any]:
    """A package of nothing that the hub has made, without an address and without a notice."""
    one, at = str(uuid.UUID(int=7)), "2026-03-02T09:00:00+00:00"
    decision = dict.fromkeys(("target_name", "runner_up", "runner_up_evidence", "due_at", "action_due_at"))
    words = ("duty", "target_kind", "target_code", "route", "rule_id", "evidence_grade", "reason")
    event = dict.fromkeys(("is_online", "is_threat_to_life", "occurred_on")) | {"strands": ["race"], "count_reports": 1}
    report = {"report_ref": "TV-00000001", "feed": "true_vision_reports", "delivery_sha256": "00", "row_number": 1}
    return {
        "schema": "urn:hate-crime-hub:dispatch-package:1.2",
        "document": "package",
        "dispatch": {"dispatch_id": one, "allocation_id": one, "allocation_ref": "AL-00000001", "supersedes": None}
        | {"is_urgent": False, "is_simulated": False, "prepared_at": at, "publish_id": 1},
        "to": {"code": PROVIDER, "name": "X", "kind": "provider"},
        "marking": {"classification": "OFFICIAL", "handling": "with care"},
        "retention": {"days": None, "rule": "as it is"},
        "decision": decision
        | dict.fromkeys(words, "word")
        | {"sequence_number": 1, "rule_version": 1, "allocated_at": at},
        "persons": [],
        "persons_left_out": "not_encrypted",
        "objects": [{"kind": "online_content", "platform": "x", "address": None}],
        "locations": [],
        "events": [
            {"kind": "incident", "incident_id": one, "incident_class": "crime", "class_basis": "stated", **event}
            | {"first_reported_at": at}
        ],
        "evidence": [{"report_id": one, "reported_at": at, **report}],
        "codes": [],
        "answer": {"feed": "provider_responses", "fields": {}, "kinds": []},
    }
