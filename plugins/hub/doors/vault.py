"""The keys that turn personal values into tokens.

A token is HMAC-SHA256 over the normalised value under a key of the hub's own; the same e-mail address gives the same
token in every feed, and nobody without the key can tell which address it was.
"""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from hub.contract_values import Classification, Column
from hub.contracts import Contract
from hub.settings import Settings

KEY_BYTES = 32
KEY_VERSION = 1
TOKEN_HEX_DIGITS = 40


@dataclass(frozen=True)
class Keys:
    """``person`` for values that identify someone, ``text`` for what they wrote, ``record`` for record hashes."""

    person: bytes
    text: bytes
    record: bytes


def read_keys(settings: Settings) -> Keys:
    """The hub's keys, made at first use and kept under ``$HUB_HOME/secrets``, readable by the owner alone."""
    return Keys(*(_read_key(settings.secrets / f"{purpose}.key") for purpose in ("person", "text", "record")))


def tokenise(keys: Keys, column: Column, values: pa.ChunkedArray) -> pa.Array:
    """The tokens of a column's values; null stays null."""
    key = keys.text if column.classification is Classification.SENSITIVE else keys.person
    return pa.array([None if value is None else _token(key, value) for value in values.to_pylist()], pa.string())


def split_personal(contract: Contract, keys: Keys, rows: pa.Table) -> tuple[pa.Table, pa.Table | None]:
    """Part accepted rows into what raw holds (tokens in the place of personal values) and what the vault holds (those
    values; None where the feed has none)."""
    raw = pa.table(
        [
            tokenise(keys, column, rows.column(column.name)) if column.is_personal else rows.column(column.name)
            for column in contract.columns
        ],
        names=[column.raw_name for column in contract.columns],
    )
    personal: Sequence[str] = [column.name for column in contract.personal_columns]
    return raw, rows.select(personal) if personal else None


def _token(key: bytes, value: str) -> str:
    normal = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    digest = hmac.digest(key, normal.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"t{KEY_VERSION}_{digest.hex()[:TOKEN_HEX_DIGITS]}"


def _read_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        # Written aside and linked into place: of two processes that start at once, one key wins and both read it.
        mine = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_hex(KEY_BYTES))
        try:
            path.hardlink_to(mine)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return bytes.fromhex(path.read_text().strip())
