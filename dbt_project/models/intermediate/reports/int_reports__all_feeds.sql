-- A view, and without a `with`, so that each feed's staging table is looked up by its own indexes. A new feed of
-- reports adds one line here and nothing anywhere else. Models that need references and places alone read this one; any
-- other reads int_reports__unioned, which has no token without consent.
{{ config(materialized='view') }}

{{ report_rows('stg_true_vision_reports') }}
union all
{{ report_rows('stg_community_reports') }}
union all
{{ report_rows('stg_volunteer_reports') }}
union all
{{ report_rows('stg_police_hate_crimes') }}
