"""Deliveries of the feeds that a funnel is made of, written as files in their true form and taken in by the stages."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryStatus
from hub.settings import Settings
from ingest.deliveries import take_in

NOTHING_SAID = {
    "is_anonymous": "no",
    "reporter_is_victim": "no",
    "strands": "race",
    "is_online": "yes",
    "platform": "x",
    "is_threat_to_life": "no",
    "consent_share_police": "yes",
    "consent_share_anonymised": "yes",
    "consent_refer_support": "no",
    "consent_contact": "no",
}


def report(number: int, at: datetime) -> dict[str, str]:
    """A report of a post of its own, in words of its own, from which nobody can tell a place."""
    words = hashlib.sha256(str(number).encode()).hexdigest()
    return {
        "report_ref": f"TV-{number:08d}",
        "reported_at": at.isoformat(),
        "occurred_on": (at - timedelta(days=1)).date().isoformat(),
        "content_url": f"https://social.example.org/{words[:16]}/status/{number}",
        "description": " ".join(words[i : i + 6] for i in range(0, 60, 6)),
        **NOTHING_SAID,
    }


def work(number: int, report_number: int, at: datetime, activity: str, **more: str) -> dict[str, str]:
    """An entry of the hub's own work on a report."""
    return {
        "activity_ref": f"HA-{number:08d}",
        "report_ref": f"TV-{report_number:08d}",
        "role": "detective_constable",
        "officer_code": "P4711",
        "activity": activity,
        "started_at": at.isoformat(),
        "hours": "0.5",
        **more,
    }


def csv_file(contract: Contract, rows: Iterable[Mapping[str, str]]) -> bytes:
    """A CSV file with all columns of the contract; what a row leaves out is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in contract.columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def json_lines(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A JSON Lines file."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def responses_file(rows: Iterable[Mapping[str, str]]) -> bytes:
    """An XML file of a force's answers."""
    rows = list(rows)
    answers = "".join(
        f"<response>{''.join(f'<{key}>{escape(value)}</{key}>' for key, value in row.items())}</response>"
        for row in rows
    )
    return f'<forceResponses count="{len(rows)}">{answers}</forceResponses>'.encode()


def deliver(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, feed: str, data: bytes, name: str, count: int
) -> None:
    """Take in a file through all stages; every one of its ``count`` rows must be accepted."""
    result = take_in(settings, engine, catalogue.contracts[feed], data, name)
    assert result.status is DeliveryStatus.LOADED, result
    assert result.rows_accepted == count, result
