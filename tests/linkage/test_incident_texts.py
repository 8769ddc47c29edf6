"""What the texts of two reports are worth beside each other."""

from hub.linkage.incidents.accounts import compare_quotes, read_account
from hub.linkage.incidents.evidence import score_pair
from hub.linkage.incidents.statements import Person, ReportRecord, read_person
from hub.linkage.incidents.text_evidence import Shared, compare_texts
from hub.linkage.incidents.texts import undisguised_text

RARE = Shared(word_bits=30.0, phrase_bits=40.0, words=8.0)
STORY = 'On the Larkmere board somebody wrote "{}". The caretaker noted it after the flower show.'
KETTLE = "oi [slur], your kettle whistles a hymn, tick tock"
LANTERN = "hey [slur], you hang lanterns in our lane. your kettle whistles a hymn, we have your number plate"


def report(text: str, victim: Person | None = None, day: int = 20_000) -> ReportRecord:
    plain, account = undisguised_text(text), read_account(text)
    return ReportRecord("a", "d", 1, 0, day, is_day_known=True, text=plain, account=account, victim=victim)


def worth(one: str, other: str, *, is_copy: bool = False) -> float:
    return compare_texts(report(one), report(other), RARE, told=0.0, is_copy=is_copy)[1]


def quotes(one: str, other: str) -> str | None:
    first, second = (read_account(f'It said "{text}"') for text in (one, other))
    return compare_quotes(first, second, one, other)


def test_a_phrase_that_two_quotes_share_is_not_the_same_quote() -> None:
    assert quotes(KETTLE, KETTLE) == "the same words are quoted"
    assert quotes(KETTLE, KETTLE[: len(KETTLE) - 11]) == "the same words are quoted"
    assert quotes(KETTLE, LANTERN) in ("some of the same words are quoted", "other words are quoted")


def test_words_of_two_quotes_that_differ_are_not_counted_again_as_telling_words() -> None:
    assert worth(f'It said "{KETTLE}"', f'I read "{LANTERN}"') < 0
    assert worth(STORY.format(KETTLE), STORY.format(LANTERN)) > 0


def test_the_same_words_of_another_account_are_a_copy_and_worth_little() -> None:
    text = STORY.format(KETTLE)
    assert worth(text, text, is_copy=True) < 4 < worth(text, text)


def test_the_same_story_around_a_quote_is_worth_more_than_the_quote_alone() -> None:
    assert worth(STORY.format(KETTLE), STORY.format(KETTLE)) > worth(f'"{KETTLE}"', f'"{KETTLE}"')


def test_a_name_in_a_text_is_that_of_a_victim_only_where_its_words_are_together() -> None:
    victim = read_person("Rosalind Umberwick")
    record = report("", victim)
    together = report("They shouted at Rosalind Umberwick outside the bakery.")
    apart = report("Umberwick Residents had the flower show, and further down a woman called Rosalind wrote it.")
    named, unnamed = (score_pair(record, other, Shared()) for other in (together, apart))
    assert named is not None
    assert "named" in {one.subject for one in named.weights}
    assert unnamed is None


def test_days_of_one_victim_that_differ_are_a_slip_where_both_reports_tell_one_story() -> None:
    victim, text = read_person("Rosalind Umberwick", "1990-02-07"), STORY.format(KETTLE)
    again = score_pair(report(text, victim), report(text, victim, day=20_002), RARE)
    other = score_pair(report(text, victim), report("They shouted by the quay.", victim, day=20_001), Shared())
    assert again is not None
    assert {one.level: one.weight for one in again.weights}["two or three days apart"] == -2.0
    assert other is None or {one.level: one.weight for one in other.weights}["a day apart"] == 0.0
