"""What evidence joins reports, run over the warehouse and the vault."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from hub.linkage.incidents import link_incidents
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, add_version
from linkage.reports import (
    KETTLE,
    KETTLE_AGAIN,
    OTHER_POST,
    PIANO,
    POST,
    Told,
    all_that_is_known,
    incidents,
    put,
)


def test_words_that_fit_two_posts_alike_join_neither(settings: Settings, world: sa.Engine) -> None:
    put(world, [Told(1, KETTLE, POST), Told(2, KETTLE, OTHER_POST), Told(3, KETTLE)])
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1}), frozenset({2}), frozenset({3})}
    states = {(row[2], row[4]) for row in all_that_is_known(world)["pairs"]}
    assert states == {("text", "left out")}


def test_a_stock_phrase_joins_nobody(settings: Settings, world: sa.Engine) -> None:
    """However alike two such texts are: on many days somebody tells the same."""
    phrase = "Somebody posted something hateful about us, I do not want to repeat it."
    put(world, [Told(number, phrase, occurred_on=f"2026-03-{1 + number % 14:02}") for number in range(1, 29)])
    link_incidents(settings, world)
    assert len(incidents(world)) == 28


def test_a_text_that_becomes_common_is_worth_less_where_it_was_told_before(
    settings: Settings, world: sa.Engine
) -> None:
    """Also between reports that are not compared with any of the new ones."""
    first = [Told(number, KETTLE) for number in range(1, 15)]
    put(world, first)
    link_incidents(settings, world)
    before = all_that_is_known(world)
    put(world, [*first, *(Told(20 + number, KETTLE, occurred_on=f"2026-03-{10 + number:02}") for number in range(14))])
    link_incidents(settings, world)
    step_by_step = all_that_is_known(world)
    assert not set(before["pairs"]) & set(step_by_step["pairs"])
    link_incidents(settings, world, full=True)
    assert all_that_is_known(world) == step_by_step


def test_a_police_record_joins_the_report_of_its_victim(settings: Settings, world: sa.Engine) -> None:
    name, birth = "Fernley Moss", "1988-02-29"
    police = Told(2, "", platform=None, victim_name="MOSS, Fernley", victim_birth="1988-02-28")
    earlier = Told(3, PIANO, occurred_on="2026-03-01", victim_name=name, victim_birth=birth)
    put(world, [Told(1, KETTLE, victim_name=name, victim_birth=birth), police, earlier])
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 2}), frozenset({3})}


def test_one_who_reports_twice_is_asked_about(settings: Settings, world: sa.Engine) -> None:
    name, mail = "Ivy Quarrymead", "ivy@example.org"
    spat, paint = "My sister was spat at on the quay.", "Paint was thrown over a shutter."
    again = Told(2, paint, platform=None, reporter_name=name, reporter_email=mail)
    put(world, [Told(1, spat, reporter_name=name, reporter_email=mail), again])
    link_incidents(settings, world)
    assert [(row[2], row[4]) for row in all_that_is_known(world)["pairs"]] == [("victim", "suggested")]


def test_hubs_with_other_keys_find_the_same_incidents_and_pairs(settings: Settings, world: sa.Engine) -> None:
    """More copies of a text than are compared with each other, so that their order decides who is."""
    texts = (KETTLE, KETTLE_AGAIN, PIANO, f"{KETTLE} {PIANO}")
    put(
        world,
        [
            Told(
                number, texts[number % 4], POST if number % 7 == 0 else None, occurred_on=f"2026-03-{1 + number % 3:02}"
            )
            for number in range(1, 60)
        ],
    )
    link_incidents(settings, world)
    before = all_that_is_known(world)
    for version in (2, 3):
        add_version(settings, Purpose.TEXT, version)
        assert link_incidents(settings, world).is_full
        after = all_that_is_known(world)
        assert (after["pairs"], after["incidents"]) == (before["pairs"], before["incidents"])
        of_texts = {row[0] for row in after["keys"] if isinstance(row[0], int) and row[0] > 0}
        assert of_texts
        assert not of_texts & {row[0] for row in before["keys"]}


@pytest.mark.parametrize(
    "disguised",
    [
        KETTLE.replace("o", "\u043e").replace("e", "\u0435"),
        KETTLE.replace("kettle", "k3ttle").replace("picture", "p1cture"),
        KETTLE.replace("kettle", "ket\u200btle").replace("said", "said \U0001f525"),
        KETTLE.replace("kettle", "k e t t l e").replace("lane", "Iane"),
    ],
    ids=["other letters", "digits for letters", "invisible signs", "letters apart"],
)
def test_a_disguised_copy_joins(settings: Settings, world: sa.Engine, disguised: str) -> None:
    put(world, [Told(1, KETTLE, POST), Told(2, disguised, platform=None, occurred_on=None)])
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 2})}


def test_a_reference_in_the_text_is_proof(settings: Settings, world: sa.Engine) -> None:
    told = Told(2, "My first report was GAL-00000001 and nobody has called.", platform=None, victim_birth="1951-07-03")
    put(world, [Told(1, KETTLE, victim_birth="1988-02-29"), told])
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 2})}


def test_another_account_and_other_words_are_another_incident_of_a_thread(settings: Settings, world: sa.Engine) -> None:
    thread = "In the comments on the bus lane in the group of Kettlewell neighbours"
    put(
        world,
        [
            Told(1, f'{thread} @brass_teapot said "may your boiler freeze all winter".'),
            Told(2, f'{thread} @iron_trivet said "nobody asked you to sing here".'),
            Told(3, 'It was @brass_teapot who wrote "may your boiler freeze all winter" about the bus lane.'),
        ],
    )
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 3}), frozenset({2})}


def test_the_victim_of_adjacent_days_is_joined_where_all_else_agrees(settings: Settings, world: sa.Engine) -> None:
    first = Told(1, KETTLE, victim_name="Fernley Moss", victim_birth="1988-02-29", is_online="yes")
    next_day = replace(first, number=2, description="", occurred_on="2026-03-05")
    elsewhere = replace(first, number=3, description="", occurred_on="2026-03-03", platform="facebook")
    put(world, [first, next_day, elsewhere])
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 2}), frozenset({3})}


def test_what_happened_online_is_not_what_happened_to_the_victim_in_the_street(
    settings: Settings, world: sa.Engine
) -> None:
    name = "Fernley Moss"
    first = Told(1, "", platform=None, is_online="yes", victim_name=name)
    for is_online, found in (("yes", {frozenset({1, 2})}), ("no", {frozenset({1}), frozenset({2})})):
        put(world, [first, Told(2, "", platform=None, is_online=is_online, victim_name=name)])
        link_incidents(settings, world)
        assert incidents(world) == found


def test_an_address_is_not_believed_of_one_who_names_another_account_and_other_words(
    settings: Settings, world: sa.Engine
) -> None:
    post = "https://x.com/brass_teapot/status/1234567890"
    put(
        world,
        [
            Told(1, 'It was @brass_teapot who wrote "may your boiler freeze all winter".', post),
            Told(2, 'The account iron_trivet_12 wrote "nobody asked you to sing here".', post),
        ],
    )
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1}), frozenset({2})}


def test_a_victim_with_the_name_of_who_reports_another_incident_is_not_that_for_certain(
    settings: Settings, world: sa.Engine
) -> None:
    name = "Ivy Quarrymead"
    put(world, [Told(1, "", platform=None, victim_name=name), Told(2, PIANO, platform=None, reporter_name=name)])
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1}), frozenset({2})}
