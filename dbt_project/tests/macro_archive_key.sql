-- so that a statement in raw is known by the key that its load has written for one in the archive
{{ config(tags=['macro']) }}

select *
from (values ('00000000-0000-0000-0000-000000000001')) as example (statement_id)
where
    {{ archive_key('provider_statements', 'statement_id') }}
    is distinct from cast('39abb0a7-5341-99ea-e8ce-400dd3356eb7' as uuid)
