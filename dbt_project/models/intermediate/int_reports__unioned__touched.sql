-- The reports of touched incidents as the feeds tell of them, found once for all models of an incremental build. It
-- goes with the build: who asks afterwards looks the reports up (`touched_reports`).
with linked as (
    select known.report_id
    from {{ ref('int_touched__incidents') }} as touched
    cross join lateral (
        select links.report_id
        from {{ ref('stg_linkage__report_incidents') }} as links
        where links.incident_id = touched.incident_id
        {{ row_by_row() }}
    ) as known
),

-- A report that linkage has not seen is an incident of its own, and came after the last build that linked.
unlinked as (
    select reports.report_id
    from {{ ref('int_reports__unioned') }} as reports
    left join {{ ref('stg_linkage__report_incidents') }} as links on reports.report_id = links.report_id
    where
        links.report_id is null
        and reports.delivery_id = any(
            array(select fresh.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as fresh)
        )
        and {{ stable_id(["'incident'", "cast(reports.report_id as text)"]) }} in (
            select touched.incident_id from {{ ref('int_touched__incidents') }} as touched
        )
),

asked as (
    select report_id from linked
    union
    select report_id from unlinked
)

select
    reports.report_id,
    reports.feed,
    reports.delivery_id,
    reports.row_number,
    reports.report_ref,
    reports.body_code,
    reports.reported_at,
    reports.occurred_on,
    reports.strands,
    reports.is_online,
    reports.platform,
    reports.content_url,
    reports.is_anonymous,
    reports.reporter_is_victim,
    reports.is_threat_to_life,
    reports.description_token,
    reports.reporter_name_token,
    reports.reporter_email_token,
    reports.reporter_phone_token,
    reports.victim_name_token,
    reports.victim_email_token,
    reports.victim_phone_token,
    reports.victim_date_of_birth_token,
    reports.victim_postcode_token,
    reports.has_reporter_details,
    reports.has_victim_details,
    reports.offence_postcode_district,
    reports.offence_lsoa_code,
    reports.borough_named,
    reports.force_named,
    reports.crime_reference,
    reports.consent_share_police,
    reports.consent_share_anonymised,
    reports.consent_refer_support,
    reports.consent_contact
from asked
cross join
    lateral (
        select unioned.*
        from {{ ref('int_reports__unioned') }} as unioned
        where unioned.report_id = asked.report_id
        {{ row_by_row() }}
    ) as reports
where {{ adds_to_what_stands() }}
