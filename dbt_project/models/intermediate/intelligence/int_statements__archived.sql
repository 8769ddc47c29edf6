-- Statements that are not followed, as the sums of their deliveries without the versions that a newer one has replaced.
with replaced as (
    select
        sum_id,
        count(*) as count_rows
    from {{ ref('int_statements__versions') }}
    where not is_newest and sum_id is not null
    group by sum_id
),

sums as (
    select
        sums.sum_id,
        sums.summed_by ->> 'platform_name' as platform_name,
        cast(sums.summed_by ->> 'created_at' as date) as registered_on,
        sums.summed_by ->> 'category' as category,
        {{ text_array_from_json("(sums.summed_by ->> 'decision_visibility')") }} as decision_visibility,
        sums.summed_by ->> 'decision_monetary' as decision_monetary,
        sums.summed_by ->> 'decision_provision' as decision_provision,
        sums.summed_by ->> 'decision_account' as decision_account,
        sums.summed_by ->> 'automated_decision' as automated_decision,
        cast(sums.summed_by ->> 'automated_detection' as boolean) as is_detected_automatically,
        sums.count_rows - coalesce(replaced.count_rows, 0) as count_statements
    from {{ ref('stg_ledger__archive_sums') }} as sums
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on sums.delivery_id = deliveries.delivery_id
    left join replaced on sums.sum_id = replaced.sum_id
    where deliveries.feed = 'provider_statements' and deliveries.status = 'loaded'
)

select
    sum_id,
    platform_name,
    registered_on,
    category,
    decision_visibility,
    decision_monetary,
    decision_provision,
    decision_account,
    automated_decision,
    is_detected_automatically,
    count_statements
from sums
where count_statements > 0
