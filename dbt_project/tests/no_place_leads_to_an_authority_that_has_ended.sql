-- so that what is reported of a place counts for the authority that is there now
select
    places.written_name,
    places.lad_code
from {{ ref('int_areas__places') }} as places
inner join {{ ref('local_authorities') }} as authorities on places.lad_code = authorities.lad_code
where authorities.ended_on < current_date
