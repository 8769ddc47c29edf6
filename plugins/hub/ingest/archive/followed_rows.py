"""Which accepted rows go to the archive, by what their contract says of rows that are followed."""

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.contracts.followed import Followed
from hub.contracts.model import Contract
from hub.contracts.values import LogicalType

KEY_BYTES = 16


def is_archived(contract: Contract, rows: pa.Table) -> np.ndarray:
    """A boolean for each row: it goes to the archive. A row that names a person stays in raw, whatever it is about:
    tokens, vault and erasures work there. ``rows`` are as they were delivered."""
    archived = np.ones(rows.num_rows, dtype=bool)
    if contract.followed is None:
        return ~archived
    archived &= ~_is_followed(contract, contract.followed, rows)
    for column in contract.personal_columns:
        archived &= pc.is_null(rows.column(column.name)).to_numpy()
    return archived


def record_keys(contract: Contract, rows: pa.Table) -> np.ndarray:
    """The key of each row as ``ledger.archived_records`` has it. dbt makes the same (``int_statements__versions``)."""
    (key,) = contract.key_columns
    begun = hashlib.sha256(f"{contract.feed} ".encode())
    digests = []
    for text in rows.column(key.raw_name).to_pylist():
        digest = begun.copy()
        digest.update(text.encode())
        digests.append(digest.digest()[:KEY_BYTES])
    return np.frombuffer(b"".join(digests), dtype=f"V{KEY_BYTES}")


def _is_followed(contract: Contract, followed: Followed, rows: pa.Table) -> np.ndarray:
    found = np.zeros(rows.num_rows, dtype=bool)
    has = {
        (term, code): np.any(
            [_has_code(rows.column(name), code, is_list=_is_list(contract, name)) for name in names], axis=0
        )
        for term, names in followed.columns.items()
        for code in {one[term] for one in followed.any_of if term in one}
    }
    for one in followed.any_of:
        found |= np.all([has[term, code] for term, code in one.items()], axis=0)
    return found


def _is_list(contract: Contract, name: str) -> bool:
    return contract.column(name).logical_type is LogicalType.ARRAY


def _has_code(values: pa.ChunkedArray, code: str, *, is_list: bool) -> np.ndarray:
    """A boolean for each value: it is this code, or a list with it. Each different text is looked at once."""
    seen = values.combine_chunks().dictionary_encode()
    texts: Sequence[str] = seen.dictionary.to_pylist()
    has = [code in json.loads(text) if is_list else code == text for text in texts]
    found: np.ndarray = np.array([*has, False])[seen.indices.fill_null(len(has)).to_numpy(zero_copy_only=False)]
    return found
