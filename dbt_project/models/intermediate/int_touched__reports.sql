-- What an incremental build has to do again, report by report: reports that new deliveries brought or corrected, and
-- those that linkage has since put elsewhere or found to name another person or home. Of a full build nobody asks.
{{ config(post_hook='{{ keep_statistics(this) }}') }}

with brought as (
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
    where {{ since_last_build('links.changed_at') }}
),

changed_mentions as (
    select persons.mention_id
    from {{ ref('stg_linkage__mention_persons') }} as persons
    where {{ since_last_build('persons.changed_at') }}
    union
    select areas.mention_id
    from {{ ref('stg_linkage__mention_areas') }} as areas
    where {{ since_last_build('areas.changed_at') }}
),

named_anew as (
    select known.report_id
    from changed_mentions
    cross join lateral (
        select reports.report_id
        from {{ ref('stg_linkage__mention_portraits') }} as mentions
        inner join {{ ref('int_reports__unioned') }} as reports on mentions.record_id = reports.report_id
        where mentions.mention_id = changed_mentions.mention_id
        {{ row_by_row() }}
    ) as known
)

select report_id from brought
union
select report_id from moved
union
select report_id from named_anew
