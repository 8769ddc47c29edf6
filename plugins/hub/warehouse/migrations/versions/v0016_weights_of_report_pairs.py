"""Pairs of reports carry the sum of their evidence and what it is made of. Every row stays until the next linkage."""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENTS = (
    "alter table linkage.report_pairs add column weight double precision not null default 0",
    "alter table linkage.report_pairs alter column weight drop default",
    "alter table linkage.report_pairs add column explanation text not null default '[]'",
    "alter table linkage.report_pairs alter column explanation drop default",
    "alter table linkage.report_pairs drop column evidence_score, drop column is_backed",
    "alter table linkage.report_pairs drop constraint state_of_report_pair_is_known",
    "alter table linkage.report_pairs add constraint state_of_report_pair_is_known"
    " check (state in ('confirmed', 'suggested', 'left out'))",
    "comment on column linkage.report_pairs.weight is 'Log2 of the odds that they are one incident'",
    "comment on column linkage.report_pairs.explanation is 'What was compared, how it came out, what it weighs'",
    # Made by the linkage itself: a hub that has never linked has none.
    "alter table if exists linkage.report_marks"
    " drop column if exists sketch, drop column if exists is_ambiguous, drop column if exists post_hash",
)


def upgrade() -> None:
    """Change the columns."""
    for statement in STATEMENTS:
        op.execute(statement)
