-- Are victims more confident in the police at the end than at the start?
-- The change is of those who answered twice; start and end are of all who answered, who need not be the same people.
select
    month,
    max(measure_value) filter (where measure_code = 'confident_start') as share_confident_at_start,
    max(base_size) filter (where measure_code = 'confident_start') as answers_at_start,
    max(measure_value) filter (where measure_code = 'confident_end') as share_confident_at_end,
    max(base_size) filter (where measure_code = 'confident_end') as answers_at_end,
    max(measure_value) filter (where measure_code = 'confidence_change') as mean_change,
    max(base_size) filter (where measure_code = 'confidence_change') as answered_twice
from publish.measures_v1
where success_measure = 'confidence of the victims' and dimension = 'all'
group by month
order by month;
