"""Addresses of content as reporters copy them: of one post there are many, and none need be equal to another."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.simulate.address_forms import COMMENT_FORMS, POST_FORMS, PROFILE_FORMS, Form
from hub.simulate.cells import TEXT, Mask, Numbers, drawn, joined, mixed, pick, revised, stitched
from hub.simulate.incidents import PLATFORMS, Incidents
from hub.simulate.names import SURNAME_BEGINNINGS, SURNAME_ENDINGS
from hub.simulate.plan import Plan

TRACKED, PLAIN_HTTP, TRAILING, ONLY_PROFILE, ONLY_THREAD = 0.45, 0.12, 0.12, 0.02, 0.01
TRAILING_SIGNS = ("/", ".", ")", ",", "#", "?", "/.", "].")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
NUMBERS_FROM, NUMBERS_TO = 8 * 10**18, 9 * 10**18
"""Numbers of posts lie so far on that no platform reaches them for centuries."""


@dataclass(frozen=True)
class Content:
    """What addresses lead to: the incident that the content is, the post that it is below (or itself), and the
    account that posted that."""

    post: Numbers
    incident: Numbers
    owner: Numbers

    def take(self, places: Numbers) -> "Content":
        """Some of it."""
        return Content(self.post[places], self.incident[places], self.owner[places])


def written_addresses(plan: Plan, incidents: Incidents, incident: Numbers, wanted: Mask) -> pa.Array:
    """The address that each report gives of its incident's content; null where ``wanted`` is false."""
    chance = plan.chance("addresses")
    count = len(incident)
    thread = incidents.relations.thread[incident]
    is_comment = incidents.relations.in_thread[incident] & (chance.random(count) >= ONLY_THREAD)
    is_profile = chance.random(count) < ONLY_PROFILE
    parts: list[tuple[Numbers, pa.Array]] = []
    for number, platform in enumerate(PLATFORMS):
        here = wanted & (incidents.platform[incident] == number)
        comments = COMMENT_FORMS.get(platform, ())
        below = here & is_comment & ~is_profile & bool(comments)
        # Where a platform has no comments, each reply is a post and its number its own.
        post = thread if comments else incident
        for mask, forms in (
            (here & is_profile, (Form(1.0, PROFILE_FORMS[platform]),)),
            (below, comments),
            (here & ~is_profile & ~below, POST_FORMS[platform]),
        ):
            places = np.flatnonzero(mask)
            chosen = drawn([form.share for form in forms], chance, len(places)) if len(places) else places
            for place, form in enumerate(forms):
                rows = places[chosen == place]
                if len(rows):
                    content = Content(post[rows], incident[rows], incidents.account[post[rows]])
                    parts.append((rows, _addresses(plan, chance, platform, form, content)))
    return stitched(count, parts)


def _addresses(plan: Plan, chance: np.random.Generator, platform: str, form: Form, content: Content) -> pa.Array:
    count = len(content.incident)
    text = joined("https://", _filled(plan, chance, platform, form.path, content))
    text = revised(
        chance.random(count) < PLAIN_HTTP, text, lambda values: pc.replace_substring(values, "https", "http")
    )
    if not form.tracking:
        signs = pick(TRAILING_SIGNS, np.where(chance.random(count) < TRAILING, chance.integers(0, 8, count), -1))
        return joined(text, pc.fill_null(signs, ""))
    which = np.where(chance.random(count) < TRACKED, chance.integers(0, len(form.tracking), count), -1)
    for place, parameters in enumerate(form.tracking):
        rows = np.flatnonzero(which == place)
        filled = _filled(plan, chance, platform, parameters, content.take(rows))
        separator = "&" if "?" in form.path else "?"
        text = revised(which == place, text, partial(_extended, separator, filled))
    bare = (which < 0) & (chance.random(count) < TRAILING)
    signs = pick(TRAILING_SIGNS, chance.integers(0, len(TRAILING_SIGNS), int(bare.sum())))
    return revised(bare, text, lambda values: joined(values, signs))


def _filled(plan: Plan, chance: np.random.Generator, platform: str, path: str, content: Content) -> pa.Array:
    """The path with its parts in braces made of the post, and those of comments and short links of the incident."""
    pieces: list[pa.Array | str] = []
    for text in re.split(r"(\{\w+\})", path):
        if text.startswith("{"):
            pieces.append(_part(plan, chance, platform, text[1:-1], content))
        elif text:
            pieces.append(text)
    return joined(pa.repeat("", len(content.incident)), *pieces)


def _part(plan: Plan, chance: np.random.Generator, platform: str, name: str, content: Content) -> pa.Array:
    post, incident = content.post, content.incident
    seed = _seed(plan)
    parts: dict[str, Callable[[], pa.Array]] = {
        "account": lambda: account_names(plan, content.owner),
        "owner": lambda: _number(content.owner, seed + 2),
        "number": lambda: _number(post, seed + 1),
        "code": lambda: joined(_signs(mixed(post, seed + 3), 10), "Z"),
        "small": lambda: pa.array(post + 100_000, pa.int64()).cast(TEXT),
        "base36": lambda: joined("zz", _signs(mixed(post, seed + 4), 7)),
        "comment": lambda: _number(incident, seed + 5),
        "comment36": lambda: joined("zz", _signs(mixed(incident, seed + 6), 7)),
        # Everybody who shares a post is given a link; reporters copy one of three.
        "short": lambda: joined(_signs(mixed(incident * 3 + chance.integers(0, 3, len(incident)), seed + 7), 10), "Z"),
        "share": lambda: _signs(chance.integers(0, 2**62, len(incident)).astype(np.uint64), 11),
        "platform": lambda: pa.repeat(platform, len(incident)),
    }
    return parts[name]()


def _seed(plan: Plan) -> int:
    return plan.seed * 64


def _number(things: Numbers, salt: int) -> pa.Array:
    return pa.array((mixed(things, salt) % (NUMBERS_TO - NUMBERS_FROM) + NUMBERS_FROM).astype(np.int64)).cast(TEXT)


def account_names(plan: Plan, owners: Numbers) -> pa.Array:
    """Names of accounts, of at least 40 signs, which is more than any of these platforms allows."""
    account = mixed(owners, _seed(plan) + 9)
    words = [start.lower() + end for start in SURNAME_BEGINNINGS for end in SURNAME_ENDINGS]
    number = pa.array((account % np.uint64(9_000_000) + np.uint64(1_000_000)).astype(np.int64)).cast(TEXT)
    return joined(
        "made_up_sample_account_", pick(words, (account % np.uint64(880)).astype(np.int64)), "_nobody_", number
    )


def _extended(separator: str, tails: pa.Array, addresses: pa.Array) -> pa.Array:
    return joined(addresses, separator, tails)


def _signs(numbers: np.ndarray, count: int) -> pa.Array:
    """Letters and digits, ``count`` of them for each number."""
    alphabet = np.frombuffer(LETTERS.encode(), dtype=np.uint8)
    left = numbers.astype(np.uint64)
    columns = np.empty((len(left), count), dtype=np.uint8)
    for place in range(count):
        columns[:, place] = alphabet[(left % np.uint64(36)).astype(np.int64)]
        left = left // np.uint64(36)
    return fixed_texts(columns)


def fixed_texts(letters: np.ndarray) -> pa.Array:
    """Texts of equal length out of a matrix of their bytes."""
    count, width = letters.shape
    ends = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    buffers: Sequence[pa.Buffer | None] = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(letters))]
    return pa.Array.from_buffers(TEXT, count, list(buffers))
