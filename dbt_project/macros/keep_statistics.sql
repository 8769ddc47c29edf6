{% macro keep_statistics(relation) -%}
    {#- What the planner knows of a table that was just written, made anew unless less than a twentieth of a large one
        has changed since: a day on a history of a million then pays for the day. The next model reads on at once, long
        before the database would look by itself. -#}
    do $statistics$
    begin
        if (
            select
                reltuples < 200000
                or reltuples < 20 * (
                    pg_stat_get_mod_since_analyze(oid)
                    + pg_stat_get_xact_tuples_inserted(oid)
                    + pg_stat_get_xact_tuples_updated(oid)
                    + pg_stat_get_xact_tuples_deleted(oid)
                )
            from pg_class
            where oid = '{{ relation }}'::regclass
        ) then
            analyze {{ relation }};
        end if;
    end
    $statistics$
{%- endmacro %}
