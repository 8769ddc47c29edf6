-- so that a role of which no date of birth is known is told by e-mail address and telephone number alone
{{ config(tags=['macro']) }}

with examples (email_token, phone_token, expected) as (
    values
    ('e', 'p', {{ stable_id(["'email'", "'e'"]) }}),
    (null, 'p', {{ stable_id(["'phone'", "'p'"]) }}),
    (null, null, cast(null as uuid))
)

select *
from examples
where {{ person_id(none, none, 'email_token', 'phone_token') }} is distinct from expected
