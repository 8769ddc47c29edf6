"""Ids that linkage makes, as the warehouse's macro ``stable_id`` makes those of the same parts; and what became of old
ones."""

import hashlib
from collections.abc import Iterable

import pandas as pd


def named_after(kind: str, one_of_them: str) -> str:
    """The id of an incident or a person (``kind``) that is named after one of its reports or mentions. It begins as
    that one's id does: what is of one time is on few pages of an index."""
    digits = hashlib.md5(f"{kind}/{one_of_them}".encode(), usedforsecurity=False).hexdigest()
    begins = one_of_them[:4] + digits[4:]
    return "-".join((begins[:8], begins[8:12], begins[12:16], begins[16:20], begins[20:]))


def changes_of(moves: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """What became of incidents or persons, from the ``(old id, new id)`` of all their members: columns kind, old and
    new. An old one of several new ones was split, several old ones that are one now were merged, and one that has
    another id for the same members was re-anchored."""
    distinct = pd.DataFrame(sorted(set(moves)), columns=["old", "new"], dtype="str")
    is_split = distinct.groupby("old")["new"].transform("size") > 1
    is_merged = distinct.groupby("new")["old"].transform("size") > 1
    distinct["kind"] = "re_anchored"
    distinct.loc[is_merged, "kind"] = "merged"
    distinct.loc[is_split, "kind"] = "split"
    return distinct[distinct["old"] != distinct["new"]]
