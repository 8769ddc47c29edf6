-- so that an id stays the same in every build, and a part that is missing makes no id instead of a shared one
{{ config(tags=['macro']) }}

select *
from (values ('a', 'b')) as example (first_part, second_part)
where
    {{ stable_id(['first_part', 'second_part']) }} is distinct from cast('a7e86136543b019d72468ceebf71fb8e' as uuid)
    or {{ stable_id(['first_part', 'cast(null as text)']) }} is not null
    or {{ stable_id(['first_part', 'second_part']) }} = {{ stable_id(['second_part', 'first_part']) }}
