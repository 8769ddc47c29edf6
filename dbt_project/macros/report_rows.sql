{% macro report_rows(model) -%}
    {#- The columns that every feed of reports has after staging, in one order, so that feeds can be joined by
        `union all` whatever the order in their own files. -#}
    select
        report_id,
        feed,
        delivery_id,
        row_number,
        report_ref,
        body_code,
        reported_at,
        occurred_on,
        strands,
        is_online,
        platform,
        content_url,
        is_anonymous,
        reporter_is_victim,
        is_threat_to_life,
        description_token,
        reporter_name_token,
        reporter_email_token,
        reporter_phone_token,
        victim_name_token,
        victim_email_token,
        victim_phone_token,
        victim_date_of_birth_token,
        victim_postcode_token,
        offence_postcode_district,
        offence_lsoa_code,
        borough_named,
        force_named,
        crime_reference,
        consent_share_police,
        consent_share_anonymised,
        consent_refer_support,
        consent_contact
    from {{ ref(model) }}
{%- endmacro %}
