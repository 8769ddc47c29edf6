{% macro person_id(name_token, birth_token, email_token, phone_token) -%}
    {#- Who it is, by keyed tokens alone: the same name with the same date of birth, else the same e-mail address, else
        the same telephone number. A name alone, or nothing, is nobody: null. Pass `none` for what a role never has. -#}
    coalesce(
        {{ stable_id(["'name and birth'", name_token or 'cast(null as text)', birth_token or 'cast(null as text)']) }},
        {{ stable_id(["'email'", email_token]) }},
        {{ stable_id(["'phone'", phone_token]) }}
    )
{%- endmacro %}
