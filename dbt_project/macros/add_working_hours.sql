{% macro add_working_hours(at, hours, division="'england-and-wales'") -%}
    {#- The time that is `hours` of working time after `at`, as timestamptz. Only opening hours count; time that is used
        up exactly at closing time gives closing time, and not the next opening. With 0 hours: `at` itself. Null if the
        calendar ends before. `at`: SQL of type timestamptz, with its table's name before each column; `hours`: SQL of a
        number; `division`: SQL, as in int_calendar.
        The lateral join with a limit, and the cast to bigint (the column's type), let PostgreSQL find the day by one
        look into the index of int_calendar, instead of reading the whole calendar for each row. -#}
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
