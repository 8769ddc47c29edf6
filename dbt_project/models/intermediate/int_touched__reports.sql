-- What an incremental build has to do again, report by report: reports that new deliveries brought or corrected, and
-- those that linkage has since put elsewhere or found to name
-- another person or home. Of a full build nobody asks.
{{ config(post_hook='{{ keep_statistics(this) }}') }}

with last_build as (
    select coalesce(max(linked_at), '-infinity') as linked_at
    from {{ ref('stg_ledger__builds') }}
    where status = 'succeeded' and selection is null
),

brought as (
    select reports.report_id
    from {{ ref('int_reports__unioned') }} as reports
    where
        reports.delivery_id = any(
            array(select fresh.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as fresh)
        )
),

moved as (
    select links.report_id
    from {{ ref('stg_linkage__report_incidents') }} as links
    cross join last_build
    where links.changed_at > last_build.linked_at
),

changed_mentions as (
    select persons.mention_id
    from {{ ref('stg_linkage__mention_persons') }} as persons
    cross join last_build
    where persons.changed_at > last_build.linked_at
    union
    select areas.mention_id
    from {{ ref('stg_linkage__mention_areas') }} as areas
    cross join last_build
    where areas.changed_at > last_build.linked_at
),

named_anew as (
    select mentions.record_id as report_id
    from {{ ref('stg_linkage__mention_portraits') }} as mentions
    inner join changed_mentions on mentions.mention_id = changed_mentions.mention_id
    inner join {{ ref('int_reports__unioned') }} as reports on mentions.record_id = reports.report_id
)

select report_id from brought
union
select report_id from moved
union
select report_id from named_anew
