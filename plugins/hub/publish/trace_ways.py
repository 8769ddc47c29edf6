"""The ways back: for a published view, a query of delivery ids and row numbers behind its ``chosen`` rows.

Victim journeys have none: their numbers were made so that they lead to nobody. Of a measure the way leads to its base,
all that its value is a share or sum of.
"""

from collections.abc import Mapping

_OF_INCIDENTS = """
    select reports.delivery_id, reports.row_number
    from marts.fct_reports as reports
    where reports.incident_id in ({incidents})
"""
_OF_ALLOCATIONS = """
    select allocations.incident_id from {build}.allocations_v1 as allocations
    inner join chosen
        on allocations.target_kind = '{kind}' and allocations.target_code = chosen.{code} {and_same}
        and (chosen.month is null
            or date_trunc('month', allocations.allocated_at at time zone 'Europe/London') = chosen.month)
"""
_OF_CRIMES = """
    select crimes.delivery_id, crimes.row_number
    from marts.fct_recorded_crime as crimes
    inner join chosen using (area_kind, area_code, month, offence_major, offence_minor)
"""
_OF_FEED = """
    select deliveries.delivery_id, cast(null as bigint) as row_number
    from ledger.deliveries as deliveries
    inner join chosen on deliveries.feed = chosen.feed
"""
_OWN = _OF_INCIDENTS.format(incidents="select chosen.incident_id from chosen")
_OF_FORCE = _OF_ALLOCATIONS.replace("{kind}", "force").replace("{code}", "force_code")
_OF_PROVIDER = _OF_ALLOCATIONS.replace("{kind}", "provider").replace("{code}", "provider_code")

# A force counts in the quarters for which it sent records; the others are in no total.
_PUBLIC = """
    select measured.incident_id
    from (
        select *, case when is_charged then 'charged' when is_positive then 'other_positive' else 'not_positive' end
                   as outcome_group
        from marts.fct_incident_measures
        where is_criminal
    ) as measured
    left join reference.police_forces as forces on measured.force_code = forces.force_code
    left join reference.force_regions as regions on measured.force_code = regions.force_code
    inner join chosen
        on case chosen.outcome_base when 'closed' then measured.closed_month else measured.month end
            between chosen.period_start and chosen.period_end
        and chosen.area_code
            in ('all', case chosen.area_kind when 'region' then regions.region_code
                       else coalesce(measured.force_code, 'unknown') end)
        and chosen.strand_code = any(
            array['all'] || coalesce(nullif(measured.strands, '{}'), array['not_stated'])
        )
        and chosen.outcome_group in ('all', measured.outcome_group)
    where coalesce(forces.force_kind not in ('territorial', 'special'), true)
       or exists (
            select from intermediate.int_reports__unioned as sent
            where sent.feed = 'police_hate_crimes' and sent.force_named = measured.force_code
              and cast(date_trunc('quarter', sent.reported_at at time zone 'Europe/London') as date) = cast(date_trunc(
                  'quarter', case chosen.outcome_base when 'closed' then measured.closed_month else measured.month end
              ) as date)
        )
"""

_MEASURED_INCIDENTS = """
    select measured.incident_id from marts.fct_incident_measures as measured
    inner join chosen
        on chosen.month = case when chosen.measure_code in ('charged_of_closed', 'other_positive_of_closed')
            then measured.closed_month else measured.month end
        and case chosen.dimension when 'strand' then chosen.dimension_code = any(measured.strands)
            else chosen.dimension_code in ('all', case chosen.dimension
                when 'force' then coalesce(measured.force_code, 'unknown')
                when 'provider' then coalesce(measured.provider_code, 'unknown')
                when 'source' then measured.feed
            end)
        end
    where chosen.measure_code in ('incidents', 'reports', 'reports_investigated', 'criminal_incidents')
       or (chosen.measure_code = 'victims_referred' and measured.count_victims > 0)
       or (chosen.measure_code = 'officer_hours_saved' and measured.is_criminal and measured.is_investigated)
       or (measured.is_criminal and chosen.measure_code in (
            'reports_referred_elsewhere', 'criminal_investigated', 'criminal_abroad', 'criminal_uk',
            'criminal_awaiting_provider', 'incidents_with_arrest', 'charged_of_recorded', 'other_positive_of_recorded',
            'charged_of_closed', 'other_positive_of_closed'))
"""
_ANSWERS = """
    select answers.delivery_id, answers.row_number
    from marts.fct_survey_answers as answers
    inner join chosen
        on date_trunc('month', answers.answered_on) = chosen.month
        and (chosen.measure_code = 'survey_not_answered' or answers.is_in_base and chosen.measure_code = case
            answers.question_code
            when 'confidence_in_police' then 'confident_' when 'kept_informed' then 'kept_informed_'
            when 'satisfied_with_police' then 'satisfied_' when 'feels_safe' then 'feels_safe_'
        end || answers.wave)
"""
_CHANGES = """
    select answers.delivery_id, answers.row_number
    from marts.fct_survey_changes as changes
    inner join marts.fct_survey_answers as answers
        on answers.answer_id in (changes.start_answer_id, changes.end_answer_id)
    inner join chosen
        on date_trunc('month', changes.ended_on) = chosen.month
        and case when changes.is_cope_recover then chosen.measure_code = 'cope_recover_distance'
            else chosen.measure_code = 'confidence_change' and changes.question_code = 'confidence_in_police' end
"""
_CLOCKS = """
    select clocks.delivery_id, clocks.row_number
    from marts.fct_victim_clock_times as clocks
    inner join chosen
        on (
            chosen.measure_code = 'victims_code_running'
            -- In the share that is met are those that were decided by then.
            or chosen.measure_code = 'victims_code_met'
            and (clocks.done_at is not null or clocks.due_at < chosen.data_as_of)
        )
        and date_trunc('month', (clocks.due_at - interval '1 second') at time zone 'Europe/London') = chosen.month
        and chosen.dimension_code in ('all', case chosen.dimension
            when 'clock' then clocks.clock_code when 'force' then coalesce(clocks.force_code, 'unknown') end)
"""
_HOURS = """
    select entries.delivery_id, entries.row_number
    from staging.stg_hub_activity as entries
    inner join chosen
        on date_trunc('month', entries.started_at at time zone 'Europe/London') = chosen.month
        and (chosen.measure_code = 'hub_hours'
            or chosen.measure_code = 'officer_hours_saved' and entries.report_ref is not null)
"""
_VOLUNTEERS = """
    select found.delivery_id, found.row_number
    from staging.stg_volunteer_reports as found
    inner join chosen
        on chosen.measure_code in ('volunteer_reports', 'counter_narratives', 'support_signposted')
        and date_trunc('month', found.reported_at at time zone 'Europe/London') = chosen.month
        and chosen.dimension_code in ('all', coalesce(found.platform, 'unknown'))
"""
_TRAINING = """
    select held.delivery_id, held.row_number
    from marts.fct_training_sessions as held
    inner join chosen
        on starts_with(chosen.measure_code, 'training_') and date_trunc('month', held.held_on) = chosen.month
        and chosen.dimension_code in ('all', case chosen.dimension
            when 'force' then coalesce(held.force_code, 'unknown') when 'source' then held.audience end)
"""
_SPEND = """
    select lines.delivery_id, lines.row_number
    from marts.fct_programme_spend as lines
    inner join chosen
        on chosen.measure_code in ('spent_of_budget', 'claimed_of_spent') and lines.month = chosen.month
        and chosen.dimension_code in ('all', case chosen.dimension
            when 'source' then lines.funding_source when 'budget_line' then lines.budget_line end)
"""
_OF_MEASURES = "union all".join(
    (
        _OF_INCIDENTS.replace("{incidents}", _MEASURED_INCIDENTS),
        *(_ANSWERS, _CHANGES, _CLOCKS, _HOURS, _VOLUNTEERS, _TRAINING, _SPEND),
    )
)
_HOTSPOT_INCIDENTS = """
    select learnt.incident_id from intermediate.int_hotspots__incidents as learnt
    inner join chosen
        on learnt.is_trained_on and learnt.known_on < chosen.cut_off
        and chosen.panel <> 'recorded_crime'
        and chosen.area_code in (
            'all',
            case chosen.area_level
                when 'force' then learnt.force_code when 'local_authority' then learnt.lad_code else learnt.lsoa_code
            end
        )
        {and_same}
"""
_HOTSPOT_CRIMES = """
    union all
    select crimes.delivery_id, crimes.row_number from marts.fct_recorded_crime as crimes
    inner join marts.dim_offence as offences on crimes.offence_code = offences.offence_code and offences.is_aggravated
    inner join chosen
        on chosen.panel = 'recorded_crime' and crimes.area_kind = 'lsoa' and crimes.month < chosen.cut_off
        and chosen.area_code in ('all', crimes.area_code)
"""
_HOTSPOTS = _OF_INCIDENTS.replace("{incidents}", _HOTSPOT_INCIDENTS) + _HOTSPOT_CRIMES

WAYS: Mapping[str, str] = {
    "incidents_v1": _OWN,
    "allocations_v1": _OWN,
    "overdue_allocations_v1": _OWN,
    "force_scorecard_v1": _OF_INCIDENTS.replace(
        "{incidents}", _OF_FORCE.replace("{and_same}", "and allocations.route <> 'police_record'")
    ),
    "provider_scorecard_v1": _OF_INCIDENTS.replace(
        "{incidents}",
        _OF_PROVIDER.replace("{and_same}", "and (allocations.duty, allocations.route) = (chosen.duty, chosen.route)"),
    ),
    "measures_v1": _OF_MEASURES,
    "public_statistics_v1": _OF_INCIDENTS.replace("{incidents}", _PUBLIC),
    "hotspot_forecast_v1": _HOTSPOTS.replace(
        "{and_same}", "and (chosen.strand_code = 'all' or chosen.strand_code = any(learnt.strands))"
    ),
    "hotspot_proposals_v1": _HOTSPOTS.replace("{and_same}", ""),
    "hotspot_tasking_v1": _HOTSPOTS.replace("{and_same}", ""),
    "recorded_crime_v1": _OF_CRIMES,
    "freshness_v1": _OF_FEED,
}
"""View → query. ``{build}`` is the schema of the publish."""

NO_WAY = {"measures_v1": ("measure_code", ("capacity_used", "beyond_capacity"))}
"""View → column and values of rows that rest on no row of a delivery: they count the hub's working days."""
