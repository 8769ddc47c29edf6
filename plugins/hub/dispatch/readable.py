"""What a person reads of a package or a withdrawal: a tagged PDF, made of the very text that is sent and of nothing
else, so that both say the same, and the same text gives the same file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from hub.dispatch.package import LONDON, MARKING
from hub.dispatch.plain_words import BASES, CLASSES, LEFT_OUT, MEANINGS, PLACES
from hub.documents.content import Document, Section, Table
from hub.documents.pdf import as_pdf

SIMULATED = "Made up for trying: it rests on the hub's own samples, and nothing of it has happened."
THREAT = "There may be a threat to life."
HASHES = (
    "Each file is one that was delivered to the hub; its SHA-256 says that it is unchanged. A report is a row of it."
)

PERSON = {
    "name": "Name",
    "date_of_birth": "Date of birth",
    "postcode": "Postcode",
    "email": "E-mail address",
    "phone": "Telephone",
}
AS_REPORTED = "As the reports give them; all who gave their details agreed that the police have them."
OWN_REFERENCES = {
    "force_responses": "your own, new for each answer: FR- and 6 to 20 capital letters and digits",
    "provider_responses": "your own, new for each answer: PR- and 8 to 20 capital letters and digits",
}
PLAIN_SIGNS = frozenset(map(chr, range(0x21, 0x7F)))

type Said = Mapping[str, Any]


def readable(text: str) -> bytes:
    """The PDF of a document that is sent."""
    said = json.loads(text)
    prepared_at = datetime.fromisoformat(said["dispatch"]["prepared_at"]) if said["document"] == "package" else None
    return as_pdf(document_of(text), prepared_at)


def document_of(text: str) -> Document:
    """What a person reads of it, before it is a PDF or a page."""
    said = json.loads(text)
    return {"package": _package, "withdrawal": _withdrawal, "erasure": _erasure}[said["document"]](said)


def _withdrawal(said: Said) -> Document:
    paragraphs = [f"Dispatch {said['dispatch_id']} no longer holds. Nothing more is asked of you.", said["because"]]
    return Document(
        f"Withdrawn: {said['allocation_ref']}",
        f"Withdrawal of dispatch {said['dispatch_id']}",
        [Section("withdrawn", "What has changed", paragraphs=paragraphs)],
        marking=MARKING["classification"],
    )


def _erasure(said: Said) -> Document:
    rows = [(one["report_id"], one["role"]) for one in said["persons"]]
    tables = [Table("Whom to erase", ("Report", "As"), rows, (3, 1))]
    paragraphs = [said["because"], "The case itself goes on."]
    return Document(
        f"Erase persons: {said['allocation_ref']}",
        f"About dispatch {said['dispatch_id']}",
        [Section("erased", "What is asked of you", paragraphs=paragraphs, tables=tables)],
        marking=MARKING["classification"],
    )


def _package(said: Said) -> Document:
    dispatch = said["dispatch"]
    return Document(
        f"{dispatch['allocation_ref']} for {said['to']['name']}",
        f"Dispatch {dispatch['dispatch_id']}, prepared {_moment(dispatch['prepared_at'])}",
        [
            _asked(said),
            *_notice(said),
            *(_incident(said, event) for event in said["events"]),
            _persons(said),
            _decision(said),
            _evidence(said["evidence"]),
            _answer(said["answer"]),
            _handling(said),
        ],
        marking=said["marking"]["classification"],
    )


def _asked(said: Said) -> Section:
    dispatch, decision = said["dispatch"], said["decision"]
    paragraphs = [SIMULATED] if dispatch["is_simulated"] else []
    paragraphs += [THREAT] if any(event["is_threat_to_life"] for event in said["events"]) else []
    if dispatch["supersedes"]:
        paragraphs.append(f"It takes the place of dispatch {dispatch['supersedes']}: act on this one alone.")
    table = _of_values(
        "What is asked, and by when",
        [
            ("Asked of", f"{said['to']['name']} ({said['to']['code']})"),
            ("Duty", _words(decision["duty"])),
            ("Route", _words(decision["route"])),
            ("Urgent", _yes_or_no(dispatch["is_urgent"])),
            ("Acknowledge by", _moment(decision["due_at"]) or "no time is set"),
            ("Act by", _moment(decision["action_due_at"]) or "no time is set"),
        ],
    )
    return Section("asked", "What is asked of you", paragraphs=paragraphs, tables=[table])


def _notice(said: Said) -> Iterator[Section]:
    """What a provider is told about content that it is asked to remove."""
    notice = said.get("notice")
    if notice is None:
        return
    title = "Notice of illegal content" if notice["kind"] == "illegal_content" else "Notice of harmful content"
    notifier = notice["notifier"]
    rows = [
        *([("Given by", notice["basis"])] if notice["basis"] else []),
        ("Who notifies", f"{notifier['name']}, {notifier['email']}"),
        ("Good faith", notice["good_faith"]),
    ]
    yield Section("notice", title, paragraphs=[notice["reasons"]], tables=[_of_values("The notice", rows)])


def _addresses(said: Said) -> list[tuple[str, str]]:
    """The addresses of the content, which a provider is told."""
    rows = [row for one in said["objects"] if one["address"] is not None for row in _address(one["address"])]
    if rows or said["to"]["kind"] != "provider":
        return rows
    return [("Exact address", "no report gives one; ask the hub's desk")]


def _address(address: str) -> Iterator[tuple[str, str]]:
    """As it was reported, and in plain signs, which every browser takes for the same: others may not be seen on paper,
    or show another address."""
    plain = "".join(one if one in PLAIN_SIGNS else quote(one) for one in address)
    if address.isprintable():
        yield "Exact address", address
    if plain != address:
        yield "Exact address in plain signs", plain


def _incident(said: Said, event: Said) -> Section:
    theirs = [(one["list"], one["ours"], one["theirs"]) for one in said["codes"]]
    told = {"incident_class": [event["incident_class"]], "strand": event["strands"]}
    codes = [
        (f"Your code for {_words(name)} {_words(ours)}", code)
        for name, ours, code in theirs
        if ours in told.get(name, ())
    ]
    rows = [
        ("Class", f"{_said(CLASSES, event['incident_class'])}, {_said(BASES, event['class_basis'])}"),
        ("Strands", ", ".join(map(_words, event["strands"])) or "none is known"),
        ("Occurred on", _day(event["occurred_on"])),
        ("First reported", _moment(event["first_reported_at"])),
        ("Reports", str(event["count_reports"])),
        ("Online", _words(event["is_online"])),
        *(("Platform", _words(one)) for one in dict.fromkeys(one["platform"] for one in said["objects"])),
        *_addresses(said),
        *(("Force area", _place(one)) for one in said["locations"]),
        ("Threat to life", _yes_or_no(event["is_threat_to_life"])),
        *codes,
    ]
    return Section("incident", "The incident", tables=[_of_values(f"Incident {event['incident_id']}", rows)])


def _persons(said: Said) -> Section:
    """Older packages do not say why they name nobody."""
    if said["to"]["kind"] == "provider":
        return Section("persons", "Persons", paragraphs=["A provider is told of no person."])
    if not said["persons"]:
        why = LEFT_OUT[said.get("persons_left_out", "not_encrypted")]
        return Section("persons", "Persons", paragraphs=[f"No person is named: {why}."])
    tables = [
        _of_values(
            f"{one['role'].capitalize()}, by report {one['report_id']}",
            [(label, one[name]) for name, label in PERSON.items() if one[name] is not None],
        )
        for one in said["persons"]
    ]
    return Section("persons", "Persons", paragraphs=[AS_REPORTED], tables=tables)


def _decision(said: Said) -> Section:
    decision = said["decision"]
    runner_up = decision["runner_up"]
    rows = [
        ("Why", decision["reason"]),
        ("Rule", f"{decision['rule_id']}, version {decision['rule_version']}"),
        ("Evidence", _said(PLACES, decision["evidence_grade"])),
        ("Next best", f"{runner_up}: {_said(PLACES, decision['runner_up_evidence'])}" if runner_up else "nobody"),
        ("Decided", f"{_moment(decision['allocated_at'])}, allocation {decision['sequence_number']} of this incident"),
        ("Published", f"publish {said['dispatch']['publish_id']} of the hub"),
    ]
    return Section("decision", "How the hub decided", tables=[_of_values("The decision", rows)])


def _evidence(evidence: Iterable[Said]) -> Section:
    reports = list(evidence)
    files = {sha256: str(number) for number, sha256 in enumerate(dict.fromkeys(_hashes(reports)), start=1)}
    rows = [
        (
            one["report_ref"] or one["report_id"],
            _words(one["feed"]),
            _moment(one["reported_at"]),
            files[one["delivery_sha256"]],
            str(one["row_number"]),
        )
        for one in reports
    ]
    header = ("Report", "Feed", "Reported", "File", "Row")
    tables = [
        Table("Reports", header, rows, (2.4, 2, 2, 0.5, 0.7), frozenset({3, 4})),
        Table("Files", ("File", "SHA-256"), [(number, sha256) for sha256, number in files.items()], (1, 9)),
    ]
    return Section("evidence", "What it rests on", paragraphs=[HASHES], tables=tables)


def _hashes(reports: Iterable[Said]) -> Iterator[str]:
    return (str(one["delivery_sha256"]) for one in reports)


def _answer(answer: Said) -> Section:
    own = {"response_ref": OWN_REFERENCES[answer["feed"]]} if answer["feed"] is not None else {}
    fields = {**own, **answer["fields"], "kind": "one of those above", "happened_at": "when, with the time zone"}
    points = [f"{kind}: {MEANINGS[kind]}" if kind in MEANINGS else kind for kind in answer["kinds"]]
    rows = [(name, value or "left empty") for name, value in fields.items()]
    if answer["feed"] is None:
        rows = [(name, value) for name, value in answer["fields"].items() if value]
    return Section(
        "answer",
        "How to answer",
        paragraphs=[_way_to_answer(answer["feed"])],
        points=points,
        tables=[_of_values("What an answer holds", rows)],
    )


def _way_to_answer(feed: str | None) -> str:
    if feed is None:
        return "Answer by word or letter to the hub."
    return f"Answer as a row of the feed {feed}: in a file as agreed with the hub, or at the exchange. Kinds of answer:"


def _handling(said: Said) -> Section:
    days = said["retention"]["days"]
    rows = [
        ("Marking", said["marking"]["classification"]),
        ("Handling", said["marking"]["handling"]),
        ("Keep for", f"{days} days" if days else "as long as your own rules say"),
        ("Retention", said["retention"]["rule"]),
    ]
    return Section("handling", "Marking, handling and retention", tables=[_of_values("How to keep it", rows)])


def _of_values(caption: str, rows: Iterable[tuple[str, str]]) -> Table:
    return Table(caption, ("Item", "Details"), list(rows), (1, 3))


def _place(one: Said) -> str:
    is_known = one["area_code"] is not None and one["status"] == "located"
    return f"{one['area_code'] or _words(one['status'])}{f': {_said(PLACES, one["evidence"])}' if is_known else ''}"


def _said(words: Mapping[str, str], code: str | None) -> str:
    """What a code means to somebody who knows none of the hub's; of a new one its own words."""
    return _words(code) if code is None or code not in words else words[code]


def _words(code: str | None) -> str:
    return "unknown" if code is None else code.replace("_", " ")


def _yes_or_no(value: bool | None) -> str:
    return "unknown" if value is None else "yes" if value else "no"


def _day(text: str | None) -> str:
    return "unknown" if text is None else f"{date.fromisoformat(text):%-d %B %Y}"


def _moment(text: str | None) -> str:
    """A time in London, where recipients are; nothing where none is set."""
    return "" if text is None else f"{datetime.fromisoformat(text).astimezone(LONDON):%-d %B %Y, %H:%M %Z}"
