{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Incidents whose allocations an incremental build has to do again: those that are other than they were, that were
-- answered or allocated by hand, and those which one of them has pushed over the day's capacity, or let back under it.
-- A day's incidents are in order of urgency, then of time; those of a day on which nothing is other than it was stand
-- as they stood.
{% set stood = standing('int_incidents__capacity') -%}
{% set all_incidents, references = ref('int_incidents'), ref('int_reports__references') -%}
{% set changed = [changes_of('int_incidents'), changes_of('int_force_answers'), changes_of('int_provider_answers')] -%}
{% set decided, renamed = changes_of('int_hub_decisions'), changes_of('int_reports__references') -%}
{% set carried = carried_over('incident_id') -%}
{% set told = ['is_urgent', 'is_criminal', 'first_hub_reported_at'] -%}

with days as (
    select
        touched_days.hub_day,
        capacity.count_capacity
    from {{ ref('int_touched__hub_days') }} as touched_days
    inner join {{ ref('int_hub_days__capacity') }} as capacity on touched_days.hub_day = capacity.hub_day
),

ranked as (
    select
        intake.incident_id,
        intake.hub_day,
        row_number() over (
            partition by intake.hub_day
            order by intake.is_urgent desc, intake.first_hub_reported_at asc, intake.incident_id asc
        ) > days.count_capacity as is_beyond_capacity,
        intake.{{ told | join(', intake.') }}
    from days
    cross join
        lateral (
            select known.*
            from {{ ref('int_incidents__intake') }} as known
            where known.hub_day = days.hub_day
            {{ row_by_row() }}
        ) as intake
),

worklist as (
    {%- if stood %}
        {% for changes in changed -%}
            select changes.incident_id from {{ changes }} as changes
            union
        {% endfor -%}
        select renamed.incident_id from {{ renamed }} as renamed
        union
        select named.incident_id
        from {{ decided }} as decided
        cross join
            lateral (
                select known.incident_id
                from {{ references }} as known
                where known.report_ref = decided.report_ref
                {{ row_by_row() }}
            ) as named
        union
        select ranked.incident_id
        from ranked
        left join
            {{ looked_up(stood, 'hub_day', 'days', 'stood.incident_id, stood.is_beyond_capacity') }} as stood
            on ranked.incident_id = stood.incident_id
        where stood.is_beyond_capacity is distinct from ranked.is_beyond_capacity
        {{ carried }}
    {%- else %}
        select incident_id from {{ all_incidents }}
    {%- endif %}
),

placed as (
    select * from ranked
    {%- if stood %}
        union all
        select
            stood.incident_id,
            stood.hub_day,
            stood.is_beyond_capacity,
            stood.{{ told | join(', stood.') }}
        from {{ looked_up(stood, 'incident_id', 'worklist') }} as stood
        where stood.hub_day not in (select touched.hub_day from {{ ref('int_touched__hub_days') }} as touched)
    {%- endif %}
)

select
    worklist.incident_id,
    placed.hub_day,
    placed.is_beyond_capacity,
    placed.{{ told | join(', placed.') }}
from worklist
left join placed on worklist.incident_id = placed.incident_id
