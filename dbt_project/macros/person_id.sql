{% macro person_id(name_token, birth_token, email_token, phone_token) -%}
    {#- Id of a person from tokens: name and date of birth, else e-mail address, else telephone number; null if none of
        these is complete. Pass `none` for a name or date of birth that a role never has. -#}
    coalesce(
        {{ stable_id(["'name and birth'", name_token or 'cast(null as text)', birth_token or 'cast(null as text)']) }},
        {{ stable_id(["'email'", email_token]) }},
        {{ stable_id(["'phone'", phone_token]) }}
    )
{%- endmacro %}
