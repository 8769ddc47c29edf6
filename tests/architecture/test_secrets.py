"""No secret stands in the repository."""

import re
import subprocess
from pathlib import Path

import pytest

from hub.settings import read_settings

PROJECT = read_settings({}).project
SECRETS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "password in an address": re.compile(r"\b[a-z][a-z0-9+]*://[^\s:/@'\"{}$]+:(?!password@)[^\s:/@'\"{}$<>…]{6,}@"),
    "assigned secret": re.compile(
        r"""(?i)\b(?:password|passwd|secret|api_?key|auth_?token)\b["']?\s*[:=]\s*["']"""
        r"""(?=[^"']*[a-z])(?=[^"']*[0-9])[A-Za-z0-9+/_=-]{16,}["']"""
    ),
    "access key": re.compile(r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[abp]-[A-Za-z0-9-]{10,})\b"),
    "hash of a password": re.compile(r"SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]{20,}"),
}
LARGEST = 2_000_000
"""Bytes; what is larger is data, not configuration."""


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "-C", str(PROJECT), "ls-files", "-z"], capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := PROJECT / name).is_file()]


def found_in(text: str) -> list[str]:
    return [name for name, pattern in SECRETS.items() if pattern.search(text)]


def test_no_tracked_file_holds_a_secret() -> None:
    files = [path for path in tracked_files() if path.stat().st_size <= LARGEST and path != Path(__file__)]
    assert len(files) > 300
    found = {
        str(path.relative_to(PROJECT)): names
        for path in files
        if (names := found_in(path.read_text(encoding="utf-8", errors="replace")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----", "private key"),
        ("postgresql://hub:hunter2hunter2@db/hub", "password in an address"),
        ('password = "abcdefgh12345678"', "assigned secret"),
        ("AKIAABCDEFGHIJKLMNOP", "access key"),
    ],
)
def test_a_secret_would_be_found(text: str, name: str) -> None:
    assert name in found_in(text)


def test_an_address_that_takes_its_password_from_the_environment_is_no_secret() -> None:
    assert found_in("postgresql://hub:${HUB_POSTGRES_PASSWORD}@postgres/hub") == []
