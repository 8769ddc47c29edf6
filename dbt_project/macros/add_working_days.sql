{% macro add_working_days(at, days, division="'england-and-wales'") -%}
    {#- End (midnight in London) of the day that lies `days` working days after the day of `at`, as timestamptz: for
        clocks that are counted in days, such as those of the Victims' Code. The day of `at` is never counted, also if it
        is a day off: one working day after any time of a weekend is Monday. With 0 days: the end of the same day, or of
        the next working day if that is a day off. Null if the calendar ends before. `at`: SQL of type timestamptz; `days`: SQL of a whole number; `division`: SQL, as in int_calendar. -#}
    (
        select due.ends_at
        from {{ ref('int_calendar') }} as today
        inner join {{ ref('int_calendar') }} as due
            on
                today.division = due.division
                and today.working_day_number
                + greatest({{ days }}, case when today.is_working then 0 else 1 end) = due.working_day_number
                and due.is_working
        where
            today.division = {{ division }}
            and today.calendar_on = cast({{ at }} at time zone 'Europe/London' as date)
    )
{%- endmacro %}
