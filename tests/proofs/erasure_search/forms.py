"""Names, numbers, addresses and days in one form each, and all that a text holds of them."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

TITLES = frozenset({"dr", "mr", "mrs", "ms", "miss", "mx", "prof", "rev", "sir", "pc", "ds", "dc", "sgt"})
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MOST_WORDS_OF_A_NAME = 4
WORD = re.compile(r"[^\W\d_]+")
EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
TELEPHONE = re.compile(r"(?<!\w)\+?[\d(][\d\s().\-/]{7,24}\d(?!\w)")
POSTCODE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{1,2}\d[A-Za-z\d]?)[ \-]{0,2}(\d[A-Za-z]{2})(?![A-Za-z0-9])")
HANDLE = re.compile(r"(?<!\w)@?(\w[\w.-]{6,}\w)(?!\w)")
DAYS = (
    re.compile(r"(?<!\d)(?P<year>\d{4})[-/. ]?(?P<month>\d{2})[-/. ]?(?P<day>\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2})[-/. ](?P<year>\d{4})(?!\d)"),
    re.compile(r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[A-Za-z]{3,9})[ -](?P<year>\d{4})(?!\d)"),
)

Name = frozenset[str]


def name_of(text: str) -> Name:
    """The words of a full name in no order, without titles, accents and case; empty where there is one word only."""
    words = frozenset(words_of(text)) - TITLES
    return words if len(words) > 1 else frozenset()


def email_of(text: str) -> str:
    """An e-mail address without case; empty where it is none."""
    found = EMAIL.search(text)
    return found[0].casefold() if found else ""


def telephone_of(text: str) -> str:
    """The significant digits of a number, without country code and leading zero; empty where there are too few."""
    digits = re.sub(r"\D", "", text).removeprefix("00")
    national = digits.removeprefix("44").lstrip("0")
    return national if len(national) >= 9 else ""


def postcode_of(text: str) -> str:
    """A postcode in capitals without a blank; empty where it is none."""
    found = POSTCODE.search(text)
    return f"{found[1]}{found[2]}".upper() if found else ""


def day_of(text: str) -> str:
    """The first day in a text, as ISO says it; empty where there is none."""
    return next(days_in(text), "")


def handle_of(text: str) -> str:
    """An account's handle without case and ``@``; empty where it has fewer than eight characters."""
    plain = text.strip().removeprefix("@").casefold()
    return plain if len(plain) >= 8 else ""


def words_of(text: str) -> list[str]:
    """The words of a text, without accents and case."""
    return WORD.findall(without_accents(text).casefold())


def without_accents(text: str) -> str:
    """A text with plain letters for those that have accents."""
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def names_in(text: str, words_wanted: frozenset[str]) -> Iterator[Name]:
    """Neighbouring words of a text that can be a name, where each is one of ``words_wanted``."""
    words = [word for word in words_of(text) if word not in TITLES]
    for start, word in enumerate(words):
        if word not in words_wanted:
            continue
        for end in range(start + 2, start + MOST_WORDS_OF_A_NAME + 1):
            if end > len(words) or words[end - 1] not in words_wanted:
                break
            yield frozenset(words[start:end])


def emails_in(text: str) -> Iterator[str]:
    """All e-mail addresses in a text."""
    if "@" in text:
        for found in EMAIL.finditer(text):
            yield found[0].casefold()


def telephones_in(text: str, lengths: frozenset[int]) -> Iterator[str]:
    """What can be the significant digits of a number of one of these lengths, behind a country code, plus or zero."""
    for found in TELEPHONE.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        for start in range(len(digits)):
            if digits[:start].endswith(("0", "44")) or (start == 0 and found[0].startswith("+")):
                for length in lengths:
                    if start + length <= len(digits):
                        yield digits[start : start + length]


def postcodes_in(text: str) -> Iterator[str]:
    """All postcodes in a text."""
    for found in POSTCODE.finditer(text):
        yield f"{found[1]}{found[2]}".upper()


def days_in(text: str) -> Iterator[str]:
    """All days in a text, whatever way they are written; of numbers before a year, the first is the day."""
    for form in DAYS:
        for found in form.finditer(text):
            month = found["month"]
            number = int(month) if month.isdigit() else MONTHS.index(month[:3].lower()) + 1 if _is_month(month) else 0
            try:
                yield date(int(found["year"]), number, int(found["day"])).isoformat()
            except ValueError:
                continue


def handles_in(text: str) -> Iterator[str]:
    """What can be an account's handle in a text."""
    for found in HANDLE.finditer(text):
        yield found[1].casefold()


def _is_month(word: str) -> bool:
    return word[:3].lower() in MONTHS
