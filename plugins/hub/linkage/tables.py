"""The tables of the schema ``linkage``: which reports are one incident, which mentions are one person, why, and what
people have decided about it. They hold ids and scores, never a value of a report.

``changed_at`` moves only when the value beside it changes: incremental builds rest on that.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.warehouse.columns import instant

SCHEMA = "linkage"
METADATA = sa.MetaData(schema=SCHEMA)


def _overrides(name: str, first: str, second: str, comment: str) -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        sa.Column(first, UUID, primary_key=True),
        sa.Column(second, UUID, primary_key=True),
        sa.Column("is_together", sa.Boolean, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        instant("decided_at", nullable=False, default_now=True),
        sa.CheckConstraint(f"{first} < {second}", name=f"{name}_are_written_one_way"),
        comment=comment,
    )


def _changes(name: str, thing: str, kinds: str, meaning: str) -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        sa.Column("change_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column(f"old_{thing}_id", UUID, nullable=False),
        sa.Column(f"new_{thing}_id", UUID, nullable=False),
        instant("changed_at", nullable=False, default_now=True),
        sa.CheckConstraint(f"kind in ({kinds})", name=f"kind_of_{thing}_change_is_known"),
        sa.Index(f"{name}_by_time", "changed_at"),
        comment=meaning,
    )


REPORT_INCIDENTS = sa.Table(
    "report_incidents",
    METADATA,
    sa.Column("report_id", UUID, primary_key=True),
    sa.Column("incident_id", UUID, nullable=False),
    instant("changed_at", nullable=False, default_now=True),
    sa.Index("report_incidents_by_incident", "incident_id"),
    sa.Index("report_incidents_by_time", "changed_at"),
    comment="One row per report: the incident that it is about",
)

REPORT_PAIRS = sa.Table(
    "report_pairs",
    METADATA,
    sa.Column("report_a", UUID, primary_key=True),
    sa.Column("report_b", UUID, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False, comment="0 to 1"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("weight", sa.Float, nullable=False, comment="Log2 of the odds that they are one incident"),
    sa.Column("explanation", sa.Text, nullable=False, comment="What was compared, how it came out, what it weighs"),
    instant("found_at", nullable=False, default_now=True),
    sa.CheckConstraint("report_a < report_b", name="report_pairs_are_written_one_way"),
    sa.CheckConstraint("state in ('confirmed', 'suggested', 'left out')", name="state_of_report_pair_is_known"),
    sa.Index("report_pairs_by_second", "report_b"),
    comment="One row per pair of reports that evidence puts together; only confirmed ones join",
)

MENTION_PERSONS = sa.Table(
    "mention_persons",
    METADATA,
    sa.Column("mention_id", UUID, primary_key=True),
    sa.Column("person_id", UUID, nullable=False),
    instant("changed_at", nullable=False, default_now=True),
    sa.Index("mention_persons_by_person", "person_id"),
    sa.Index("mention_persons_by_time", "changed_at"),
    comment="One row per mention of a victim or reporter: the person that it names",
)

MENTION_AREAS = sa.Table(
    "mention_areas",
    METADATA,
    sa.Column("mention_id", UUID, primary_key=True),
    sa.Column("postcode_district", sa.Text, nullable=False, comment="Outward part of the home postcode"),
    instant("changed_at", nullable=False, default_now=True),
    sa.Index("mention_areas_by_time", "changed_at"),
    comment="One row per mention whose home postcode is known: its district, which some ten thousand homes share",
)

REPORT_TEXT_PLACES = sa.Table(
    "report_text_places",
    METADATA,
    sa.Column("report_id", UUID, primary_key=True),
    sa.Column("lad_code", sa.Text, primary_key=True),
    comment="One row per report and local authority: its text names a place there",
)

PERSON_PAIRS = sa.Table(
    "person_pairs",
    METADATA,
    sa.Column("mention_a", UUID, primary_key=True),
    sa.Column("mention_b", UUID, primary_key=True),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    instant("found_at", nullable=False, default_now=True),
    sa.CheckConstraint("mention_a < mention_b", name="person_pairs_are_written_one_way"),
    sa.CheckConstraint("state in ('confirmed', 'review', 'weak')", name="state_of_person_pair_is_known"),
    sa.Index("person_pairs_by_second", "mention_b"),
    comment="One row per pair of mentions that may be one person; "
    "those in review await a person's eye, weak ones do not",
)

INCIDENT_CHANGES = _changes(
    "incident_changes",
    "incident",
    "'merged', 'split', 're_anchored'",
    "One row per incident that became another: what had the old id has the new one since",
)
PERSON_CHANGES = _changes(
    "person_changes",
    "person",
    "'merged', 'split', 're_anchored', 'left'",
    "One row per person that became another (what had the old id has the new one since) or that a mention has left",
)
INCIDENT_OVERRIDES = _overrides(
    "incident_overrides",
    "report_a",
    "report_b",
    "One row per decision that two reports are about one incident, or are not",
)
PERSON_OVERRIDES = _overrides(
    "person_overrides", "mention_a", "mention_b", "One row per decision that two mentions are one person, or are not"
)


@contextmanager
def row_by_row(connection: sa.Connection) -> Iterator[None]:
    """Queries that are planned inside look up each row of a small relation by the indexes of the large ones. The
    planner would rather read those whole: it takes what lies under a union of feeds for far more than is asked for."""
    _may_read_whole(connection, "off")
    yield
    _may_read_whole(connection, "on")


def _may_read_whole(connection: sa.Connection, switch: str) -> None:
    for join in ("hashjoin", "mergejoin"):
        connection.execute(sa.text(f"set local enable_{join} = {switch}"))


_CHANGED = f"""
    select format('%I.%I', relnamespace::regnamespace, relname) from pg_class
    where relkind = 'r' and relnamespace = '{SCHEMA}'::regnamespace and relname = any(:names)
        and (
            reltuples < 0
            or (reltuples < 50000 and pg_stat_get_mod_since_analyze(oid) > 0)
            or reltuples < 20 * pg_stat_get_mod_since_analyze(oid)
        )
"""  # noqa: S608 - a name of our own
"""As the macro ``keep_statistics``, which says why."""


def analyze(engine: sa.Engine) -> None:
    """Let the planner know what linkage has left. It reads on at once, long before the database would look by itself,
    and would take tables of a hundred thousand rows for empty ones."""
    with engine.begin() as connection:
        # What this connection has written is counted at once, and not a second later.
        connection.execute(sa.text("select pg_stat_force_next_flush()"))
    with engine.begin() as connection:
        names = [table.name for table in METADATA.sorted_tables]
        changed: Sequence[str] = connection.execute(sa.text(_CHANGED), {"names": names}).scalars().all()
        for table in changed:
            connection.execute(sa.text(f"analyze {table}"))
