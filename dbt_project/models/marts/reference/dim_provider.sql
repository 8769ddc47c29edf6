-- Platforms that reports can name, and providers that have sent a statement under a name that is not among them. Of
-- many statements there are few names: each is looked up as the next one after the last.
with recursive replaced as (
    select record_hash from {{ ref('int_statements__versions') }}
    where not is_newest
),

stated_names as (
    (
        select platform_name from {{ ref('stg_provider_statements') }}
        where record_hash not in (select replaced.record_hash from replaced)
        order by platform_name asc
        limit 1
    )
    union all
    select (
        select further.platform_name
        from {{ ref('stg_provider_statements') }} as further
        where
            further.platform_name > stated_names.platform_name
            and further.record_hash not in (select replaced.record_hash from replaced)
        order by further.platform_name asc
        limit 1
    ) as platform_name
    from stated_names
    where stated_names.platform_name is not null
),

every_name as (
    select platform_name from stated_names
    where platform_name is not null
    union
    select platform_name from {{ ref('int_statements__archived') }}
),

known as (
    select
        provider_code,
        provider_name,
        {{ comparable_name('provider_name') }} as written_name,
        provider_kind,
        company,
        true as is_known
    from {{ ref('platforms') }}
),

stated as (
    select
        {{ comparable_name('every_name.platform_name') }} as written_name,
        min(every_name.platform_name) as provider_name
    from every_name
    group by {{ comparable_name('every_name.platform_name') }}
),

unknown_before as (
    select
        'named_' || replace(stated.written_name, ' ', '_') as provider_code,
        stated.provider_name,
        stated.written_name,
        'not_classified' as provider_kind,
        cast(null as text) as company,
        false as is_known
    from stated
    left join known on stated.written_name = known.written_name
    where known.provider_code is null
)

select * from known
union all
select * from unknown_before
