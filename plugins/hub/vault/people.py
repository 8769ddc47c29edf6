"""What the vault holds of the persons whom records mention."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import sqlalchemy as sa

from hub.vault.reading import Encrypted, VaultReader
from hub.vault.tables import SUBJECT_KEYS

ROLES = ("victim", "reporter")
ENCRYPTED = pa.schema(
    [
        ("_feed", pa.string()),
        ("_role", pa.string()),
        ("_delivery", pa.string()),
        ("_number", pa.int64()),
        ("_version", pa.int64()),
        ("_wrapped", pa.string()),
        ("_blob", pa.string()),
    ]
)
"""Which mention it is, and what decrypts it; delivery id and bytes as hexadecimal digits."""


def encrypted_mentions_query(
    connection: sa.Connection, source: str, feeds: Sequence[str], columns: Sequence[str]
) -> str:
    """SQL that selects ``columns``, then the columns of ``ENCRYPTED`` in their order, of the mentions in ``source``: a
    from clause whose alias is ``wanted``, with feed (one of ``feeds``), role, delivery_id and row_number. A mention
    whose vault row is gone has no blob, one whose key is gone no wrapped key: neither can be decrypted."""
    if not feeds:
        return _of_feed(connection, source, None, columns)  # the same columns, and no row
    return " union all ".join(_of_feed(connection, source, feed, columns) for feed in feeds)


def decrypt_mentions(reader: VaultReader, encrypted: pa.Table, fields: Sequence[str]) -> list[pa.Array]:
    """The fields (name, email, …) of mentions as :func:`encrypted_mentions_query` selects them, a column each."""
    decrypted = reader.decrypt(list(_cells(encrypted)))
    roles = encrypted["_role"].to_pylist()
    return [
        pa.array([values.get(f"{role}_{field}") for values, role in zip(decrypted, roles, strict=True)], pa.string())
        for field in fields
    ]


def _cells(encrypted: pa.Table) -> Iterator[Encrypted]:
    for feed, role, delivery, number, version, wrapped, blob in zip(
        *(column.to_pylist() for column in encrypted.select(ENCRYPTED.names).columns), strict=True
    ):
        if blob is None or wrapped is None:
            yield Encrypted(feed, role, b"", number, None, None, None)
        else:
            yield Encrypted(
                feed, role, bytes.fromhex(delivery), number, version, bytes.fromhex(wrapped), bytes.fromhex(blob)
            )


def _of_feed(connection: sa.Connection, source: str, feed: str | None, columns: Sequence[str]) -> str:
    chosen = ", ".join(f"wanted.{column}" for column in columns)
    mention = "wanted.feed, wanted.role, replace(wanted.delivery_id::text, '-', ''), wanted.row_number"
    if feed is None:
        return f"select {chosen}, {mention}, null, null, null from {source} where false"  # noqa: S608
    held = {column["name"] for column in sa.inspect(connection).get_columns(feed, schema="vault")}
    of_role = " ".join(f"when '{role}' then held.{role}" for role in ROLES if role in held)
    blob = f"encode(case wanted.role {of_role} end, 'hex')" if of_role else "null"
    vault = f"vault.{connection.dialect.identifier_preparer.quote(feed)}"
    return (
        f"select {chosen}, {mention}, keys.key_version, encode(keys.wrapped, 'hex'), {blob}"  # noqa: S608 - own names
        f" from {source}"
        f" left join {vault} as held"
        " on wanted.delivery_id = held._delivery_id and wanted.row_number = held._row_number"
        f" left join {SUBJECT_KEYS.fullname} as keys"
        " on wanted.delivery_id = keys.delivery_id and wanted.row_number = keys.row_number"
        " and wanted.role = keys.subject"
        f" where wanted.feed = '{feed}'"
    )
