{% macro working_seconds_at(at, division="'england-and-wales'") -%}
    {#- Working time in seconds from the beginning of the calendar to `at`: the difference of two such numbers is the
        working time between them. Null where the calendar does not reach. Arguments as in add_working_hours. -#}
    (
        select
            today.working_seconds_before
            + case
                when today.is_working then least(
                    greatest(extract(epoch from {{ at }} - today.opens_at), 0), today.working_seconds
                )
                else 0
            end
        from {{ ref('int_calendar') }} as today
        where
            today.division = {{ division }}
            and today.calendar_on = cast({{ at }} at time zone 'Europe/London' as date)
    )
{%- endmacro %}
