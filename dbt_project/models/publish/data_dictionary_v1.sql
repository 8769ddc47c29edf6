-- Reads the database's own comments: when it is published, all other relations of the build have theirs. The
-- schema `candidate` is what becomes `publish`.

with simulated as (
    select coalesce(sum(count_rows_simulated), 0) > 0 as holds_samples from {{ ref('agg_feed_freshness') }}
),

relations as (
    select
        relations.oid,
        relations.relname as relation_name,
        case namespaces.nspname when 'candidate' then 'publish' else namespaces.nspname end as schema_name
    from pg_catalog.pg_class as relations
    inner join pg_catalog.pg_namespace as namespaces on relations.relnamespace = namespaces.oid
    where
        namespaces.nspname in ('candidate', 'marts')
        and relations.relkind in ('r', 'v')
        -- While a build runs, dbt's half-finished relations are beside the real ones.
        and relations.relname not like '%\_\_dbt\_%'
),

columns as (
    select
        relations.schema_name,
        relations.relation_name,
        cast(attributes.attname as text) as column_name,
        cast(attributes.attnum as integer) as column_position,
        pg_catalog.format_type(attributes.atttypid, attributes.atttypmod) as data_type,
        pg_catalog.col_description(relations.oid, attributes.attnum) as column_description,
        -- As publishing says it in the comment of each view.
        pg_catalog.obj_description(relations.oid, 'pg_class')
        || case when simulated.holds_samples then ' This hub holds simulated samples.' else '' end
            as relation_description
    from relations
    cross join simulated
    inner join pg_catalog.pg_attribute as attributes on relations.oid = attributes.attrelid
    where attributes.attnum > 0 and not attributes.attisdropped
),

-- Publishing puts these behind every published relation's own columns.
stamps as (
    select
        columns.schema_name,
        columns.relation_name,
        stamp.column_name,
        max(columns.column_position) + stamp.place as column_position,
        stamp.data_type,
        stamp.column_description,
        max(columns.relation_description) as relation_description
    from columns
    cross join
        (
            values
            ('publish_id', 1, 'bigint', 'The publish that this row is part of; higher is later.'),
            ('data_as_of', 2, 'timestamp with time zone', 'Load of the latest delivery that this row can rest on.'),
            ('published_at', 3, 'timestamp with time zone', 'When the publish began; it is seen once it is checked.')
        ) as stamp (column_name, place, data_type, column_description)
    where columns.schema_name = 'publish'
    group by
        columns.schema_name,
        columns.relation_name,
        stamp.column_name,
        stamp.place,
        stamp.data_type,
        stamp.column_description
)

select
    schema_name,
    cast(relation_name as text) as relation_name,
    column_name,
    column_position,
    data_type,
    column_description,
    relation_description
from columns
union all
select
    schema_name,
    cast(relation_name as text) as relation_name,
    column_name,
    column_position,
    data_type,
    column_description,
    relation_description
from stamps
