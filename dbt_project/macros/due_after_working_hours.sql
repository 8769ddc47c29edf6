{% macro due_after_working_hours(at, hours, division="'england-and-wales'") -%}
    {#- When `hours` of working time have gone by after `at`, as timestamptz. The clock does not run outside opening
        hours; an hour that ends exactly at closing time is due then, and not at the next opening. With 0 hours: `at`
        itself. Null where the calendar does not reach. `at`: SQL of type timestamptz, with its table's name before each
        column; `hours`: SQL of a number; `division`: SQL, as in int_calendar.
        Lateral with a limit, and bigint with bigint: so it is one step down an index for each clock. -#}
    (
        select
            case
                when clock.total <= due.working_seconds_before + due.working_seconds then greatest(
                    {{ at }},
                    due.opens_at
                    + make_interval(secs => cast(clock.total - due.working_seconds_before as double precision))
                )
            end
        from (
            select {{ working_seconds_at(at, division) }} + {{ hours }} * 3600 as total
            limit 1
        ) as clock
        cross join lateral (
            select
                calendar.opens_at,
                calendar.working_seconds,
                calendar.working_seconds_before
            from {{ ref('int_calendar') }} as calendar
            where
                calendar.division = {{ division }}
                and calendar.working_seconds_before < cast(ceil(clock.total) as bigint)
                and calendar.is_working
            order by calendar.working_seconds_before desc
            limit 1
        ) as due
    )
{%- endmacro %}
