"""Which dispatches rest on simulated reports alone. A made-up recipient is sent these alone, and answers no others."""

import uuid

import sqlalchemy as sa

from hub.dispatch.offered import is_published

_OF_SAMPLES = sa.text("""
    select dispatches.dispatch_id
    from ledger.dispatches
    cross join lateral jsonb_array_elements(cast(dispatches.package as jsonb) -> 'evidence') as said (report)
    left join publish.incident_evidence_v1 as evidence on cast(said.report ->> 'report_id' as uuid) = evidence.report_id
    where
        dispatches.recipient = :recipient
        and not exists (
            select from publish.incident_evidence_v1 as joined
            where joined.incident_id = dispatches.incident_id and not joined.is_simulated
        )
    group by dispatches.dispatch_id
    having bool_and(coalesce(evidence.is_simulated, false))
""")


def dispatches_of_samples(connection: sa.Connection, recipient: str) -> set[uuid.UUID]:
    """Those to a recipient whose packages name simulated reports alone, and whose incidents no real report has joined.
    By the newest publish: a real report may have joined an incident since its dispatch was prepared."""
    if not is_published(connection):
        return set()
    return set(connection.execute(_OF_SAMPLES, {"recipient": recipient}).scalars())
