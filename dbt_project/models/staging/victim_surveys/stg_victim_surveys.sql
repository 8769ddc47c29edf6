with source as (
    select records.*
    from {{ source('raw', 'victim_surveys') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        {{ stable_id(["'victim_surveys'", "answer_ref"]) }} as answer_id,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        answer_ref,
        respondent_ref,
        report_ref,
        wave,
        question_code,
        answer,
        cast(answered_on as date) as answered_on,
        cast(changed_at as timestamptz) as changed_at
    from source
),

-- The latest change wins, else the later day. Never by load time: deliveries come in any order.
latest as (
    select distinct on (answer_ref) *
    from renamed
    order by answer_ref asc, changed_at desc nulls last, answered_on desc, record_hash desc
)

select * from latest
