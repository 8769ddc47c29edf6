"""Places that the texts of reports name."""

import uuid

import pytest
import sqlalchemy as sa

from hub.linkage.places import read_text_places
from hub.linkage.places.names import PlaceNames
from hub.linkage.tables import REPORT_TEXT_PLACES
from hub.settings import Settings
from linkage.reports import Told, put

NAMES = PlaceNames(
    {
        "bath": ["E06000022"],
        "bath and north east somerset": ["E06000022"],
        "north east": ["E00000001"],
        "newport": ["W06000022", "E06000046"],
        "st helens": ["E08000013"],
        "ynys mon": ["W06000001"],
        "ely": ["E07000008"],
        "reading": ["E06000038"],
        "march": ["E07000010"],
        "leeds": ["E08000035"],
        "kings lynn": ["E07000146"],
    }
)
LATER = uuid.UUID(int=8)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("On Bath Dog Walkers somebody had shared this.", {"E06000022"}),
        ("the page newport dog walkers had a lost cat", {"W06000022", "E06000046"}),
        ("THE PAGE NEWPORT DOG WALKERS", {"W06000022", "E06000046"}),
        ("On the page Reading Dog Walkers.", {"E06000038"}),
        ("It was said in Reading. Then in Leeds.", {"E06000038", "E08000035"}),
        ("the page bath dog walkers had a lost cat", set()),
        ("i was reading the comments and felt sick", set()),
        ("I WAS READING THE COMMENTS", set()),
        ("I felt sick. Reading this was too much.", set()),
        ("On 3 March 2026 he wrote this.", set()),
        ("In the group March Spotted.", {"E07000010"}),
        ("I'm from Leeds and saw this post.", set()),
        ("He lived here. Bath is not Newport.", {"W06000022", "E06000046"}),
        ("I lived there. Leeds Chat is the page.", {"E08000035"}),
        ("It was in Ynys Mo\u0302n, and in King\u2018s Lynn.", {"W06000001", "E07000146"}),
        ("This was in the group Bath & North East Somerset Spotted.", {"E06000022"}),
        ("They shouted it near St. Helens, and in Ynys Môn.", {"E08000013", "W06000001"}),
        ("They shouted it near St Helen's market.", {"E08000013"}),
        ("It was said in Newport.", {"W06000022", "E06000046"}),
        ("He took a bath.", set()),
        ("I live in Bath and saw this post.", set()),
        ("We are based near Bath. The page is Newport Chat.", {"W06000022", "E06000046"}),
        ("It was in Ely.", set()),
        ("", set()),
    ],
)
def test_a_text_names_the_places_of_the_lists_and_not_where_its_writer_lives(text: str, found: set[str]) -> None:
    assert NAMES.in_text(text) == found


@pytest.fixture
def listed(world: sa.Engine) -> sa.Engine:
    """The warehouse with a list of places: Bath and a town that two authorities have."""
    with world.begin() as connection:
        connection.execute(sa.text("create table intermediate.int_areas__places (written_name text, lad_code text)"))
        connection.execute(
            sa.text("""
                insert into intermediate.int_areas__places
                values ('bath', 'E06000022'), ('newport', 'W06000022'), ('newport', 'E06000046'), ('somerset', null)
            """)
        )
    return world


def test_the_texts_of_reports_that_name_a_borough_and_no_victim_are_read(settings: Settings, listed: sa.Engine) -> None:
    put(
        listed,
        [
            Told(1, "On the page Newport Chat, in Somerset.", borough="Newport"),
            Told(2, "On the page Bath Chat.", borough="Newport"),
            Told(3, "On the page Bath Chat."),
            Told(4, "On the page Bath Chat.", borough="Bath", victim_name="Somebody Named"),
            Told(5, "On a street in Bath.", borough="Bath", is_online="no"),
            Told(6, "On the page Bath Chat.", borough="Bath", is_online=None),
        ],
    )
    read_text_places(settings, listed, full=True)
    assert _kept(listed) == {(1, "E06000046"), (1, "W06000022"), (2, "E06000022"), (6, "E06000022")}


def test_a_later_run_reads_the_new_deliveries_alone(settings: Settings, listed: sa.Engine) -> None:
    first = [Told(1, "On Bath Chat.", borough="Bath"), Told(2, "On Newport Chat.", borough="Bath")]
    put(listed, first)
    read_text_places(settings, listed, full=True)
    corrected = Told(2, "On Bath Chat.", borough="Bath", delivery=LATER)
    put(listed, [first[0], corrected])
    assert read_text_places(settings, listed, deliveries=[LATER]) == 1
    assert _kept(listed) == {(1, "E06000022"), (2, "E06000022")}
    assert read_text_places(settings, listed, deliveries=[LATER]) == 0


def test_a_report_that_is_gone_is_forgotten_by_a_full_run(settings: Settings, listed: sa.Engine) -> None:
    put(listed, [Told(1, "On Bath Chat.", borough="Bath")])
    read_text_places(settings, listed, full=True)
    put(listed, [])
    read_text_places(settings, listed, full=True)
    assert _kept(listed) == set()


def _kept(engine: sa.Engine) -> set[tuple[int, str]]:
    columns = REPORT_TEXT_PLACES.c
    with engine.connect() as connection:
        rows = connection.execute(sa.select(columns.report_id, columns.lad_code)).all()
    return {(row.report_id.int // 7919, row.lad_code) for row in rows}
