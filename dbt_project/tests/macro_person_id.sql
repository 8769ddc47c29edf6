-- so that nobody becomes somebody: a name alone, or nothing at all, makes no person
{{ config(tags=['macro']) }}

with examples (name_token, birth_token, email_token, phone_token, expected) as (
    values
    ('n', 'b', 'e', 'p', {{ stable_id(["'name and birth'", "'n'", "'b'"]) }}),
    ('n', null, 'e', 'p', {{ stable_id(["'email'", "'e'"]) }}),
    (null, 'b', null, 'p', {{ stable_id(["'phone'", "'p'"]) }}),
    ('n', null, null, null, cast(null as uuid)),
    (null, 'b', null, null, cast(null as uuid))
)

select *
from examples
where {{ person_id('name_token', 'birth_token', 'email_token', 'phone_token') }} is distinct from expected
