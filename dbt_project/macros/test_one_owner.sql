{% test one_owner(model, allocations) %}
    {#- Of each incident of `model` exactly one allocation in `allocations` is its owner now: nobody falls between two
        desks, and no two forces work on one incident. -#}
    with incidents as (
        select incident_id
        from {{ model }}
    )

    select incidents.incident_id
    from incidents
    left join {{ allocations }} as owners
        on
            incidents.incident_id = owners.incident_id
            and owners.is_current_owner
    group by incidents.incident_id
    having count(owners.allocation_id) <> 1
{% endtest %}
