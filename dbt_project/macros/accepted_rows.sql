{% macro accepted_rows(feed) -%}
    {#- The records of a feed's loaded deliveries, with the place (`delivery_id`, `row_number`) at which each is stated:
        a record that a later delivery states again is there for each of them. In an incremental build those of
        deliveries that no build has taken in yet. A delivery's rows lie together in order of time, which is the only
        index that a load has to pay for. A unit test has no record that is stated again. -#}
    {%- if is_incremental_build() -%}
        {%- set deliveries = ref('stg_ledger__new_deliveries') -%}
    {%- else -%}
        {%- if not is_unit_test() -%}
            {#- Named here so that it is built before; a full build does not ask it, and neither does a unit test. -#}
            {%- set _ = ref('stg_ledger__new_deliveries') -%}
        {%- endif -%}
        {%- set deliveries = '(select * from ' ~ ref('stg_ledger__deliveries') ~ " where status = 'loaded')" -%}
    {%- endif -%}
    select
        records.*,
        records._delivery_id as delivery_id,
        records._row_number as row_number,
        records._loaded_at as loaded_at
    from {{ source('raw', feed) }} as records
    inner join {{ deliveries }} as deliveries on records._delivery_id = deliveries.delivery_id
    {%- if is_incremental_build() %}
        where {{ newly_loaded('records._loaded_at', feed) }}
    {%- endif %}
    {%- if not is_unit_test() %}
        union all
        select
            records.*,
            restated.delivery_id,
            restated.row_number,
            deliveries.loaded_at
        from {{ ref('stg_ledger__restated_records') }} as restated
        inner join {{ deliveries }} as deliveries
            on restated.delivery_id = deliveries.delivery_id and deliveries.feed = '{{ feed }}'
        inner join {{ source('raw', feed) }} as records on restated.record_hash = records._record_hash
    {%- endif %}
{%- endmacro %}
