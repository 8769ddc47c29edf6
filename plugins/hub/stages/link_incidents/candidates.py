"""Which pairs are worth a comparison: those within reach of each other under some key.

A report is compared with the ``REACH`` next to it on either side. So a text that thousands copy costs a few comparisons
a report, and a new report changes only what stands near it. Two that share a text are left out where their days are so
far apart that no text makes them one incident: else each day would look at more with every year. Two that name the same
post are left out, too: of an incident of hundreds each day would read the texts again.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from hub.incident_evidence import DAYS_APART, DAYS_UNSURE
from hub.stages.link_incidents.marking import DAY_BITS, Keys, Numbers
from hub.text_similarity import SKETCH_SIZE, FaintSketches, agreeing

REACH = 6
CANDIDATES_VERSION = f"{REACH}-in-periods"
"""Goes up with every change of what is written here or of positions: the state is then made anew."""
NO_PAIRS: Numbers = np.empty((0, 2), dtype=np.int64)
OF_TEXT = f"{{entry}}.position & {(1 << DAY_BITS) - 1} <> 0"
"""Whether an entry is of a text, in SQL; the others are of references."""
CLOSE_IN_TIME = (
    f"abs(({{one}}.position >> {DAY_BITS}) - ({{other}}.position >> {DAY_BITS}))"
    f" <= case when {{one}}.position & {{other}}.position & 1 = 1 then {DAYS_APART} else {DAYS_UNSURE} end"
)
"""Whether the days of two entries of texts let them be one incident, in SQL."""
NEIGHBOURS = """
    select neighbours.report_id, neighbours.position
    from (
        select keys.report_id, keys.position
        from (
            select report_id, position from linkage.report_keys
            where key = {one}.key and (position, report_id) > ({one}.position, {one}.report_id)
            order by position, report_id limit {reach}
        ) as keys
        union all
        select keys.report_id, keys.position
        from (
            select report_id, position from linkage.report_keys
            where key = {one}.key and (position, report_id) < ({one}.position, {one}.report_id)
            order by position desc, report_id desc limit {reach}
        ) as keys
    ) as neighbours
"""
"""Who stands within reach of one entry under its key."""
PAIRS_OF = f"""
    select
        cast(least(one.report_id, near.report_id) as text) as report_a,
        cast(greatest(one.report_id, near.report_id) as text) as report_b,
        bool_or(not {OF_TEXT.format(entry="one")}) as is_by_reference
    from (
        select entry.key, entry.position, marks.report_id
        from {{some_reports}} as asked
        inner join linkage.report_marks as marks on asked.report_id = marks.report_id
        cross join lateral unnest(marks.keys, marks.positions) as entry (key, position)
        order by entry.key, entry.position
    ) as one
    cross join lateral ({NEIGHBOURS.format(one="one", reach=REACH)}) as near
    where near.report_id <> one.report_id
    and (not {OF_TEXT.format(entry="one")} or {CLOSE_IN_TIME.format(one="one", other="near")})
    group by least(one.report_id, near.report_id), greatest(one.report_id, near.report_id)
"""  # noqa: S608 (made of constants)
"""Who is within reach of some reports under any key."""
MARKS = """
    select cast(marks.report_id as text), marks.sketch, marks.post_hash
    from (select unnest(cast(:ids as uuid[])) as report_id order by 1) as asked
    inner join lateral (
        select report_id, sketch, post_hash from linkage.report_marks where report_id = asked.report_id offset 0
    ) as marks on true
"""


def pairs_of_affected(connection: sa.Connection) -> tuple[list[str], Numbers]:
    """All candidates that have an affected report: ids, and rows of two indexes into them, each pair once."""
    places: dict[str, int] = {}
    rows = []
    is_by_reference = []
    found: Iterable[Any] = connection.execute(sa.text(PAIRS_OF.format(some_reports="affected_reports")))
    for first, second, names_the_same in found:
        rows.append((places.setdefault(first, len(places)), places.setdefault(second, len(places))))
        is_by_reference.append(names_the_same)
    ids, pairs = list(places), np.array(rows, dtype=np.int64).reshape(-1, 2)
    sketches = np.zeros((len(ids), SKETCH_SIZE), dtype=np.uint8)
    posts = np.zeros(len(ids), dtype=np.int64)
    marks: Iterable[Any] = connection.execute(sa.text(MARKS), {"ids": ids})
    for report_id, sketch, post in marks:
        sketches[places[report_id]] = np.frombuffer(sketch, dtype=np.uint8)
        posts[places[report_id]] = post or 0
    are_candidates = np.array(is_by_reference, dtype=bool) | agreeing(sketches, pairs)
    return ids, pairs[are_candidates & ~_share_a_post(posts, pairs)]


def all_pairs(ids: Sequence[str], keys: Keys, sketches: FaintSketches, posts: Numbers) -> Numbers:
    """All candidates among these reports, as rows of two indexes into ``ids``, each pair once. ``posts``: the hash of
    the post that each names, 0 for none."""
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(np.array(ids, dtype=np.str_), kind="stable")] = np.arange(len(ids))
    is_reference = keys.position & ((1 << DAY_BITS) - 1) == 0
    by_text = _within_reach(keys.of_some(~is_reference), rank, in_time=True)
    by_reference = _within_reach(keys.of_some(is_reference), rank, in_time=False)
    by_text = by_text[agreeing(sketches, by_text)]
    candidates = np.unique(np.concatenate([by_text, by_reference]), axis=0)
    return candidates[~_share_a_post(posts, candidates)]


def _share_a_post(posts: Numbers, pairs: Numbers) -> npt.NDArray[np.bool_]:
    """Whether two name the same post: they are one incident by that alone, and nothing else is asked of them."""
    one, other = posts[pairs[:, 0]], posts[pairs[:, 1]]
    return np.asarray((one == other) & (one != 0))


def _within_reach(keys: Keys, rank: Numbers, *, in_time: bool) -> Numbers:
    count = len(rank)
    keys = _shared(keys)
    order = np.lexsort((rank[keys.report], keys.position, keys.key))
    report, key, position = keys.report[order], keys.key[order], keys.position[order]
    found = [np.empty(0, dtype=np.int64)]
    for step in range(1, REACH + 1):
        # One report may stand twice under a key only by chance; it is no pair with itself.
        near = (key[step:] == key[:-step]) & (report[step:] != report[:-step])
        if in_time:
            near &= _are_close_in_time(position[step:], position[:-step])
        first, second = report[:-step][near], report[step:][near]
        found.append(np.minimum(first, second) * count + np.maximum(first, second))
    together = np.unique(np.concatenate(found))
    return np.stack(np.divmod(together, max(count, 1)), axis=1)


def _are_close_in_time(one: Numbers, other: Numbers) -> npt.NDArray[np.bool_]:
    apart = np.abs((one >> DAY_BITS) - (other >> DAY_BITS))
    return np.asarray(apart <= np.where(one & other & 1, DAYS_APART, DAYS_UNSURE))


def _shared(keys: Keys) -> Keys:
    """The entries under keys that more than one entry has."""
    order = np.argsort(keys.key, kind="stable")
    sorted_keys = keys.key[order]
    same = sorted_keys[1:] == sorted_keys[:-1]
    shared = np.zeros(len(order), dtype=bool)
    shared[order[1:][same]] = True
    shared[order[:-1][same]] = True
    return keys.of_some(shared)
