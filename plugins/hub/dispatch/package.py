"""What is sent of an allocation: a package by ``package.schema.json``, its withdrawal, or whom of it to erase.

The ledger keeps packages without persons; :mod:`hub.dispatch.persons` names them as a package is handed over."""

import functools
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema_rs

from hub.dispatch.answers import FEEDS, MOVES_BY_FORCE, MOVES_BY_PROVIDER
from hub.dispatch.notices import notice_of
from hub.dispatch.offered import Offered
from hub.dispatch.recipients import Recipient
from hub.dispatch.states import State

SCHEMA = Path(__file__).with_name("package.schema.json")
SCHEMA_ID = "urn:hate-crime-hub:dispatch-package:1.2"
WITH_PERSONS = frozenset({SCHEMA_ID, "urn:hate-crime-hub:dispatch-package:1.1"})
"""Versions in which persons can be named: a package waits as it was prepared."""
MARKING = {
    "classification": "OFFICIAL-SENSITIVE",
    "handling": "For the recipient named in it. Not to be published or passed on beyond the case.",
}
RETENTION = "Delete what led to nothing after so many days; what became a case follows the recipient's own rules."
DECISION = (
    *("duty", "sequence_number", "target_kind", "target_code", "target_name", "route", "rule_id", "rule_version"),
    *("evidence_grade", "reason", "runner_up", "runner_up_evidence"),
)
TIMES = ("allocated_at", "due_at", "action_due_at")
"""They follow from the answers, too: a package whose times alone have changed is no new one."""
EVENT = (
    "incident_class",
    "class_basis",
    "strands",
    "is_online",
    "is_threat_to_life",
    "occurred_on",
    "first_reported_at",
)
EVIDENCE = ("report_id", "report_ref", "feed", "delivery_sha256", "row_number", "reported_at")
ANSWERS: Mapping[str | None, Mapping[str, State]] = {
    "force_responses": MOVES_BY_FORCE,
    "provider_responses": MOVES_BY_PROVIDER,
    None: {},
}
NOT_ENCRYPTED, NO_CONSENT, REPORT_CHANGED = "not_encrypted", "no_consent", "report_changed"
NOT_READABLE = "not_readable"
"""Why a package names no person."""
ERASED = "The hub keeps these persons no more. Delete what the package said of them, unless a law makes you keep it."
LONDON = ZoneInfo("Europe/London")
NAMESPACE = uuid.UUID("0f7c1c53-8e0a-4b62-9a0e-0a4f5c3b6f11")


class PackageRefused(ValueError):
    """The schema does not allow a package; the message names the place and the rule, and no value."""


@dataclass(frozen=True)
class Envelope:
    """What a package says of itself."""

    dispatch_id: uuid.UUID
    allocation_ref: str
    supersedes: uuid.UUID | None
    is_urgent: bool
    prepared_at: datetime


def content(one: Offered, recipient: Recipient) -> dict[str, Any]:
    """What a package says of an allocation: it is the same as long as nothing of that has changed. A provider is told
    of no place, and alone of addresses: a force could know by one who was attacked, whether they agree or not."""
    row = one.row
    event = {"kind": "incident", "incident_id": one.incident_id, "count_reports": row["count_reports"]}
    place = {
        "kind": "force_area",
        "area_code": row["force_code"],
        "evidence": row["location_evidence"],
        "status": row["location_status"],
    }
    notice = notice_of(one, recipient)
    said = {
        "decision": {name: row[name] for name in DECISION},
        "persons": [],
        "objects": list(_objects(row, one.addresses if recipient.kind == "provider" else ())),
        "locations": [place] if recipient.kind == "force" else [],
        "events": [event | {name: row[name] for name in EVENT}],
        "evidence": [_evidence(report) for report in row["evidence"]],
        **({} if notice is None else {"notice": notice}),
    }
    return dict(json.loads(_as_json(said)))


def _objects(row: Mapping[str, Any], addresses: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The content, once for each address that the recipient is told."""
    if addresses or row["is_online"] == "yes" or row["platform"] is not None:
        for address in addresses or (None,):
            yield {"kind": "online_content", "platform": row["platform"], "address": address}


def _evidence(report: list[Any]) -> dict[str, Any]:
    said = dict(zip(EVIDENCE, report, strict=True))
    return said | {"row_number": int(said["row_number"])}


def content_sha256(said: Mapping[str, Any]) -> str:
    """The version of a content: the hash of its JSON with sorted keys."""
    return hashlib.sha256(_as_json(said).encode()).hexdigest()


def dispatch_id_of(allocation_id: uuid.UUID, sha256: str, supersedes: uuid.UUID | None) -> uuid.UUID:
    """The same for the same history of an allocation's content, also in a hub that was restored. What it supersedes is
    part of it: content that is again as it once was is news to the recipient."""
    return uuid.uuid5(NAMESPACE, f"{allocation_id} {sha256} {supersedes}")


def package(one: Offered, said: Mapping[str, Any], recipient: Recipient, envelope: Envelope) -> str:
    """The whole package, as the text that is sent. Raises :class:`PackageRefused`."""
    times = {name: one.row[name] for name in TIMES}
    document = {
        "schema": SCHEMA_ID,
        "document": "package",
        "dispatch": {
            **vars(envelope),
            "allocation_id": one.allocation_id,
            "publish_id": one.publish_id,
            "is_simulated": one.is_simulated,
        },
        "to": {"code": recipient.code, "name": recipient.name, "kind": recipient.kind},
        "marking": MARKING,
        "retention": {"days": recipient.retention_days, "rule": RETENTION},
        **said,
        "persons_left_out": NOT_ENCRYPTED,
        "decision": {**said["decision"], **times},
        "codes": _codes(recipient, day_of(envelope.prepared_at)),
        "answer": _answer(one, recipient, envelope),
    }
    return valid_text(document)


def valid_text(document: Mapping[str, Any]) -> str:
    """A package as text. Raises :class:`PackageRefused`."""
    text = _as_json(document)
    try:
        _validator().validate(json.loads(text))
    except jsonschema_rs.ValidationError as problem:
        place, rule = ("/".join(map(str, path)) for path in (problem.instance_path, problem.schema_path))
        raise PackageRefused(f"{place} breaks the schema's rule {rule}") from None
    return text


def withdrawal(dispatch_id: uuid.UUID, allocation_ref: str, because: str) -> str:
    """What tells a recipient that a dispatch no longer holds, as text."""
    return _notice("withdrawal", dispatch_id, allocation_ref, because)


def erasure(dispatch_id: uuid.UUID, allocation_ref: str, persons: Sequence[Mapping[str, str]]) -> str:
    """What tells a recipient to erase persons whom a package has named, while the case goes on, as text; ``persons``
    say of which report (``report_id``) and as what (``role``)."""
    return _notice("erasure", dispatch_id, allocation_ref, ERASED, persons=persons)


def _notice(document: str, dispatch_id: uuid.UUID, allocation_ref: str, because: str, **said: Any) -> str:
    about = {"schema": SCHEMA_ID, "document": document, "dispatch_id": dispatch_id, "allocation_ref": allocation_ref}
    return _as_json({**about, "because": because, **said})


def day_of(moment: datetime) -> date:
    """The day of a moment in London, where recipients and their contracts are."""
    return moment.astimezone(LONDON).date()


def _codes(recipient: Recipient, day: date) -> list[dict[str, str]]:
    return [
        {"list": one.list_name, "ours": one.ours, "theirs": one.theirs} for one in recipient.codes if one.holds(day)
    ]


def _answer(one: Offered, recipient: Recipient, envelope: Envelope) -> dict[str, Any]:
    feed = FEEDS.get(recipient.kind)
    fields: dict[str, str | None] = {"allocation_ref": envelope.allocation_ref}
    if feed == "force_responses":
        fields |= {"incident_ref": one.report_ref, "force_code": one.target_code}
    elif feed == "provider_responses":
        fields = {"report_ref": one.report_ref, "provider_code": one.target_code, "referral_route": one.route}
    return {"feed": feed, "fields": fields, "kinds": list(ANSWERS[feed])}


@functools.cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _as_json(said: Mapping[str, Any]) -> str:
    return json.dumps(said, default=_plain, ensure_ascii=False, sort_keys=True, indent=1)


def _plain(value: object) -> str:
    """Ids, days and times as text. The warehouse's sessions are in UTC."""
    return value.isoformat() if isinstance(value, date) else str(value)
