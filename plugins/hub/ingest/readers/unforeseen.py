"""What no reader foresaw in a sender's file ends the delivery: every further read would fail in the same way."""

import traceback
from collections.abc import Iterator
from pathlib import Path

from hub.deliveries import Chunk, DeliveryRefused
from hub.store import StoreProblem
from hub.vault.encrypted_file import FileDamaged
from hub.vault.hub_keys import KeyProblem

NOT_THE_SENDERS = (FileDamaged, KeyProblem, StoreProblem, OSError, MemoryError)
"""The hub's own disk, store, keys and memory say nothing about the file; it is read again when they are well."""


def refusing_the_unforeseen(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The chunks of a file. Any error of its reader becomes :class:`DeliveryRefused` with the place in the code, for
    those who mend it, and without the error's own words, which may hold a value."""
    try:
        yield from chunks
    except (DeliveryRefused, *NOT_THE_SENDERS):
        raise
    except Exception as error:
        where = place_of(error)
        raise DeliveryRefused(f"the hub cannot read this file, which may be the hub's own fault ({where})") from error


def place_of(error: Exception) -> str:
    """The kind of an error and its place in the code, without its own words."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
