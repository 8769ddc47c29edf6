"""What has to be notified, as the ledger has it now. Nothing here writes."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.notifications.kinds import KINDS

NAMESPACE = uuid.UUID("5d0f0a0e-5f3a-4a0c-9a47-2f5f6a2f8f0b")
LOOKED_BACK = timedelta(days=7)
"""A delivery that came before is not notified: an upgraded hub does not report its past."""
REMINDED_AFTER, REMINDED_EVERY = timedelta(hours=4), timedelta(days=1)
RULES_SHOWN = 5

CAUSES = """
    select concat_ws(':', 'alert', alerts.alert_id, alerts.kind,
                     case when alerts.kind = 'approval' and :now >= alerts.opened_at + :reminded_after
                          then 'reminder ' || 1 + floor(extract(epoch from :now - alerts.opened_at - :reminded_after)
                                                        / extract(epoch from cast(:reminded_every as interval)))
                     end) as cause,
           alerts.kind, alerts.owner, feeds.feed, alerts.delivery_id, alerts.opened_at as since_at, alerts.detail
    from ledger.alerts
    left join ledger.feeds on alerts.feed = feeds.feed
    where alerts.closed_at is null
    union all
    select concat_ws(':', came.status, came.delivery_id), came.status, feeds.owner, feeds.feed, came.delivery_id,
           came.received_at,
           case came.status
               when 'duplicate' then 'the same bytes came as delivery ' || came.duplicate_of
               else came.rows_quarantined || ' of ' || came.rows_read || ' rows'
           end
    from (
        select delivery_id, feed, duplicate_of, received_at, rows_quarantined, rows_read,
               case when status = 'duplicate' then 'duplicate' else 'quarantined' end as status
        from ledger.deliveries
        where status = 'duplicate' or (status = 'loaded' and rows_quarantined > 0)
    ) as came
    inner join ledger.feeds on came.feed = feeds.feed
    left join ledger.notifications as noted
        on noted.cause = concat_ws(':', came.status, came.delivery_id) and noted.over_at is null
    where (came.received_at > :now - :looked_back or noted.cause is not null)
      and (came.status = 'duplicate'
           or exists (select from quarantine.rows where rows.delivery_id = came.delivery_id and rows.state = 'open'))
    union all
    select concat_ws(':', 'build', failed.build_id), 'failed_build', 'hub', null, null, failed.finished_at,
           failed.reason
    from (
        select * from ledger.builds
        where selection is null and status = 'failed' and build_id > coalesce(
            (select max(build_id) from ledger.builds where selection is null and status = 'succeeded'), 0
        )
        order by build_id limit 1
    ) as failed
"""
"""An alert that gets worse (its kind changes) is told again, and an approval that nobody gives is reminded of. Of
builds that fail one after the other the first is told."""


@dataclass(frozen=True)
class Told:
    """One thing to be told: ``cause`` is its stable key, ``feed`` is None for a feed without a contract, whose name is
    the sender's own."""

    cause: str
    kind: str
    owner: str
    feed: str | None
    delivery_id: uuid.UUID | None
    since_at: datetime
    detail: str | None

    @property
    def notification_id(self) -> uuid.UUID:
        """The same for the same cause, also in a hub that was restored: a receiver can tell a repeat by it. A restored
        hub gives the number of an alert a second time, so the time is part of it."""
        return uuid.uuid5(NAMESPACE, f"{self.cause} {self.since_at.timestamp():.6f}")

    @property
    def title(self) -> str:
        """One line."""
        return KINDS[self.kind].what + (f": {self.feed}" if self.feed else "")


def causes(connection: sa.Connection, now: datetime) -> list[Told]:
    """All that is to be told at ``now`` (aware), oldest first, whether it was told or not."""
    bounds = {
        "now": now,
        "looked_back": LOOKED_BACK,
        "reminded_after": REMINDED_AFTER,
        "reminded_every": REMINDED_EVERY,
    }
    rows = connection.execute(sa.text(f"{CAUSES} order by since_at, cause"), bounds)
    return [Told(**row) for row in rows.mappings()]


def is_untold(connection: sa.Connection, now: datetime) -> bool:
    """Whether there is something to be told that is in no outbox yet."""
    lasting = sa.text("select cause from ledger.notifications where over_at is null")
    fresh = {one.cause for one in causes(connection, now)}.difference(connection.execute(lasting).scalars())
    query = sa.text("select count(*) from ledger.notifications where cause = any(:causes)")
    return len(fresh) > connection.execute(query, {"causes": sorted(fresh)}).scalar_one()


def lines(connection: sa.Connection, told: Told) -> list[str]:
    """What a message says below its title: what is known, and what to do next."""
    kind = KINDS[told.kind]
    said = [f"Owner: {told.owner}", f"Since: {told.since_at:%Y-%m-%d %H:%M} UTC"]
    if told.delivery_id is not None:
        said.append(f"Delivery: {told.delivery_id}")
    if kind.tells_detail and told.detail:
        said.append(f"What: {' '.join(told.detail.split())}")
    if told.kind == "quarantined":
        said.append(f"Rules: {_rules(connection, told)}")
    return [*said, f"Next: {kind.next_step}"]


def _rules(connection: sa.Connection, told: Told) -> str:
    query = sa.text("""
        select rule, count(*) as count_rows from quarantine.rows where delivery_id = :delivery_id and state = 'open'
        group by rule order by count_rows desc, rule
    """)
    rows = connection.execute(query, {"delivery_id": told.delivery_id}).all()
    shown = ", ".join(f"{rule} ({count_rows})" for rule, count_rows in map(tuple, rows[:RULES_SHOWN]))
    return shown + (f" and {len(rows) - RULES_SHOWN} more" if len(rows) > RULES_SHOWN else "")
