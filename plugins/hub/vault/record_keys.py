"""What a record is known by over time, hashed under the key of records: a quarantined row can be asked for by it, and
what a sender wrote into the wrong column is not kept in clear."""

import hashlib
import uuid
from collections.abc import Sequence

KEY_SEPARATOR = "\x1f"
"""Between the columns of a key: what no reference and no code holds."""
HASH_BYTES = 16


def key_hash(values: Sequence[str | None], chain: Sequence[bytes]) -> uuid.UUID | None:
    """The hash of a key, as raw holds its columns, under the keys of records, the oldest first; None where a column is
    empty, or where there are none."""
    given = [value for value in values if value is not None]
    if not given or len(given) < len(values):
        return None
    digest = KEY_SEPARATOR.join(given).encode()
    for key in chain:
        digest = hashlib.blake2b(digest, digest_size=HASH_BYTES, key=key).digest()
    return uuid.UUID(bytes=digest)
