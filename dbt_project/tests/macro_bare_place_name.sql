{{ config(tags=['macro']) }}

-- so that a place is known by whatever its council is called.
with names as (
    select
        delivered,
        expected
    from (
        values
        ('leeds city council', 'leeds'),
        ('royal borough of greenwich', 'greenwich'),
        ('london borough of barking and dagenham', 'barking and dagenham'),
        ('metropolitan borough council of wirral', 'wirral'),
        ('the city and county of swansea', 'swansea'),
        ('lb hackney', 'hackney'),
        ('royal leamington spa', 'leamington spa'),
        ('cyngor sir gwynedd', 'gwynedd'),
        ('cyngor gwynedd', 'gwynedd'),
        ('bedford council area', 'bedford'),
        ('isle of wight', 'isle of wight'),
        ('county durham', 'county durham'),
        ('forest of dean district council', 'forest of dean'),
        ('london', 'london')
    ) as examples (delivered, expected)
)

select *
from names
where {{ bare_place_name('delivered') }} is distinct from expected
