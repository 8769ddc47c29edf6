-- How much time of local officers did the hub save, against the hours that it spent itself?
-- Hours saved are an estimate: incidents worked on times hours an incident (an assumption, see the definition).
select
    saved.month,
    saved.measure_value as hours_saved,
    spent.measure_value as hours_of_the_hub,
    saved.base_size as base_of_hours_saved,
    saved.definition as definition_of_hours_saved
from publish.measures_v1 as saved
left join publish.measures_v1 as spent
    on saved.month = spent.month and spent.measure_code = 'hub_hours' and spent.dimension = 'all'
where saved.measure_code = 'officer_hours_saved' and saved.dimension = 'all'
order by saved.month;
