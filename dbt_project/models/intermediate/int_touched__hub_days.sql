{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Days of intake that an incremental build has to count again: those of incidents of which something that
-- counts is known otherwise now than it stood. What stood is read past `ref`: it is written later in the same build.
{% set stood = standing('int_incidents__capacity') -%}
{% set told_otherwise = changes_of('int_incidents__intake') -%}
{% set carried = carried_over('hub_day') -%}
{% set told = 'incident_id, hub_day, is_urgent, is_criminal, first_hub_reported_at' -%}

{% if stood -%}
    with now_known as (
        select {{ told }}
        from {{ looked_up(ref('int_incidents__intake'), 'incident_id', told_otherwise) }} as intake
    ),

    as_it_stood as (
        select {{ told }}
        from {{ looked_up(stood, 'incident_id', told_otherwise) }} as stood
    ),

    known_otherwise as (
        (
            select * from now_known
            except
            select * from as_it_stood
        )
        union all
        (
            select * from as_it_stood
            except
            select * from now_known
        )
    )

    select hub_day from known_otherwise
    group by hub_day
    {{ carried }}
{% else -%}
    select hub_day from {{ ref('int_incidents__intake') }}
    group by hub_day
{% endif %}
