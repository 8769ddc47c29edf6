{% macro carried_over(key) -%}
    {#- What stood on this worklist, where a build since the last good one did not come to its end: it may have done
        half of it. The build that asks is itself among those that have not ended. -#}
    {%- if not is_unit_test() -%}
        {%- set builds = ref('stg_ledger__builds') -%}
        {%- set before = standing(this.identifier) -%}
        {%- if before -%}
            union
            select carried.{{ key }}
            from {{ before }} as carried
            where (
                select count(*)
                from {{ builds }} as builds
                where
                    builds.started_at > (
                        select coalesce(max(good.started_at), '-infinity')
                        from {{ builds }} as good
                        where good.status = 'succeeded' and good.selection is null
                    )
            ) > 1
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
