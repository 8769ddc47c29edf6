"""A feed's samples, packed as its contract says, and what its bad sample must come to."""

import gzip
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import yaml

from hub.contracts.model import Contract
from hub.contracts.values import Compression
from hub.settings import read_settings

EXPECTATIONS = read_settings({}).expectations
FEEDS = sorted(path.name for path in EXPECTATIONS.iterdir() if path.is_dir())
RECEIVED_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""When a sample is taken to have been received, by tests that validate it without a delivery."""
STORED_AT = (2026, 1, 1, 0, 0, 0)
"""Zip archives hold a time; with this one the same sample always packs to the same bytes."""


def packed_sample(contract: Contract, kind: str, folder: Path) -> Path:
    """Write the ``good`` or ``bad`` sample of a feed to ``folder``, packed for delivery; returns its path."""
    plain = stored_sample(contract, kind)
    match contract.form.compression:
        case Compression.NONE:
            target = folder / plain.name
            target.write_bytes(plain.read_bytes())
        case Compression.GZIP:
            target = folder / f"{plain.name}.gz"
            target.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
        case Compression.ZIP:
            target = folder / f"{plain.name}.zip"
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(zipfile.ZipInfo(plain.name, STORED_AT), plain.read_bytes())
    return target


def stored_sample(contract: Contract, kind: str) -> Path:
    """Where the sample is kept, unpacked."""
    return EXPECTATIONS / contract.feed / "samples" / f"{kind}.{contract.form.formats[0]}"


def bad_reasons(feed: str) -> dict[int, str]:
    """Rule by record number, as ``bad.reasons.yaml`` says."""
    text = (EXPECTATIONS / feed / "samples" / "bad.reasons.yaml").read_text(encoding="utf-8")
    return {int(item["row_number"]): str(item["rule"]) for item in yaml.safe_load(text)}
