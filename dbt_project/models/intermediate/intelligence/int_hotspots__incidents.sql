{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['incident_id'], 'unique': true},
            {'columns': ['known_on']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- Where people were sent to look, or chose to look, is not what the public reports: a forecast that learns from it
-- sends them there again. Such incidents are counted beside the others and not trained on.
with reports as (
    select
        persons.incident_id,
        coalesce(origins.report_origin, 'unclassified') as report_origin,
        coalesce(origins.is_trained_on, false) as is_trained_on,
        unioned.occurred_on,
        {{ london_date('unioned.reported_at') }} as reported_on
    from {{ ref('int_reports__persons') }} as persons
    inner join {{ ref('int_reports__unioned') }} as unioned on persons.report_id = unioned.report_id
    -- A feed that nobody has classed is counted, not trained on.
    left join {{ ref('report_origins') }} as origins
        on
            unioned.feed = origins.feed
            and {{ london_date('unioned.reported_at') }} between origins.valid_from
            and coalesce(origins.valid_to, 'infinity')
    {% if is_incremental() %}
        where persons.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
),

rolled_up as (
    select
        incident_id,
        bool_or(is_trained_on) as is_trained_on,
        coalesce(min(reported_on) filter (where is_trained_on), min(reported_on)) as known_on,
        bool_or(report_origin = 'public') as has_public,
        bool_or(report_origin = 'third_party') as has_third_party,
        bool_or(report_origin = 'officer') as has_officer,
        bool_or(report_origin = 'volunteer') as has_volunteer
    from reports
    group by incident_id
)

select
    rolled_up.incident_id,
    incidents.force_code,
    incidents.lad_code,
    incidents.offence_lsoa_code as lsoa_code,
    incidents.provider_code,
    incidents.strands,
    incidents.victim_person_id,
    md5(incidents.content_url) as content_key,
    -- Only an address of a post that names its account tells who wrote it; below a post, somebody else did.
    case
        when incidents.content_url !~ '[?&#](comment|reply_comment_id|lc)'
            then
                md5(
                    incidents.provider_code || '/' || lower(
                        coalesce(
                            nullif(
                                substring(
                                    incidents.content_url
                                    from '^https?://[^/]+/@?([^/?#]+)/(?:status|statuses|posts|video|p)/'
                                ),
                                'web'
                            ),
                            substring(
                                incidents.content_url
                                from '^https?://(?:t|telegram)\.me/(?:s/)?([^/?#]+)/[0-9]+'
                            )
                        )
                    )
                )
    end as author_key,
    case
        when rolled_up.has_public then 'public'
        when rolled_up.has_third_party then 'third_party'
        when rolled_up.has_officer then 'officer'
        when rolled_up.has_volunteer then 'volunteer'
        else 'unclassified'
    end as report_origin,
    rolled_up.is_trained_on,
    incidents.is_online,
    incidents.count_reports,
    -- Who does not say when it happened, or says that it will, reports it on the day.
    least(coalesce(incidents.occurred_on, rolled_up.known_on), rolled_up.known_on) as occurred_on,
    rolled_up.known_on
from rolled_up
inner join {{ ref('int_incidents') }} as incidents on rolled_up.incident_id = incidents.incident_id
