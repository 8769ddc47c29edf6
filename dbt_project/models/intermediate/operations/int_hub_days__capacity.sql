-- Incidents that the hub can take on, working day by working day: posts times what each can take.
select
    calendar.calendar_on as hub_day,
    sum(staffing.fte) as count_full_posts,
    cast(coalesce(floor(sum(staffing.fte * rates.cases_a_day)), 0) as integer) as count_capacity
from {{ ref('int_calendar') }} as calendar
left join {{ ref('staffing') }} as staffing
    on calendar.calendar_on between staffing.valid_from and coalesce(staffing.valid_to, 'infinity')
left join {{ ref('case_rates') }} as rates
    on
        staffing.role = rates.role
        and calendar.calendar_on between rates.valid_from and coalesce(rates.valid_to, 'infinity')
where calendar.is_working and calendar.division = 'england-and-wales'
group by calendar.calendar_on
