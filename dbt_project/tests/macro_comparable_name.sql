-- so that a borough is found however people write it, and two boroughs are never made one
{{ config(tags=['macro']) }}

with examples (delivered, expected) as (
    values
    ('  Hammersmith & Fulham ', 'hammersmith and fulham'),
    ('HAMMERSMITH and FULHAM', 'hammersmith and fulham'),
    ('King''s Lynn and West Norfolk', 'kings lynn and west norfolk'),
    ('King’s Lynn and West Norfolk', 'kings lynn and west norfolk'),
    ('Bristol, City of', 'bristol city of'),
    ('Stoke-on-Trent', 'stoke on trent'),
    ('Ynys Môn', 'ynys mon'),
    ('YNYS MÔN', 'ynys mon'),
    ('Škoda Größe', 'skoda große'),
    ('Скай', 'скаи'),
    ('Αγορά', 'αγορα'),
    ('微博', '微博'),
    ('Bristol–City_of', 'bristol city of'),
    ('---', ''),
    (null, null)
)

select *
from examples
where {{ comparable_name('delivered') }} is distinct from expected
