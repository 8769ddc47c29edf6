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
-- Linkage says who it is; of a mention that it has not seen, the tokens do.
with reports as (
    select
        unioned.*,
        incidents.incident_id
    from {{ ref('int_reports__located') }} as incidents
    inner join {{ ref('int_reports__unioned') }} as unioned
        on incidents.report_id = unioned.report_id
    {% if is_incremental() %}
        where
            incidents.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
),

persons as (
    select
        reports.report_id,
        reports.incident_id,
        reports.reporter_is_victim,
        coalesce(
            victims.person_id,
            -- Who reports what was done to them, and fills in only the reporter's part.
            case when reports.reporter_is_victim then reporters.person_id end,
            {{
                person_id(
                    name_token='reports.victim_name_token',
                    birth_token='reports.victim_date_of_birth_token',
                    email_token="case when reports.reporter_is_victim then reports.reporter_email_token"
                        " else reports.victim_email_token end",
                    phone_token="case when reports.reporter_is_victim then reports.reporter_phone_token"
                        " else reports.victim_phone_token end",
                )
            }}
        ) as victim_person_id,
        coalesce(
            reporters.person_id,
            {{
                person_id(
                    name_token=none,
                    birth_token=none,
                    email_token='reports.reporter_email_token',
                    phone_token='reports.reporter_phone_token',
                )
            }}
        ) as reporter_person_id
    from reports
    left join {{ ref('stg_linkage__mention_persons') }} as victims
        on {{ mention_id('reports.report_id', 'victim') }} = victims.mention_id
    left join {{ ref('stg_linkage__mention_persons') }} as reporters
        on {{ mention_id('reports.report_id', 'reporter') }} = reporters.mention_id
)

select
    report_id,
    incident_id,
    victim_person_id,
    case
        when reporter_is_victim then coalesce(victim_person_id, reporter_person_id)
        else reporter_person_id
    end as reporter_person_id
from persons
