"""The tables of the schema ``forecast``: what was expected where, how good forecasts were, which areas were proposed
for tasking, and what people decided about it. They hold areas, counts and expectations, never a row about a person.

A run's rows are written once, with the run, and never changed; decisions are only ever added.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

SCHEMA = "forecast"
METADATA = sa.MetaData(schema=SCHEMA)

PANELS = ("force", "local_authority", "lsoa", "online", "recorded_crime")
SELECTIONS = ("model", "explore", "low_reporting")
ACTIONS = ("engagement", "visibility", "reporting_outreach")
DECISIONS = ("approved", "declined", "outcome")


def _run_id(*, primary_key: bool = True) -> sa.Column[object]:
    return sa.Column("run_id", UUID, sa.ForeignKey("forecast.runs.run_id"), primary_key=primary_key, nullable=False)


def _numbers(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Float) for name in names]


def _counts(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.BigInteger) for name in names]


def _one_of(column: str, listed: tuple[str, ...], name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} in ({', '.join(repr(one) for one in listed)})", name=name)


RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column(
        "run_id", UUID, primary_key=True, comment="Made from panel, cut-off, data and model: same again, same id"
    ),
    sa.Column("panel", sa.Text, nullable=False),
    sa.Column("cut_off", sa.Date, nullable=False, comment="First day that was not known; first day that is forecast"),
    sa.Column("data_sha256", sa.Text, nullable=False, comment="Over the counts as known at the cut-off, and the areas"),
    sa.Column("boundary_version", sa.Text, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("first_event_on", sa.Date),
    *_counts("count_areas", "count_reports"),
    *_numbers("completeness", "share_third_party", "share_officer_generated", "share_volunteer"),
    sa.Column("verdict", sa.Text, comment="better, not_surely_better, worse or too_few_events; null before stack-3"),
    sa.Column("is_withheld", sa.Boolean, nullable=False),
    sa.Column("withheld_because", sa.Text, comment="In words; never a count of 1 to 4"),
    sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.CheckConstraint("is_withheld = (withheld_because is not null)", name="a_withheld_run_has_its_reason"),
    _one_of("panel", PANELS, "panel_is_known"),
    comment="One row per forecast of one panel at one cut-off",
)

AREA_FORECASTS = sa.Table(
    "area_forecasts",
    METADATA,
    _run_id(),
    sa.Column("area_code", sa.Text, primary_key=True),
    sa.Column("strand_code", sa.Text, primary_key=True, comment="A monitored strand, or all"),
    sa.Column("horizon", sa.Text, primary_key=True, comment="week, four_weeks or month"),
    sa.Column("area_name", sa.Text),
    sa.Column("force_code", sa.Text),
    sa.Column("lad_code", sa.Text),
    *_numbers("expected_reports"),
    *_counts("p05", "p50", "p95"),
    *_numbers("p_at_least_1", "rate_per_10000"),
    *_counts("rate_year"),
    *_numbers("relative_risk", "prob_in_top_tenth"),
    *_counts("rank", "rank_p05", "rank_p95"),
    *_numbers("share_long_run", "share_recent", "share_neighbours", "share_citywide", "share_context"),
    *_counts("reports_4w", "reports_12m"),
    *_numbers("nowcast_4w", "completeness"),
    comment="One row per run, area, strand and horizon",
)

ONLINE_FORECASTS = sa.Table(
    "online_forecasts",
    METADATA,
    _run_id(),
    sa.Column("provider_code", sa.Text, primary_key=True),
    sa.Column("strand_code", sa.Text, primary_key=True),
    sa.Column("community_band", sa.Text, primary_key=True),
    sa.Column("week_starts_on", sa.Date, primary_key=True),
    *_numbers("expected_reports"),
    *_counts("p05", "p95"),
    *_numbers("growth_13w", "share_public", "share_third_party", "share_volunteer", "share_police"),
    *_numbers("moderation_hours", "completeness"),
    *_counts("count_authors"),
    comment="One row per run, platform, strand, community band and week",
)

EVALUATIONS = sa.Table(
    "evaluations",
    METADATA,
    _run_id(),
    sa.Column("horizon", sa.Text, primary_key=True),
    sa.Column("method_code", sa.Text, primary_key=True),
    sa.Column("budget", sa.Float, primary_key=True, comment="Share of the areas that somebody can be sent to"),
    sa.Column("first_period", sa.Date, nullable=False),
    sa.Column("last_period", sa.Date, nullable=False),
    *_counts("count_periods", "count_areas", "count_caught", "count_reports"),
    *_numbers("hit_rate", "pai", "pei", "bits_per_event", "crps"),
    *_numbers("coverage_90", "coverage_90_promised", "coverage_90_in_part"),
    *_numbers("level_observed_over_expected", "top_tenth_observed_over_expected"),
    sa.Column("outside_ranges", sa.Text, comment="Which of these lies outside its range, in words"),
    *_numbers("bits_gain", "bits_gain_low", "bits_gain_high", "hit_gain", "hit_gain_low", "hit_gain_high"),
    comment="One row per run, horizon, method and budget of the walk-forward test",
)

GROUP_SCORES = sa.Table(
    "group_scores",
    METADATA,
    _run_id(),
    sa.Column("group_kind", sa.Text, primary_key=True),
    sa.Column("group_code", sa.Text, primary_key=True),
    *_counts("count_areas", "count_residents", "count_reports", "count_caught", "count_slots"),
    comment="One row per run and group of areas: who bears what, and who gets what",
)

TASKING = sa.Table(
    "tasking",
    METADATA,
    _run_id(),
    sa.Column("slot", sa.BigInteger, primary_key=True),
    sa.Column("area_code", sa.Text, nullable=False),
    sa.Column("area_name", sa.Text),
    sa.Column("force_code", sa.Text),
    sa.Column("rank", sa.BigInteger, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("expected_reports", sa.Float, nullable=False),
    sa.Column("p05", sa.BigInteger, nullable=False),
    sa.Column("p95", sa.BigInteger, nullable=False),
    sa.Column("strands", sa.ARRAY(sa.Text), nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("stability_weeks", sa.BigInteger, nullable=False),
    sa.Column("selection", sa.Text, nullable=False),
    sa.Column("review_by", sa.Date, nullable=False),
    _one_of("action", ACTIONS, "action_is_known"),
    _one_of("selection", SELECTIONS, "selection_is_known"),
    comment="One row per run and slot that is proposed to a person",
)

TASKING_DECISIONS = sa.Table(
    "tasking_decisions",
    METADATA,
    sa.Column("decision_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("run_id", UUID, nullable=False),
    sa.Column("slot", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("because", sa.Text, comment="Why it was declined, or what came of it; no names"),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.ForeignKeyConstraint(["run_id", "slot"], ["forecast.tasking.run_id", "forecast.tasking.slot"]),
    _one_of("kind", DECISIONS, "kind_of_decision_is_known"),
    sa.CheckConstraint("kind = 'approved' or because <> ''", name="a_refusal_and_an_outcome_are_told"),
    sa.Index("one_decision_a_slot", "run_id", "slot", unique=True, postgresql_where=sa.text("kind <> 'outcome'")),
    comment="One row per decision about a slot, or an outcome of one",
)
