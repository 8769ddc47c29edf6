{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['incident_id']},
            {'columns': ['victim_person_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- Linkage alone says who it is: a mention that it holds for nobody, such as "Unknown", is no person.
with reports as (
    select
        unioned.*,
        incidents.incident_id
    from {{ ref('int_reports__incidents') }} as incidents
    inner join {{ ref('int_reports__unioned') }} as unioned
        on incidents.report_id = unioned.report_id
    {% if is_incremental() %}
        where
            incidents.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
)

select
    reports.report_id,
    reports.incident_id,
    coalesce(
        victims.person_id,
        -- Who reports what was done to them, and fills in only the reporter's part.
        case when reports.reporter_is_victim then reporters.person_id end
    ) as victim_person_id,
    case
        when reports.reporter_is_victim then coalesce(victims.person_id, reporters.person_id)
        else reporters.person_id
    end as reporter_person_id,
    coalesce(victims.person_id, case when reports.reporter_is_victim then reporters.person_id end) is null
    and exists (
        select 1 from {{ ref('stg_linkage__mention_identities') }} as seen
        where
            seen.is_erased
            and (
                seen.mention_id = {{ mention_id('reports.report_id', 'victim') }}
                or (
                    reports.reporter_is_victim
                    and seen.mention_id = {{ mention_id('reports.report_id', 'reporter') }}
                )
            )
    ) as is_victim_erased
from reports
left join {{ ref('stg_linkage__mention_persons') }} as victims
    on {{ mention_id('reports.report_id', 'victim') }} = victims.mention_id
left join {{ ref('stg_linkage__mention_persons') }} as reporters
    on {{ mention_id('reports.report_id', 'reporter') }} = reporters.mention_id
