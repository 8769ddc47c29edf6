{% macro keep_statistics(relation) -%}
    {#- What the planner knows of a table that was just written, made anew unless nothing has changed since, or less
        than a twentieth of a large one: a day on a history of a million then pays for the day. The next model reads on
        at once, long before the database would look by itself. -#}
    do $statistics$
    begin
        if (
            select
                known.reltuples < 0
                or (changed.count_rows > 0 and known.reltuples < 50000)
                or known.reltuples < 20 * changed.count_rows
            from pg_class as known
            cross join lateral (
                select
                    pg_stat_get_mod_since_analyze(known.oid)
                    + pg_stat_get_xact_tuples_inserted(known.oid)
                    + pg_stat_get_xact_tuples_updated(known.oid)
                    + pg_stat_get_xact_tuples_deleted(known.oid) as count_rows
            ) as changed
            where known.oid = '{{ relation }}'::regclass
        ) then
            analyze {{ relation }};
        end if;
    end
    $statistics$
{%- endmacro %}
