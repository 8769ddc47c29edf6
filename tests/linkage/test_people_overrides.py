"""What people decide about mentions is followed, or refused with the reason."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hub.linkage.overrides import OverrideRefused
from hub.linkage.people import link_people
from hub.linkage.people.review import list_review, remove_override, set_override
from hub.settings import Settings
from linkage.mentions import ZOE, are_one, mention_of, table, tell

LIAM = {"name": "Liam Umberwick", "phone": "07700 900777"}
THREE = ({"name": "Ann Ash"}, {"name": "Bo Birch"}, {"name": "Cy Cedar"})


def decide(
    engine: sa.Engine, one: str, other: str, *, is_together: bool, because: str = "asked them", decided_by: str = "me"
) -> None:
    both = (uuid.UUID(one), uuid.UUID(other))
    set_override(engine, both, is_together=is_together, because=because, decided_by=decided_by)


def linked(settings: Settings, engine: sa.Engine, *victims: dict[str, str]) -> list[str]:
    for number, victim in enumerate(victims):
        tell(engine, number, victim)
    link_people(settings, engine)
    return [mention_of(number) for number in range(len(victims))]


def test_a_decision_about_a_mention_that_says_nothing_of_a_person_is_refused(
    settings: Settings, engine: sa.Engine
) -> None:
    known, unknown = linked(settings, engine, ZOE, {"name": "Unknown"})
    for is_together in (True, False):
        with pytest.raises(OverrideRefused, match=f"{unknown} gives no name"):
            decide(engine, known, unknown, is_together=is_together)
    assert table(engine, "person_overrides") == []


def test_a_decision_that_contradicts_others_or_gives_no_reason_is_refused(
    settings: Settings, engine: sa.Engine
) -> None:
    ann, bo, cy = linked(settings, engine, *THREE)
    with pytest.raises(OverrideRefused, match="reason"):
        decide(engine, ann, bo, is_together=True, because="  ")
    decide(engine, ann, bo, is_together=False)
    decide(engine, ann, cy, is_together=True)
    with pytest.raises(OverrideRefused, match=r"cannot-link.*hub people unpin"):
        decide(engine, bo, cy, is_together=True)
    remove_override(engine, (uuid.UUID(bo), uuid.UUID(ann)))
    decide(engine, bo, cy, is_together=True)
    with pytest.raises(OverrideRefused, match=r"must-links.*hub people unpin"):
        decide(engine, ann, bo, is_together=False)
    link_people(settings, engine)
    assert are_one(engine, ann, bo, cy)


def test_of_decisions_that_contradict_each_other_the_latest_is_followed(settings: Settings, engine: sa.Engine) -> None:
    """As they could be made once, or come to be where a mention's id changes."""
    mentions = linked(settings, engine, *THREE)
    for other in range(3):
        one, another = (mention for place, mention in enumerate(mentions) if place != other)
        pairs = [((one, another), False), ((one, mentions[other]), True), ((another, mentions[other]), True)]
        with engine.begin() as connection:
            connection.execute(sa.text("delete from linkage.person_overrides"))
            for number, (pair, is_together) in enumerate(pairs):
                connection.execute(
                    sa.text("insert into linkage.person_overrides values (:one, :other, :is_together, 'x', 'x', :at)"),
                    {
                        "one": min(pair),
                        "other": max(pair),
                        "is_together": is_together,
                        "at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
                    },
                )
        link_people(settings, engine)
        assert are_one(engine, another, mentions[other])
        assert not are_one(engine, one, another)


def test_people_who_are_decided_to_be_one_are_one_though_their_report_says_two(
    settings: Settings, engine: sa.Engine
) -> None:
    tell(engine, 1, ZOE, LIAM, is_same=False)
    tell(engine, 2, {"name": "Robert Oakendale"})
    link_people(settings, engine)
    victim, reporter, other = mention_of(1), mention_of(1, "reporter"), mention_of(2)
    assert not are_one(engine, victim, reporter)
    decide(engine, victim, other, is_together=True)
    decide(engine, other, reporter, is_together=True)
    link_people(settings, engine)
    assert are_one(engine, victim, reporter, other)


def test_a_reporter_who_is_the_victim_cannot_be_parted(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ZOE, {"name": ZOE["name"], "phone": ZOE["phone"]}, is_same=True)
    link_people(settings, engine)
    with pytest.raises(OverrideRefused, match="correct the report"):
        decide(engine, mention_of(1), mention_of(1, "reporter"), is_together=False)


def test_persons_about_whom_something_is_decided_are_asked_about_no_more(settings: Settings, engine: sa.Engine) -> None:
    one, again, like = linked(settings, engine, ZOE, ZOE, {"name": "Z. Alderbourne", "phone": ZOE["phone"]})
    (asked,) = list_review(settings, engine, limit=9)
    not_asked = ({one, again} - {asked.mention_a, asked.mention_b}).pop()
    decide(engine, not_asked, like, is_together=False)
    assert list_review(settings, engine, limit=9) == []


def test_a_decision_about_a_victim_and_one_about_the_same_person_as_reporter_cannot_contradict_each_other(
    settings: Settings, engine: sa.Engine
) -> None:
    tell(engine, 1, ZOE, {"name": ZOE["name"], "phone": ZOE["phone"]}, is_same=True)
    tell(engine, 2, {"name": "Robert Oakendale"})
    link_people(settings, engine)
    decide(engine, mention_of(1), mention_of(2), is_together=True)
    with pytest.raises(OverrideRefused, match="must-links"):
        decide(engine, mention_of(1, "reporter"), mention_of(2), is_together=False)
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2))
