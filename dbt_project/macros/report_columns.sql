{% macro report_columns(overrides=none) -%}
    {#- What every feed of reports has after staging, beside its identifiers and lineage, in one order. In a staging
        model `overrides` says where a feed differs: SQL by column, or `none` for what the feed does not bring; all else
        is in its raw table under the same name. Without `overrides`, the names alone. -#}
    {%- set types = {
        'report_ref': 'text',
        'body_code': 'text',
        'reported_at': 'timestamptz',
        'occurred_on': 'date',
        'strands': 'text[]',
        'is_online': 'text',
        'platform': 'text',
        'content_url': 'text',
        'is_anonymous': 'boolean',
        'reporter_is_victim': 'boolean',
        'is_threat_to_life': 'boolean',
        'description_token': 'text',
        'reporter_name_token': 'text',
        'reporter_email_token': 'text',
        'reporter_phone_token': 'text',
        'victim_name_token': 'text',
        'victim_email_token': 'text',
        'victim_phone_token': 'text',
        'victim_date_of_birth_token': 'text',
        'victim_postcode_token': 'text',
        'offence_postcode_district': 'text',
        'offence_lsoa_code': 'text',
        'borough_named': 'text',
        'force_named': 'text',
        'crime_reference': 'text',
        'consent_share_police': 'boolean',
        'consent_share_anonymised': 'boolean',
        'consent_refer_support': 'boolean',
        'consent_contact': 'boolean',
    } -%}
    {%- for name, type in types.items() -%}
        {%- if not loop.first %},
        {% endif -%}
        {%- if overrides is none -%}
            {{ name }}
        {%- elif name in overrides and overrides[name] is none -%}
            cast(null as {{ type }}) as {{ name }}
        {%- elif name in overrides -%}
            {{ overrides[name] }} as {{ name }}
        {%- elif name in ('offence_postcode_district', 'offence_lsoa_code') -%}
            {{ plain_code(name) }} as {{ name }}
        {%- elif type == 'text' -%}
            {{ name }}
        {%- else -%}
            cast({{ name }} as {{ type }}) as {{ name }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
