"""What goes wrong in single cells: tables, forms and people spoil them, and each rule that then breaks is named.

A rule that begins with a dot is one of the column's own: ``.type`` of ``occurred_on`` is ``occurred_on.type``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from proofs.second_world.sent import Record

type Written = str | Callable[[str], str]
"""What is in the cell instead: a text, or made from the right one."""

DATES = ["occurred_on", "occurred_to_on", "outcome_on", "victim_date_of_birth", "content_date", "application_date"]
TIMES = ["reported_at", "recorded_at", "happened_at", "changed_at", "reported_to_platform_at"]
YES_NO = [
    "is_anonymous",
    "reporter_is_victim",
    "is_online",
    "is_threat_to_life",
    "is_criminal_in_view",
    "consent_share_police",
    "consent_share_anonymised",
    "consent_refer_support",
    "consent_contact",
]
CODES = [
    "platform",
    "force_named",
    "force_code",
    "offence_code",
    "outcome_code",
    "action",
    "kind",
    "service_code",
    "closing_reason",
    "body_code",
    "provider_code",
    "referral_route",
    "source_type",
    "category",
    "decision_ground",
    "automated_decision",
]
OWN_KEYS = ("report_ref", "case_ref", "response_ref", "event_ref", "crime_reference", "uuid")
CODE_RULES = (".known", ".recording", ".home_office", "*.only_*", "*.given")
"""Where a code decides what else may be given, that rule breaks with it."""
ORDER_RULES = (".range", "*.afterwards", "*.before_*")
PHONES, EMAILS = ("reporter_phone", "victim_phone"), ("reporter_email", "victim_email")


@dataclass(frozen=True)
class CellDirt:
    """A kind of dirt in one cell. Without rules it is odd, and must be accepted."""

    kind: str
    columns: tuple[str, ...]
    written: tuple[Written, ...]
    rules: tuple[str, ...] = ()


def _swap_case(text: str) -> str:
    return text.swapcase()


def _capital(text: str) -> str:
    return text.capitalize() if text != text.capitalize() else text.swapcase()


def _slashes(text: str) -> str:
    return date.fromisoformat(text[:10]).strftime("%d/%m/%Y")


def _serial(text: str) -> str:
    return str((date.fromisoformat(text[:10]) - date(1899, 12, 30)).days)


def _double_encoded(text: str) -> str:
    return text.encode().decode("cp1252", errors="replace")


KINDS = [
    CellDirt("a date as a sheet shows it", tuple(DATES), (_slashes, "3-Oct-26", "Saturday", "2026/10/03"), (".type",)),
    CellDirt("a date as a sheet counts it", tuple(DATES), (_serial, lambda text: f"{_serial(text)}.0"), (".type",)),
    CellDirt("a day that is none", tuple(DATES), ("2026-02-30", "2025-02-29", "0000-00-00", "1900-01-00"), (".type",)),
    CellDirt(
        "a date with a time", tuple(DATES), (lambda text: f"{text} 00:00:00", lambda text: f"{text}T00:00"), (".type",)
    ),
    CellDirt("two dates", tuple(DATES), (lambda text: f"{text} or {text}", lambda text: f"about {text}"), (".type",)),
    CellDirt("a year of two digits", tuple(DATES), (lambda text: text[2:],), (".type",)),
    CellDirt("a sheet's day nought", ("occurred_on", "victim_date_of_birth"), ("1899-12-30",), (".range",)),
    CellDirt("a time without an offset", tuple(TIMES), (lambda text: text[:19],), (".type",)),
    CellDirt("a time as a sheet shows it", tuple(TIMES), (lambda text: f"{_slashes(text)} {text[11:16]}",), (".type",)),
    CellDirt("a time in parts of a day", tuple(TIMES), (lambda text: f"{_serial(text)}.38541",), (".type",)),
    CellDirt("the hour of twelve", tuple(TIMES), (lambda text: f"{text[:11]}09:15 PM",), (".type",)),
    CellDirt("an hour past midnight", tuple(TIMES), (lambda text: f"{text[:11]}24:30:00Z",), (".type",)),
    CellDirt(
        "an offset by name",
        tuple(TIMES),
        (lambda text: f"{text[:19]} BST", lambda text: f"{text[:19]} GMT+1"),
        (".type",),
    ),
    CellDirt("seconds since 1970", tuple(TIMES), ("1790842500", "1790842500000"), (".type",)),
    CellDirt("a clock that was never set", tuple(TIMES), ("1970-01-01T00:00:00Z", "1904-01-01T00:00:00Z"), ORDER_RULES),
    CellDirt("a placeholder in a time", (*DATES, *TIMES), ("n/a", "-", "unknown", "NULL", "TBC"), (".type",)),
    CellDirt("a code in another case", tuple(CODES), (_swap_case,), CODE_RULES),
    CellDirt("an answer in another case", tuple(YES_NO), (_capital, str.upper), (".known",)),
    CellDirt("another answer", tuple(YES_NO), ("Y", "1", "0", "TRUE", "ja", "ie", "not sure", "yes/no"), (".known",)),
    CellDirt("a placeholder in a code", (*CODES, *YES_NO), ("n/a", "-", "?", "NULL", "none", "see above"), CODE_RULES),
    CellDirt("a code as a number", ("outcome_code",), ("1.0", "1,0", "08", "99", "1e0"), CODE_RULES),
    CellDirt(
        "strands joined otherwise", ("strands",), ("race, religion", "race;religion", "race/religion"), (".known",)
    ),
    CellDirt(
        "strands by other words", ("strands",), ("Race", "LGBT+", "anti-Muslim", "faith", "sex", "age"), (".known",)
    ),
    CellDirt("a bar too many", ("strands",), ("race|", "|religion", "race||religion"), (".known",)),
    CellDirt("a number of zeros", PHONES, ("00000000000", "0000 000 0000", "0"), (".format",)),
    CellDirt("a number in powers of ten", PHONES, ("7.7009E+09", "4.47701E+11"), (".format",)),
    CellDirt("words for a number", PHONES, ("n/a", "-", "ask me", "same as above", "ex-directory"), (".format",)),
    CellDirt(
        "no address", EMAILS, ("n/a", "none", "-", "robin@", "@example.org", "robin at example.org"), (".format",)
    ),
    CellDirt("two addresses", EMAILS, ("a@example.org; b@example.org", "a@@example.org"), (".format",)),
    CellDirt(
        "an impossible postcode", ("victim_postcode",), ("ZZ99 9ZZ", "QX1 1AA", "NI 9GU", "12345", "M1"), (".format",)
    ),
    CellDirt("letters read as digits", ("victim_postcode",), ("M1 lAE", "LS6 ZAB"), (".format",)),
    CellDirt("words for a postcode", ("victim_postcode",), ("unknown", "no fixed abode", "-"), (".format",)),
    CellDirt("no district", ("offence_postcode_district",), ("n/a", "Leeds", "QQ1", "-"), (".format",)),
    CellDirt(
        "no small area", ("offence_lsoa_code",), ("Leeds 014B", "E0101126", "X01011264", "E05001234", "-"), (".format",)
    ),
    CellDirt(
        "no address of a page",
        ("content_url",),
        ("www.example.org/p/1", "n/a", "hxxps://wall.example.org/1"),
        (".pattern",),
    ),
    CellDirt("two addresses of pages", ("content_url",), (lambda text: f"{text} and {text}",), (".pattern",)),
    CellDirt("a key that overflows", OWN_KEYS, (lambda text: f"{text}{'0' * 60}",), (".pattern",)),
    CellDirt("a key in powers of ten", OWN_KEYS, ("4.00E+06", "1.2E+07"), (".pattern",)),
    CellDirt(
        "a key in small letters", ("report_ref", "case_ref", "response_ref", "event_ref"), (str.lower,), (".pattern",)
    ),
    CellDirt(
        "a key with underscores", OWN_KEYS, (lambda text: text.replace("-", "_").replace("/", "_"),), (".pattern",)
    ),
    CellDirt("no key", OWN_KEYS, ("", "   "), (".required", ".pattern")),
    CellDirt(
        "a reference by heart", ("incident_ref",), ("tv-00000001", "the one from Monday", "TV 00001"), (".pattern",)
    ),
    CellDirt(
        "a hub reference by heart", ("hub_reference",), ("the one you sent", "tv-00000001", "TV-1"), (".pattern",)
    ),
    CellDirt("blanks for a story", ("description",), (" ", "    ", "\t"), (".required",)),
    CellDirt("a story without end", ("description",), (lambda text: text * 80,), (".length",)),
    CellDirt("a name that is a letter", ("victim_name", "reporter_name"), (lambda text: text * 60,), (".length",)),
    # What is only odd
    CellDirt("encoded twice", ("description", "borough_named"), (_double_encoded, lambda text: f"{text} â€“ Ã©")),
    CellDirt("entities", ("description", "victim_name"), (lambda text: f"{text} &amp;#39;&lt;b&gt;&nbsp;",)),
    CellDirt(
        "typographic quotes", ("description",), (lambda text: f"\u201c{text}\u201d \u2013 \u2018yes\u2019 \u2026",)
    ),
    CellDirt("emoji", ("description", "victim_name"), (lambda text: f"{text} 😡🏳️‍🌈👨‍👩‍👧",)),
    CellDirt(
        "lines in a story", ("description",), (lambda text: text.replace(". ", ".\n\n"), lambda text: f'"{text}"\n--\n')
    ),
    CellDirt("blanks that do not break", ("description",), (lambda text: text.replace(" ", "\u00a0"),)),
    CellDirt("controls in a story", ("description",), (lambda text: f"{text}\x0b\x1f\x7f\u0085",)),
    CellDirt(
        "from right to left", ("description",), (lambda text: f"\u202e{text}\u202c שלום", lambda text: f"{text} سلام")
    ),
    CellDirt(
        "a formula", ("description", "borough_named"), ('=HYPERLINK("https://example.org")', "+44", "@home", "-1")
    ),
    CellDirt(
        "a placeholder in words", ("description", "borough_named", "victim_name"), ("n/a", "-", "NULL", "nan", ".")
    ),
    CellDirt("as long as may be", ("description",), (lambda text: (text * 80)[:4000].strip().ljust(4000, "!"),)),
    CellDirt("blanks for nothing", ("borough_named", "content_url", "offence_lsoa_code"), (" ", "   ")),
    CellDirt("a known key of old", ("reporter_name",), ("Anonymous", "Mr & Mrs “X”", "MARY-ANNE  O'DOWD")),
]


def spoil_cell(rng: Random, record: Record, key: str, kind: CellDirt) -> Record | None:
    """The record with this dirt in one of its cells; nothing where it has none of those columns filled.

    Keys of other feeds have other rules, so what is said of keys is done to ``key`` alone.
    """
    columns = [
        name
        for name in kind.columns
        if isinstance(record.cells.get(name), str) and record.cells[name] and (name == key or name not in OWN_KEYS)
    ]
    if not columns:
        return None
    column = rng.choice(columns)
    right = str(record.cells[column])
    written = rng.choice(kind.written)
    wrong = written if isinstance(written, str) else written(right)
    if wrong == right:
        return None
    rules = frozenset(f"{column}{rule}" if rule.startswith(".") else rule for rule in kind.rules)
    return record.changed(f"{kind.kind} ({column})", rules, **{column: wrong})
