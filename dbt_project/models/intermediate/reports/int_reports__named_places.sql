-- borough_named is the contracts' word for whatever place somebody wrote down: a town, a postcode, a street.
-- A plain table, made again in each build, so that the words of a withdrawn report are gone with the next build.
with named as (
    select distinct borough_named
    from {{ ref('int_reports__all_feeds') }}
    where borough_named is not null
),

-- The whole of it is part 0. The parts are what is between commas, brackets, slashes and bars; where there is none of
-- these, part 1 is the whole again, so that a spelling mistake is looked for in parts alone.
split_up as (
    select
        named.borough_named,
        0 as part_number,
        named.borough_named as part
    from named
    union all
    select
        named.borough_named,
        split_parts.part_number,
        split_parts.part
    from named
    cross join
        lateral regexp_split_to_table(named.borough_named, '[][,;/()|]')
        with ordinality as split_parts (part, part_number)
),

-- Materialised, or a name is made comparable once for each pair of a name and a list entry.
written as materialized (
    select
        borough_named,
        part_number,
        {{ comparable_name('part') }} as written_name
    from split_up
),

parts as materialized (
    select
        borough_named,
        part_number,
        written_name,
        {{ bare_place_name('written_name') }} as bare_name
    from written
    where
        written_name not in ('', 'uk', 'gb', 'united kingdom', 'great britain', 'england', 'wales')
        -- Of 'Bristol, City of' and 'Barnet, London Borough of' the last part is no place.
        and written_name !~ '^(the )?((london|royal|metropolitan|county|city|district|borough|and) )*(of|council)$'
),

-- A force's code begins with the letter of its nation: E, W.
nations as (
    select
        borough_named,
        string_agg(upper(left(substring(written_name from '(?:^| )(england|wales)$'), 1)), '') as nation_letters
    from written
    group by borough_named
),

-- Tried in this order: the name made comparable, that without 'council' and the like, and of a postcode its first half.
-- The first that is listed counts.
matches as (
    select
        parts.borough_named,
        parts.part_number,
        places.force_code,
        places.lad_code,
        places.force_share,
        forms.form_number,
        min(forms.form_number) over (partition by parts.borough_named, parts.part_number) as best_form_number
    from parts
    cross join
        lateral (
            values
            (1, parts.written_name),
            (2, parts.bare_name),
            (3, substring(parts.written_name from '^([a-z]{1,2}[0-9][a-z0-9]?) ?[0-9][a-z]{2}$'))
        ) as forms (form_number, form)
    inner join {{ ref('int_areas__places') }} as places on forms.form = places.written_name
),

best_matches as materialized (
    select
        borough_named,
        part_number,
        force_code,
        lad_code,
        force_share
    from matches
    where form_number = best_form_number
),

unlisted as materialized (
    select parts.*
    from parts
    left join best_matches
        on parts.borough_named = best_matches.borough_named and parts.part_number = best_matches.part_number
    left join {{ ref('places_abroad') }} as abroad on parts.bare_name = abroad.written_name
    where
        best_matches.borough_named is null
        and abroad.written_name is null
        and parts.part_number > 0
        and char_length(parts.bare_name) >= 5
),

-- One letter wrong, missing, too many or exchanged with its neighbour. The place has to be well known, its name at
-- least five letters long, and the first letter right: 'home' is not Hove, nor 'south' Louth. What is right abroad is
-- no slip: 'Finland' is not Fenland.
patterns as (
    select
        unlisted.borough_named,
        unlisted.part_number,
        edits.pattern,
        char_length(edits.pattern) as pattern_length,
        left(unlisted.bare_name, 1) as first_letter
    from unlisted
    cross join lateral generate_series(0, char_length(unlisted.bare_name)) as positions (position)
    cross join
        lateral (
            values (left(unlisted.bare_name, positions.position), substr(unlisted.bare_name, positions.position + 1))
        ) as letters (first_part, last_part)
    cross join
        lateral (
            values
            (letters.first_part || '_' || substr(letters.last_part, 2)),
            (letters.first_part || '_' || letters.last_part),
            (letters.first_part || substr(letters.last_part, 2)),
            (letters.first_part || reverse(left(letters.last_part, 2)) || substr(letters.last_part, 3))
        ) as edits (pattern)
),

well_known as materialized (
    select
        *,
        char_length(written_name) as name_length
    from {{ ref('int_areas__places') }}
    where is_well_known and char_length(written_name) >= 5
),

-- Where places of several forces are called nearly so, nobody knows which was meant.
misspelt as (
    select
        patterns.borough_named,
        patterns.part_number,
        min(well_known.force_code) as force_code,
        case when count(distinct well_known.lad_code) = 1 then min(well_known.lad_code) end as lad_code,
        1 as force_share
    from patterns
    inner join well_known
        on
            patterns.pattern_length = well_known.name_length
            and patterns.first_letter = left(well_known.written_name, 1)
            and well_known.written_name like patterns.pattern
    group by patterns.borough_named, patterns.part_number
    having count(distinct well_known.force_code) = 1
),

known as materialized (
    select * from best_matches
    union all
    select * from misspelt
),

-- The whole where a list has it, else the first part that a list has, if a list has the last part, too: of 'Boston,
-- Massachusetts' nothing is known.
chosen as (
    select
        borough_named,
        min(part_number) as part_number
    from known
    group by borough_named
    having min(part_number) = 0 or max(part_number) = (
        select max(parts.part_number) from parts
        where parts.borough_named = known.borough_named
    )
),

-- What follows decides between places of one name: 'Newport, Isle of Wight', 'Newport, Wales'.
candidates as (
    select
        known.borough_named,
        known.force_code,
        known.lad_code,
        known.force_share,
        coalesce(position(left(known.force_code, 1) in nations.nation_letters) > 0, false)
        or exists (
            select 1 from known as later
            where
                later.borough_named = known.borough_named
                and later.part_number > known.part_number
                and known.part_number > 0
                and later.force_code = known.force_code
        ) as is_supported
    from chosen
    inner join known on chosen.borough_named = known.borough_named and chosen.part_number = known.part_number
    left join nations on known.borough_named = nations.borough_named
),

supported as (
    select
        *,
        bool_or(is_supported) over (partition by borough_named) as has_support
    from candidates
)

select
    borough_named,
    force_code,
    lad_code,
    round(force_share / sum(force_share) over (partition by borough_named), 2) as force_share
from supported
where is_supported or not has_support
