"""Judged pairs → ``linkage.report_pairs``: what is new, what is other than it was, what no longer holds."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hub.doors.linkage_tables import REPORT_PAIRS
from hub.doors.warehouse import copy_rows
from hub.incident_evidence import CONFIRMED_FROM, Evidence, Reason
from hub.stages.link_incidents.judging import JudgedPair, Pair, judge_all, parts_of, settle_part
from hub.stages.link_incidents.marking import Numbers
from hub.stages.link_incidents.reading import TraitsReader, as_uuid_column

PAIRS_VERSION = 1
"""Goes up when something else is kept of a pair: all pairs are then judged anew."""
JUDGED = sa.Table(
    "judged_pairs",
    sa.MetaData(),
    sa.Column("report_a", REPORT_PAIRS.c.report_a.type),
    sa.Column("report_b", REPORT_PAIRS.c.report_b.type),
    sa.Column("reason", sa.Text),
    sa.Column("score", sa.Float),
    sa.Column("evidence_score", sa.Float),
    sa.Column("is_backed", sa.Boolean),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
AMBIGUOUS = sa.Table(
    "ambiguous_reports",
    sa.MetaData(),
    sa.Column("report_id", REPORT_PAIRS.c.report_a.type),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


def judge_pairs(
    connection: sa.Connection,
    reader: TraitsReader,
    ids: list[str],
    pairs: Numbers,
    *,
    settled: dict[str, bool],
    seen: Mapping[Pair, Evidence | None] | None = None,
) -> None:
    """Fill ``judged_pairs`` and ``ambiguous_reports``. ``pairs`` are rows of two indexes into ``ids``; ``settled`` says
    of reports whose pairs are not all among these whether they are ambiguous; ``seen`` has all pairs as they were
    judged, if they were."""
    JUDGED.create(connection)
    AMBIGUOUS.create(connection)
    for reports, rows in parts_of(pairs, len(ids)):
        asked = [ids[index] for index in reports]
        named = [_in_order(ids[first], ids[second]) for first, second in rows.tolist()]
        if seen is None:
            traits = reader.read(asked)
            judged = settle_part(judge_all(named, traits), traits, settled.get)
        else:
            judged = settle_part({pair: seen[pair] for pair in named}, reader.read_members(asked), settled.get)
        _write(connection, judged.pairs)
        ambiguous = pa.table({"report_id": as_uuid_column(judged.ambiguous)})
        copy_rows(connection, AMBIGUOUS, [ambiguous])


def add_mates(
    connection: sa.Connection, reader: TraitsReader, ids: list[str], pairs: Numbers
) -> tuple[list[str], Numbers, dict[Pair, Evidence | None]]:
    """Fill ``asked_reports``: the affected reports, whoever has or had a pair with one, and whoever lost a pair. They
    may be ambiguous now or no longer, so their other pairs are settled again, too; what two reports say by themselves
    stands as it was judged once. Returns all pairs that are to be settled, and what has been judged of them."""
    connection.execute(sa.text("create temporary table asked_reports (report_id uuid primary key) on commit drop"))
    mates: set[str] = set()
    seen: dict[Pair, Evidence | None] = {}
    for reports, rows in parts_of(pairs, len(ids)):
        traits = reader.read([ids[index] for index in reports])
        judged = judge_all((_in_order(ids[one], ids[other]) for one, other in rows.tolist()), traits)
        mates.update(one for pair, evidence in judged.items() if evidence is not None for one in pair)
        seen |= judged
    add = "insert into asked_reports select unnest(cast(:ids as uuid[])) on conflict do nothing"
    connection.execute(sa.text(add), {"ids": sorted(mates)})
    for statement in _ASK:
        connection.execute(sa.text(statement))
    places = {one: place for place, one in enumerate(ids)}
    known = []
    others: Iterable[Any] = connection.execute(sa.text(_OTHER_PAIRS))
    for first, second, reason, score, is_backed in others:
        known.append([places.setdefault(one, len(places)) for one in (first, second)])
        seen[first, second] = Evidence(Reason(reason), score, is_backed=is_backed)
    return list(places), np.concatenate([pairs, np.array(known, dtype=np.int64).reshape(-1, 2)]), seen


_ASK = (
    "insert into asked_reports select report_id from affected_reports on conflict do nothing",
    "insert into asked_reports select unnest(array[report_a, report_b]) from lost_pairs on conflict do nothing",
    *(
        f"""
        insert into asked_reports
        select pairs.{mate} from linkage.report_pairs as pairs
        where pairs.reason <> '{Reason.CONTENT}'
        and pairs.{one} in (select report_id from affected_reports union select report_id from changed_reports)
        and exists (select from linkage.report_marks as marks where marks.report_id = pairs.{mate} offset 0)
        on conflict do nothing
        """  # noqa: S608 (made of constants)
        for one, mate in (("report_a", "report_b"), ("report_b", "report_a"))
    ),
    "analyze asked_reports",
)
_OTHER_PAIRS = " union ".join(
    f"""
    select
        cast(pairs.report_a as text), cast(pairs.report_b as text),
        pairs.reason, pairs.evidence_score, pairs.is_backed
    from asked_reports as asked
    cross join lateral (select * from linkage.report_pairs where {side} = asked.report_id offset 0) as pairs
    where pairs.reason <> '{Reason.CONTENT}'
    and pairs.report_a not in (select report_id from affected_reports union select report_id from changed_reports)
    and pairs.report_b not in (select report_id from affected_reports union select report_id from changed_reports)
    and not exists (
        select from lost_pairs as lost where lost.report_a = pairs.report_a and lost.report_b = pairs.report_b
    )
    """  # noqa: S608 (made of constants)
    for side in ("report_a", "report_b")
)


def settled_ambiguity(connection: sa.Connection, ids: list[str]) -> dict[str, bool]:
    """Of those of the reports whose pairs are not all judged anew, whether they are ambiguous."""
    query = """
        select cast(marks.report_id as text), marks.is_ambiguous
        from linkage.report_marks as marks
        where marks.report_id = any(cast(:ids as uuid[]))
        and not exists (select from asked_reports as asked where asked.report_id = marks.report_id)
    """
    return {row[0]: row[1] for row in connection.execute(sa.text(query), {"ids": ids})}


def keep_pairs(connection: sa.Connection, *, full: bool) -> None:
    """Put the judged pairs in the place of all pairs, or of those that have an affected report, without those that were
    lost. A pair that stands as it was is left as it is. Pairs by content are not touched: they follow from the
    incidents. Fills ``changed_links``: pairs that join, or joined, and do so otherwise than before; a ``full`` run,
    which joins everything anew, asks for none."""
    some = "(select report_id from affected_reports union select report_id from changed_reports)"
    marks_among = "true" if full else "marks.report_id in (select report_id from asked_reports)"
    # Two statements, one for each side of a pair, so that each can use its index.
    sides = ["true"] if full else [f"pairs.report_a in {some}", f"pairs.report_b in {some}"]
    asked = "false" if full else "true"
    without_lost = () if full else (_GONE.format(pairs=_LOST, asked=asked),)
    statements = (
        "create temporary table changed_links (report_a uuid, report_b uuid) on commit drop",
        "analyze judged_pairs",
        "analyze ambiguous_reports",
        *(_GONE.format(pairs=_NOT_JUDGED.format(side=side), asked=asked) for side in sides),
        *without_lost,
        _KEEP.format(asked=asked),
        f"""
        update linkage.report_marks as marks set is_ambiguous = not marks.is_ambiguous
        where {marks_among}
        and marks.is_ambiguous <> (marks.report_id in (select report_id from ambiguous_reports))
        """,  # noqa: S608 (made of constants)
        "analyze changed_links",
    )
    for statement in statements:
        connection.execute(sa.text(statement))


_GONE = f"""
    with gone as (delete from linkage.report_pairs as pairs {{pairs}} returning pairs.*)
    insert into changed_links select report_a, report_b from gone
    where {{asked}} and score >= {CONFIRMED_FROM}
"""  # noqa: S608 (made of constants)
_NOT_JUDGED = f"""
    where pairs.reason <> '{Reason.CONTENT}' and {{side}}
    and not exists (
        select from judged_pairs as judged
        where judged.report_a = pairs.report_a and judged.report_b = pairs.report_b
    )
"""
_LOST = """
    using lost_pairs as lost
    where pairs.report_a = lost.report_a and pairs.report_b = lost.report_b
"""
# A pair joins from this score on; whether it does is settled when the incidents are. What stands as it was is not
# tried: the attempt alone would lock the row, which writes its page.
_KEEP = f"""
    with kept as (
        insert into linkage.report_pairs
            (report_a, report_b, reason, score, state, evidence_score, is_backed)
        select
            judged.report_a, judged.report_b, judged.reason, judged.score,
            case when judged.score >= {CONFIRMED_FROM} then 'confirmed' else 'suggested' end,
            judged.evidence_score, judged.is_backed
        from (select * from judged_pairs order by report_a, report_b) as judged
        left join lateral (
            select reason, score, evidence_score, is_backed from linkage.report_pairs as before
            where before.report_a = judged.report_a and before.report_b = judged.report_b
            offset 0
        ) as known on true
        where (known.reason, known.score, known.evidence_score, known.is_backed)
            is distinct from (judged.reason, judged.score, judged.evidence_score, judged.is_backed)
        on conflict (report_a, report_b) do update
        set reason = excluded.reason, score = excluded.score, state = excluded.state,
            evidence_score = excluded.evidence_score, is_backed = excluded.is_backed, found_at = now()
        returning new.report_a, new.report_b, new.score, old.score as score_before
    )
    insert into changed_links
    select report_a, report_b from kept where {{asked}} and greatest(score, score_before) >= {CONFIRMED_FROM}
"""  # noqa: S608 (made of constants)


def _in_order(first: str, second: str) -> Pair:
    return (first, second) if first < second else (second, first)


def _write(connection: sa.Connection, pairs: list[JudgedPair]) -> None:
    columns = {
        "report_a": as_uuid_column([pair.report_a for pair in pairs]),
        "report_b": as_uuid_column([pair.report_b for pair in pairs]),
        "reason": pa.array([str(pair.evidence.reason) for pair in pairs], pa.string()),
        "score": pa.array([pair.score for pair in pairs], pa.float64()),
        "evidence_score": pa.array([pair.evidence.score for pair in pairs], pa.float64()),
        "is_backed": pa.array([pair.evidence.is_backed for pair in pairs], pa.bool_()),
    }
    copy_rows(connection, JUDGED, [pa.table(columns)])
