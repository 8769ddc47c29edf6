{{ config(materialized='view') }}

with latest as (
    select distinct on (panel) *
    from {{ ref('stg_forecast__runs') }}
    order by panel asc, cut_off desc, made_at desc, run_id asc
),

totals as (
    select
        *,
        sum(count_areas) over (partition by run_id, group_kind) as total_areas,
        sum(count_residents) over (partition by run_id, group_kind) as total_residents,
        sum(count_reports) over (partition by run_id, group_kind) as total_reports,
        sum(count_slots) over (partition by run_id, group_kind) as total_slots,
        bool_or(count_reports between 1 and 4) over (partition by run_id, group_kind) as has_small_reports,
        bool_or(count_caught between 1 and 4 or count_reports - count_caught between 1 and 4)
            over (partition by run_id, group_kind) as has_small_catch
    from {{ ref('stg_forecast__group_scores') }}
)

select
    latest.run_id,
    latest.cut_off,
    latest.area_level,
    totals.group_kind,
    totals.group_code,
    totals.count_areas,
    cast(totals.count_residents / nullif(totals.total_residents, 0) as double precision) as share_residents,
    -- With one group taken out, it could be worked out from the others: all go.
    case
        when not totals.has_small_reports
            then cast(totals.count_reports / nullif(totals.total_reports, 0) as double precision)
    end as share_reports,
    cast(totals.count_slots / nullif(totals.total_slots, 0) as double precision) as share_tasking,
    case
        when not totals.has_small_reports and not totals.has_small_catch
            then cast(totals.count_caught as double precision) / nullif(totals.count_reports, 0)
    end as hit_rate,
    totals.has_small_reports or totals.has_small_catch as is_suppressed,
    latest.is_withheld,
    latest.model_version,
    latest.panel
from totals
inner join latest on totals.run_id = latest.run_id
