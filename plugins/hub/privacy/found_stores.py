"""What a certificate says of the stores that are done when the keys of a person are destroyed."""

import uuid
from collections.abc import Collection, Iterable, Sequence, Sized
from dataclasses import replace

from hub.privacy.certificate import Store
from hub.privacy.landed_files import Landing
from hub.privacy.vault_erasure import Subject

BY_COLUMN = "e-mail, telephone, handle and code by column, or a name with date of birth or postcode of the same subject"
BY_TEXT = "whole e-mail addresses, telephone numbers, or a name in one piece with a date of birth or postcode"
QUARANTINE = "quarantine"


def in_vault(count_keys: int, count_readable: int, left: Iterable[Subject]) -> Store:
    """Subjects of records, of which so many could be read before, and these still can."""
    still = [_place(one) for one in sorted(left)]
    return replace(
        Store("vault", count_keys, count_readable, count_readable, len(still)),
        how=f"tokens in raw: {BY_COLUMN}",
        done="keys destroyed, values emptied",
        left_in=still,
    )


def in_linkage(count_all: int, count_forgotten: int) -> Store:
    """Mentions of persons."""
    how, done = "records of these subjects", "mentions forgotten"
    return Store("linkage", count_all, count_forgotten, count_forgotten, 0, how, done)


def in_landing(landing: Landing, left: Sequence[str]) -> Store:
    """Landed files, and those of them that the person is left in."""
    found = len(landing.found)
    return replace(
        Store("landing", landing.looked_at, found, found - len(left), len(left)),
        how=f"rows by the feed's reader: {BY_COLUMN}; files that are not read in rows, as text: {BY_TEXT}",
        done="files rewritten without what they say of the person; all other rows are as they were",
        not_searched=landing.not_searched,
        left_in=list(left),
    )


def in_quarantine(count_texts: int, found: Sized) -> Store:
    """Quarantined rows."""
    return replace(
        Store(QUARANTINE, count_texts, len(found), len(found), 0),
        how=f"rows that could be split: {BY_COLUMN}; others as text: {BY_TEXT}",
        done="texts destroyed and rows rejected; rows that name others too lose what they say of the person",
    )


def still_in_quarantine(of_then: Store, quarantine_ids: Collection[uuid.UUID]) -> Store:
    """The same store, with what a later search found there."""
    return replace(of_then, left=len(quarantine_ids), left_in=sorted(map(str, quarantine_ids)))


def with_another_name(left: Sequence[str]) -> Store:
    """Records that give the person's address under another name, and stay."""
    return replace(
        Store("records that give another name with the same address", len(left), len(left), 0, len(left)),
        how="e-mail by column; without records that linkage gives to another person",
        done=f"left: {len(left)}; erase them by a token of their own or the quarantined row if they are the person's",
        left_in=list(left),
    )


def in_file_names(count_names: int, count_renamed: int) -> Store:
    """Names of delivered files."""
    return replace(
        Store("names of delivered files", count_names, count_renamed, count_renamed, 0),
        how=f"as text: {BY_TEXT}",
        done="the delivery's id instead",
    )


def _place(one: Subject) -> str:
    return f"{one.feed} {one.delivery_id} row {one.row_number} {one.subject}"
