"""What a hostile file is, and the right rows that stand in each so that a loss would be seen."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

EXPECTATIONS = Path(__file__).parents[3] / "expectations"
NAME = "Zebedee Quillfeather"
EMAIL = "zebedee.quillfeather@example.org"
PHONE = "07700 900987"
POSTCODE = "SW1A 2AB"
PERSONAL = (NAME, "Quillfeather", EMAIL, PHONE, POSTCODE)
"""Of a person who is in the hostile files. No message may hold any of it."""

REPORTS = "true_vision_reports"
CASES = "community_reports"
RESPONSES = "force_responses"
COUNTS = "mps_recorded_crime"
STATEMENTS = "provider_statements"
SPEND = "programme_spend"


@dataclass(frozen=True)
class HostileFile:
    """A kind of file: ``data`` makes one of about so many bytes. ``good`` right records are in it, of which none may be
    lost without a word: where the file is loaded, each is accepted or in quarantine."""

    kind: str
    feed: str
    data: Callable[[int], bytes]
    good: int = 0


def header() -> bytes:
    """The first line of a file of reports."""
    return (EXPECTATIONS / REPORTS / "samples" / "good.csv").read_bytes().splitlines(keepends=True)[0]


def report(number: int, **cells: str) -> bytes:
    """A right row of reports about the made-up person; ``cells`` are put in as they are."""
    columns = header().decode().strip().split(",")
    right = {
        "report_ref": f"TV-{number:08d}",
        "reported_at": "2026-10-03T09:15:00+01:00",
        "occurred_on": "2026-10-02",
        "is_anonymous": "no",
        "reporter_is_victim": "yes",
        "reporter_name": NAME,
        "reporter_email": EMAIL,
        "reporter_phone": PHONE,
        "victim_name": NAME,
        "victim_date_of_birth": "1988-02-29",
        "victim_postcode": POSTCODE,
        "strands": "religion",
        "is_online": "yes",
        "platform": "facebook",
        "content_url": "https://social.example.org/post/1",
        "description": f"{NAME} was called [slur]",
        "force_named": "E23000001",
        "is_threat_to_life": "no",
        "consent_share_police": "yes",
        "consent_share_anonymised": "yes",
        "consent_refer_support": "yes",
        "consent_contact": "yes",
    } | cells
    return ",".join(right.get(column, "") for column in columns).encode() + b"\n"


def reports(first: int, count: int) -> bytes:
    """Right rows with numbers from ``first`` on."""
    return b"".join(report(number) for number in range(first, first + count))


def good_sample(feed: str) -> bytes:
    """The feed's good sample, unpacked."""
    (path,) = (EXPECTATIONS / feed / "samples").glob("good.*")
    return path.read_bytes()


def filled(unit: bytes, size: int) -> bytes:
    """``unit`` again and again, up to ``size`` bytes but at least once."""
    return unit * max(1, size // len(unit))


def packed(feed: str, data: bytes) -> bytes:
    """As the feed sends it."""
    if feed != STATEMENTS:
        return data
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("statements.csv", data)
    return archive.getvalue()
