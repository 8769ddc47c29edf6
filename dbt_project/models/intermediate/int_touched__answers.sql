{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- References whose answers may now belong to another report or allocation; what stood is read past `ref`, as it is
-- written later in the same build.
{%- set allocated = changes_of('int_allocation_answers') %}
{%- set answers = [standing('fct_force_responses', 'marts'), standing('fct_provider_responses', 'marts')] %}

select report_ref from {{ ref('int_touched__answered_references') }}
union
select renamed.report_ref
from {{ changes_of('int_reports__references') }} as renamed
{%- for stood in answers if stood %}
    union
    select known.report_ref
    from (select distinct allocated.answer_id from {{ allocated }} as allocated) as moved
    cross join
        lateral (
            select stood.report_ref
            from {{ stood }} as stood
            where stood.response_id = moved.answer_id
            {{ row_by_row() }}
        ) as known
{%- endfor %}
