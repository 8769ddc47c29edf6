"""Manual overrides about reports and mentions whose ids have changed.

An id once was a hash alone; now its first digits say where it sorts (``docs/decisions/0048``), and the rest is what it
was. A hub from before makes everything again under the new ids but for decisions, which only people can make again. A
full linkage carries them over; where no id has changed it finds nothing to do.
"""

import sqlalchemy as sa

_SAME_BUT_FOR_ITS_PLACE = "right({one}::text, 32) = right({other}::text, 32)"
_REPORTS = f"""
    select decided.report_id as old_id, reports.report_id as new_id
    from (
        select report_a as report_id from linkage.incident_overrides
        union
        select report_b from linkage.incident_overrides
    ) as decided
    inner join intermediate.int_reports__unioned as reports
        on {_SAME_BUT_FOR_ITS_PLACE.format(one="reports.report_id", other="decided.report_id")}
"""  # noqa: S608 (made of constants)
# A mention's id is made of its record's: whose it was is what was last seen of it.
_MENTIONS = f"""
    select decided.mention_id as old_id, mentions.mention_id as new_id
    from (
        select mention_a as mention_id from linkage.person_overrides
        union
        select mention_b from linkage.person_overrides
    ) as decided
    inner join linkage.mention_identities as seen using (mention_id)
    inner join intermediate.int_person_mentions as mentions
        on {_SAME_BUT_FOR_ITS_PLACE.format(one="mentions.record_id", other="seen.record_id")}
        and mentions.role = seen.role
"""  # noqa: S608 (made of constants)
_CARRY = """
    with carried as materialized ({carried})
    update linkage.{overrides} as overrides
    set {thing}_a = least(one.new_id, other.new_id), {thing}_b = greatest(one.new_id, other.new_id)
    from carried as one, carried as other
    where overrides.{thing}_a = one.old_id and overrides.{thing}_b = other.old_id
        and (one.new_id <> one.old_id or other.new_id <> other.old_id)
"""


def carry_incident_overrides(connection: sa.Connection) -> int:
    """Put overrides about reports under the reports' present ids; returns how many were moved."""
    return connection.execute(
        sa.text(_CARRY.format(carried=_REPORTS, overrides="incident_overrides", thing="report"))
    ).rowcount


def carry_person_overrides(connection: sa.Connection) -> int:
    """Put overrides about mentions under the mentions' present ids, as long as what was last seen of them is known;
    returns how many were moved."""
    return connection.execute(
        sa.text(_CARRY.format(carried=_MENTIONS, overrides="person_overrides", thing="mention"))
    ).rowcount
