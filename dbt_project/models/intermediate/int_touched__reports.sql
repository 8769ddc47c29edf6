-- What an incremental build has to do again, report by report: reports that new deliveries brought or corrected, and
-- those that linkage has since put elsewhere. Of a full build nobody asks.
{{ config(post_hook='analyze {{ this }}') }}

with last_build as (
    select coalesce(max(started_at), '-infinity') as started_at
    from {{ ref('stg_ledger__builds') }}
    where status = 'succeeded' and selection is null
),

brought as (
    select reports.report_id
    from {{ ref('int_reports__unioned') }} as reports
    where reports.delivery_id in (select fresh.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as fresh)
),

moved as (
    select links.report_id
    from {{ ref('stg_linkage__report_incidents') }} as links
    cross join last_build
    where links.changed_at >= last_build.started_at
)

select report_id from brought
union
select report_id from moved
