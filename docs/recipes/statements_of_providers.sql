-- What do providers state that they did about hate, and how much of it by machine?
-- Statements of reasons in the register of the European Union: what providers say of themselves.
select
    provider_name,
    decisions,
    sum(count_statements) as count_statements,
    sum(count_statements) filter (where automated_decision = 'fully') as count_decided_by_machine,
    sum(count_statements) filter (where is_detected_automatically) as count_found_by_machine
from publish.provider_statements_v1
where is_hate_path
group by provider_name, decisions
order by provider_name asc, count_statements desc;
