"""A delivery of any size: 14 columns, some 220 bytes a row, half a percent of the rows bad, and the contract for it."""

from pathlib import Path

import numpy as np
import yaml

FEED = "bench_reports"
BAD_SHARE = 0.005
ROWS_A_BLOCK = 100_000
PLATFORMS = ("alpha", "beta", "gamma", "delta")
STRANDS = ("race", "religion", "sexual_orientation", "disability", "transgender")
LANGUAGES = ("en", "fr", "de", "pl", "ur")
COLUMNS = (
    "report_ref", "content_date", "reported_on", "platform", "strand", "is_online", "lsoa_code", "severity",
    "views", "score", "content_url", "description", "content_language", "force_code",
)  # fmt: skip
TEXT = (
    "report of a post in a public thread that names a group and says that it should leave seen by many people and "
    "shared again the same evening by other accounts"
)
WORDS = np.array(TEXT.split())


def write_contract(expectations: Path) -> None:
    """Write the feed's contract: 16 expectations over the 14 columns, and 5 types."""
    folder = expectations / FEED
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": FEED,
        "name": "Reports for measuring",
        "version": "1.0.0",
        "status": "active",
        "description": {"purpose": "To measure what a load costs."},
        "team": {"name": "bench", "members": [{"username": "bench", "role": "owner"}]},
        "schema": [{"name": FEED, "logicalType": "object", "properties": _properties()}],
        "slaProperties": [
            {"property": "frequency", "value": 1, "unit": "d"},
            {"property": "latency", "value": 12, "unit": "h"},
        ],
        "customProperties": [
            {"property": "sender", "value": "bench"},
            {"property": "fileForm", "value": {"formats": ["csv"]}},
            {"property": "eventColumn", "value": "content_date"},
        ],
    }
    (folder / "contract.yaml").write_text(yaml.safe_dump(document, sort_keys=False))


def _properties() -> list[dict[str, object]]:
    def column(name: str, kind: str, *, known: tuple[str, ...] = (), **options: object) -> dict[str, object]:
        entry: dict[str, object] = {
            "name": name,
            "logicalType": kind,
            "required": name in ("report_ref", "platform", "description"),
            "classification": "internal",
            "description": f"The {name} of a report",
        }
        if options:
            entry["logicalTypeOptions"] = options
        if known:
            rule = {
                "type": "expect_column_values_to_be_in_set",
                "kwargs": {"value_set": list(known)},
                "meta": {"because": "a code that nobody knows must not be counted under another"},
            }
            entry["quality"] = [
                {"name": f"{name}.known", "type": "custom", "engine": "greatExpectations", "implementation": rule}
            ]
        return entry

    return [
        column("report_ref", "string", pattern="^[0-9a-f]{32}$"),
        column("content_date", "date", minimum="2000-01-01"),
        column("reported_on", "date", minimum="2000-01-01"),
        column("platform", "string", known=PLATFORMS),
        column("strand", "string", known=STRANDS),
        column("is_online", "string", known=("yes", "no", "unknown")),
        column("lsoa_code", "string", pattern="^[EW]01[0-9]{6}$"),
        column("severity", "integer", minimum=1, maximum=5),
        column("views", "integer", minimum=0),
        column("score", "number", minimum=0, maximum=1),
        column("content_url", "string", pattern="^https?://"),
        column("description", "string", maxLength=4000),
        column("content_language", "string", known=LANGUAGES),
        column("force_code", "string", pattern="^[EW][0-9]{8}$"),
    ]


def write_delivery(path: Path, count_rows: int, *, bad_share: float = BAD_SHARE, seed: int = 1) -> int:
    """Write ``count_rows`` rows as CSV; returns how many of them are bad (a broken code, date, number, length or cell
    count, or a byte that is no text)."""
    random = np.random.default_rng(seed)
    count_bad = 0
    with path.open("wb") as target:
        target.write((",".join(COLUMNS) + "\n").encode())
        for start in range(0, count_rows, ROWS_A_BLOCK):
            lines = _lines(random, start, min(ROWS_A_BLOCK, count_rows - start))
            bad = np.flatnonzero(random.random(len(lines)) < bad_share)
            for place in bad:
                lines[place] = _spoilt(lines[place], int(place) % 6)
            count_bad += len(bad)
            target.write(b"\n".join(lines) + b"\n")
    return count_bad


def _spoilt(line: bytes, kind: int) -> bytes:
    cells = line.split(b",")
    match kind:
        case 0:
            cells[3] = b"omega"
        case 1:
            cells[1] = b"2025-02-30"
        case 2:
            cells[7] = b"many"
        case 3:
            cells[0] = cells[0][:-2]
        case 4:
            cells.append(b"one too many")
        case _:
            cells[11] = b"\xff" + cells[11]
    return b",".join(cells)


def _lines(random: np.random.Generator, start: int, count: int) -> list[bytes]:
    first_day = np.datetime64("2025-01-01")
    days = np.datetime_as_string(first_day + np.arange(365))
    picked = [WORDS[random.integers(0, len(WORDS), count)] for _ in range(16)]
    columns = [
        [f"{number:032x}" for number in range(start, start + count)],
        days[random.integers(0, 365, count)],
        days[random.integers(0, 365, count)],
        np.array(PLATFORMS)[random.integers(0, len(PLATFORMS), count)],
        np.array(STRANDS)[random.integers(0, len(STRANDS), count)],
        np.array(("yes", "no", "unknown"))[random.integers(0, 3, count)],
        [f"E01{number:06d}" for number in random.integers(0, 34_000, count)],
        random.integers(1, 6, count).astype(str),
        random.integers(0, 1_000_000, count).astype(str),
        [f"{number:.4f}" for number in random.random(count)],
        [f"https://social.example/p/{number:09d}" for number in random.integers(0, 10**9, count)],
        [" ".join(words) for words in zip(*picked, strict=True)],
        np.array(LANGUAGES)[random.integers(0, len(LANGUAGES), count)],
        [f"E23{number:06d}" for number in random.integers(1, 44, count)],
    ]
    return [",".join(row).encode() for row in zip(*columns, strict=True)]
