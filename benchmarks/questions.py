"""The question that readers of each published view ask most."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A query of a published view; ``because`` says who asks it, and when."""

    query: str
    because: str


QUESTIONS: Mapping[str, Question] = {
    "incidents_v1": Question(
        """
        select incident_id, strands, platform, count_reports, first_reported_at
        from publish.incidents_v1
        where force_code = 'E23000001' and first_reported_at >= (
            select max(first_reported_at) - interval '7 days' from publish.incidents_v1
        )
        order by first_reported_at desc
        """,
        "an analyst of one force, each morning: what came in during the last week",
    ),
    "allocations_v1": Question(
        """
        select allocation_id, incident_id, route, reason, status, allocated_at, due_at
        from publish.allocations_v1
        where target_code = 'E23000005'
        order by allocated_at desc
        limit 100
        """,
        "a force's own work list, the newest first, page by page",
    ),
    "dispatches_v1": Question(
        """
        select dispatch_id, allocation_id, recipient, state, prepared_at
        from publish.dispatches_v1
        where state = 'failed'
        order by prepared_at
        """,
        "the allocation desk, each morning: what no recipient has taken",
    ),
    "incident_evidence_v1": Question(
        """
        select evidence.feed, evidence.delivery_sha256, evidence.row_number
        from publish.incident_evidence_v1 as evidence
        where evidence.incident_id = (select max(incident_id::text)::uuid from publish.incidents_v1)
        """,
        "an officer's question about one incident: which files and rows it rests on",
    ),
    "overdue_allocations_v1": Question(
        """
        select allocation_id, incident_id, overdue_kind, is_threat_to_life, due_at
        from publish.overdue_allocations_v1
        where target_code = 'E23000005'
        order by due_at
        limit 100
        """,
        "whom to call at a force today: those that have waited longest",
    ),
    "victim_journeys_v1": Question(
        """
        select state, count(*), sum(count_clocks_breached), avg(days_to_referred)
        from publish.victim_journeys_v1
        where force_code = 'E23000005'
        group by state
        """,
        "victim care's review with one force: how far its victims are, and which clocks were missed",
    ),
    "measures_v1": Question(
        """
        select month, numerator, denominator, measure_value
        from publish.measures_v1
        where measure_code = 'incidents' and dimension = 'force' and dimension_code = 'E23000005'
        order by month
        """,
        "the line of one measure and force on a chart of months",
    ),
    "measures_protected_v1": Question(
        """
        select period_code, numerator, denominator, measure_value
        from publish.measures_protected_v1
        where measure_code = 'charged_of_closed'
        order by period_code
        """,
        "a shared dashboard: the line of one measure by quarter",
    ),
    "force_scorecard_protected_v1": Question(
        """
        select force_name, count_received, count_acknowledged, share_acknowledged_in_time
        from publish.force_scorecard_protected_v1
        where period_code = (select max(period_code) from publish.force_scorecard_protected_v1)
        order by force_name
        """,
        "a shared dashboard: who answers in time",
    ),
    "provider_scorecard_protected_v1": Question(
        """
        select provider_name, duty, route, count_received, count_removed
        from publish.provider_scorecard_protected_v1
        where period_code = (select max(period_code) from publish.provider_scorecard_protected_v1)
        order by provider_name, duty, route
        """,
        "a shared dashboard: what providers removed",
    ),
    "hub_capacity_v1": Question(
        """
        select hub_day, count_incidents, count_capacity, count_beyond_capacity
        from publish.hub_capacity_v1
        where hub_day > (select max(hub_day) - 28 from publish.hub_capacity_v1)
        order by hub_day
        """,
        "the desk's last four weeks: on which days more came in than it could do",
    ),
    "force_scorecard_v1": Question(
        """
        select force_name, count_received, count_acknowledged_in_time, count_overdue, count_outcomes
        from publish.force_scorecard_v1
        where period_kind = 'all'
        order by count_overdue desc
        """,
        "all forces side by side, for the board",
    ),
    "provider_scorecard_v1": Question(
        """
        select month, count_received, count_removed, median_hours_to_outcome
        from publish.provider_scorecard_v1
        where provider_code = 'facebook' and period_kind = 'month'
        order by month
        """,
        "one provider month by month, for the talk with it",
    ),
    "recorded_crime_v1": Question(
        """
        select month, sum(count_offences)
        from publish.recorded_crime_v1
        where lad_code = 'E09000030'
        group by month
        order by month
        """,
        "a borough's recorded crime by month, beside its reports",
    ),
    "hotspot_forecast_v1": Question(
        """
        select area_name, expected_reports, p05, p95, rank, completeness, caveat
        from publish.hotspot_forecast_v1
        where area_level = 'local_authority' and strand_code = 'all' and horizon in ('week', 'none')
        order by rank
        """,
        "the analyst's map of the week: what is expected where, and how sure it is",
    ),
    "hotspot_forecast_protected_v1": Question(
        "select area_name, expected_reports from publish.hotspot_forecast_protected_v1 order by 2 desc nulls last",
        "a shared dashboard: the month's map of local authorities",
    ),
    "hotspot_tasking_protected_v1": Question(
        "select area_name, action, review_by from publish.hotspot_tasking_protected_v1 where is_current",
        "a shared dashboard: where communities are visited",
    ),
    "hotspot_tasking_v1": Question(
        """
        select slot, area_name, why, expected_reports, p05, p95, action, review_by
        from publish.hotspot_tasking_v1
        where force_code = 'E23000001' and is_current
        order by slot
        """,
        "a force before its tasking meeting: which areas were approved, and why",
    ),
    "hotspot_proposals_v1": Question(
        """
        select area_name, force_code, why, expected_reports, p05, p95, decision
        from publish.hotspot_proposals_v1
        where is_current
        order by panel, rank
        """,
        "who decides on areas: what the latest forecast proposes, and why",
    ),
    "hotspot_online_v1": Question(
        """
        select strand_code, community_band, expected_reports, growth_13w
        from publish.hotspot_online_v1
        where provider_code = 'x'
        order by expected_reports desc
        """,
        "before the talk with a provider: what is expected on its platform next week",
    ),
    "hotspot_evaluation_v1": Question(
        """
        select method_code, budget, hit_rate, bits_per_event, bits_gain_low, coverage_90
        from publish.hotspot_evaluation_v1
        where panel = 'local_authority' and horizon = 'week'
        order by method_code, budget
        """,
        "anybody who asks how good the forecasts are",
    ),
    "hotspot_equity_v1": Question(
        """
        select group_code, share_residents, share_reports, share_tasking, hit_rate
        from publish.hotspot_equity_v1
        where area_level = 'local_authority' and group_kind = 'community_share'
        order by group_code
        """,
        "the equality review: who reports, and who is tasked",
    ),
    "hotspot_transparency_v1": Question(
        "select record_section, record_field, record_statement from publish.hotspot_transparency_v1 order by 1, 2",
        "the public record of what the forecasts are",
    ),
    "linkage_transparency_v1": Question(
        """
        select field_number, field_name, statement
        from publish.linkage_transparency_v1
        where record_code = 'person_linkage'
        order by tier, cast(string_to_array(field_number, '.') as integer[])
        """,
        "the public record of how mentions are linked to persons",
    ),
    "engagement_themes_v1": Question(
        """
        select strand_code, provider_code, count_reports_4w, growth, evidence
        from publish.engagement_themes_v1
        where force_code = 'E23000001' and is_rising
        order by growth desc
        """,
        "the engagement team, each week: what rises in its force",
    ),
    "tasking_questions_v1": Question(
        "select question_number, question from publish.tasking_questions_v1 where force_code = 'E23000001' order by 1",
        "what to ask for at a force's next tasking meeting",
    ),
    "public_statistics_v1": Question(
        """
        select financial_year, value, mark, symbols, caution
        from publish.public_statistics_v1
        where measure_code = 'criminal_incidents' and period_kind = 'year'
            and area_code = 'E23000005' and strand_code = 'race'
        order by financial_year
        """,
        "a journalist: a force's figures of one strand over the years, and which of them are kept back",
    ),
    "public_revisions_v1": Question(
        """
        select area_code, part_code, period_code, stated_in_publish, value, change_of_value
        from publish.public_revisions_v1
        where statement_number > 1 and is_latest
        order by stated_at desc
        limit 100
        """,
        "a statistician: which public figures changed last, and by how much",
    ),
    "known_issues_v1": Question(
        """
        select column_name, sender, effect, from_on, to_on
        from publish.known_issues_v1
        where dataset = 'true_vision_reports' and status = 'open'
        order by from_on
        """,
        "an analyst before using a feed: what is known to be wrong with it",
    ),
    "freshness_v1": Question(
        "select feed, last_received_at, due_at from publish.freshness_v1 where is_late",
        "every morning: which feeds are late",
    ),
    "freshness_protected_v1": Question(
        "select feed, last_received_week from publish.freshness_protected_v1 where is_late",
        "a dashboard whose address is shared: which feeds are late",
    ),
    "dim_area_v1": Question(
        "select area_code, longitude, latitude from publish.dim_area_v1 where area_level = 'local_authority'",
        "a map of a BI tool: where the local authorities are",
    ),
    "dim_date_v1": Question(
        "select calendar_on, month, month_name, period_code from publish.dim_date_v1 where calendar_year = 2026",
        "a slicer of a BI tool: the days of a year",
    ),
    "dim_force_v1": Question(
        "select force_code, force_name from publish.dim_force_v1 where force_kind = 'territorial'",
        "a filter of a BI tool: the forces by name",
    ),
    "provider_statements_v1": Question(
        "select decisions, sum(count_statements) from publish.provider_statements_v1 where is_hate_path group by 1",
        "before the talk with a provider: what it states that it did about hate",
    ),
    "dim_outcome_v1": Question(
        "select outcome_code, outcome_name from publish.dim_outcome_v1 where is_positive",
        "a legend of a BI tool: which outcomes are positive",
    ),
    "dim_provider_v1": Question(
        "select provider_code, provider_name from publish.dim_provider_v1 where is_known",
        "a filter of a BI tool: the platforms by name",
    ),
    "dim_strand_v1": Question(
        "select strand_code, strand_name from publish.dim_strand_v1 order by sort_order",
        "a legend of a BI tool: the strands in their order",
    ),
    "programme_budget_v1": Question(
        "select budget_line, amount from publish.programme_budget_v1 where figure_kind = 'spend'",
        "the funders: what was decided for each year",
    ),
    "programme_spend_v1": Question(
        "select month, sum(spent_amount), sum(claimed_amount) from publish.programme_spend_v1 group by month",
        "the programme's accounts: what was spent and claimed month by month",
    ),
    "data_dictionary_v1": Question(
        """
        select column_name, data_type, column_description
        from publish.data_dictionary_v1
        where schema_name = 'publish' and relation_name = 'incidents_v1'
        order by column_position
        """,
        "what the columns of a view mean",
    ),
}
