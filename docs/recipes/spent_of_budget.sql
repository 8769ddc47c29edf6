-- How much of the month's budget was spent?
select
    month,
    dimension,
    dimension_code,
    numerator as pounds_spent,
    denominator as pounds_of_budget,
    measure_value as share_spent
from publish.measures_v1
where measure_code = 'spent_of_budget'
order by month, dimension, dimension_code;
