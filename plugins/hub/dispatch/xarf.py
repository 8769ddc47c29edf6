"""A notice for providers whose programs read XARF version 4 (https://xarf.org): a report for each address, one a line.

XARF has no type for hate. ``xarf-content-hate_speech.schema.json`` proposes one, in the manner of the types of its
category *content*.
"""

import json
import re
import textwrap
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

VERSION = "4.2.0"
LONGEST_DESCRIPTION = 1_000
DOMAIN = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}")
"""What the schema takes for a domain name."""


def as_xarf(text: str) -> bytes | None:
    """The reports of a package; None where it is no notice, or no address is known."""
    said = json.loads(text)
    if said.get("notice") is None:
        return None
    addresses = [one["address"] for one in said["objects"] if one["address"] is not None]
    lines = [json.dumps(_report(said, address), ensure_ascii=False, sort_keys=True) for address in addresses]
    return "".join(f"{line}\n" for line in lines).encode() or None


def _report(said: Mapping[str, Any], address: str) -> dict[str, Any]:
    notice, event, dispatch = said["notice"], said["events"][0], said["dispatch"]
    host = _host(address)
    email = notice["notifier"]["email"]
    by = {"org": notice["notifier"]["name"], "contact": email, "domain": email.partition("@")[2]}
    report = {
        "xarf_version": VERSION,
        "report_id": str(uuid.uuid5(uuid.UUID(dispatch["dispatch_id"]), address)),
        "timestamp": event["first_reported_at"],
        "reporter": by,
        "sender": by,
        "source_identifier": host or address,
        "category": "content",
        "type": "hate_speech",
        "url": address,
        "evidence_source": "user_report",
        "verification_method": "user_report",
        "description": textwrap.shorten(notice["reasons"], LONGEST_DESCRIPTION),
        "hostility": event["strands"],
        "is_illegal": notice["kind"] == "illegal_content",
        "legal_basis": notice["basis"],
        "good_faith": notice["good_faith"],
        "reference": dispatch["allocation_ref"],
        "tags": _tags(dispatch, event),
    }
    return report | ({"domain": host} if DOMAIN.fullmatch(host) else {})


def _host(address: str) -> str:
    """Nothing where it has none that a program finds: it is sent as it was reported."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _tags(dispatch: Mapping[str, Any], event: Mapping[str, Any]) -> list[str]:
    tags = [f"strand:{one}" for one in event["strands"]]
    tags += ["urgency:threat-to-life"] if event["is_threat_to_life"] else []
    return tags + (["lifecycle:test"] if dispatch["is_simulated"] else [])
