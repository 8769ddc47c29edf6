"""Texts at the edges of what a column of words or of a named format can hold. All people and places are made up."""

from random import Random

ODD = [
    "x",
    "0",
    "-",
    "NULL",
    "None",
    "nan",
    "NA",
    "NaT",
    "true",
    "Infinity",
    "1e308",
    "'",
    '"',
    '""',
    ",",
    ";\t|",
    "\\",
    "\\N",
    "\\.",
    "{}",
    "{a,b}",
    '["a"]',
    "%s %(x)s {0}",
    "$$ ' --",
    "=1+1",
    "<b>&amp;</b>",
    "]]>",
    "Zoë",
    "Zoe\u0308",
    "İıſßẞ",
    "ﬁ½①",
    "שלום עולם",
    "\u202egnitirw desrever\u202c",
    "你好",
    "👩🏽‍❤️‍👨🏿🏳️‍🌈",
    "zero\u200bwidth",
    "soft\u00adhyphen",
    "no\u00a0break",
    "line\u2028separator",
    "tab\tin it",
    "two\nlines",
    "three\n\nlines\n",
    "\ufeffmark",
    "'''",
    "[slur]",
    "\uff21\uff42\uff43",
    "e\u0301" * 20,
    "\U0010ffff",
]
SAMPLES_BY_FORMAT = {
    "uk-postcode": [
        "M1 1AE",
        "B33 8TH",
        "CR2 6XH",
        "EC1A 1BB",
        "W1A 0AX",
        "DN55 1PT",
        "BT1 5GS",
        "ZE3 9JP",
        "G1 1XQ",
        "CF10 1EP",
        "N1 9GU",
        "NE99 9ZZ",
        "TR21 0PH",
    ],
    "uk-postcode-district": ["M1", "B33", "EC1A", "W1A", "DN55", "BT1", "ZE3", "CF10", "SW1A", "KW17", "TR21"],
    "lsoa": [
        "E01000001",
        "E01002704",
        "E01035762",
        "W01000001",
        "W01001958",
        "S01006506",
        "S01013481",
        "95GG01S1",
        "N20000001",
    ],
    "phone": [
        "07700 900000",
        "07700900999",
        "+44 7700 900123",
        "+447700900321",
        "00447700900456",
        "(07700) 900 789",
        "07700-900-555",
    ],
    "email": [
        "a@example.org",
        "robin.sample@example.org",
        "Robin.Sample@EXAMPLE.ORG",
        "o'sample+tag@mail.example.org",
        f"{'l' * 64}@example.org",
        f"a@{'.'.join(['b' * 63] * 3)}.org",
        "1@example.org",
    ],
}
PEOPLE = ["Robin Sample", "ROBIN  SAMPLE", "Zoë O'Sample-Łęcki", "Sample, Robin", "R", "Ng Sample", "van der Sample"]


def odd_text(rng: Random, longest: int) -> str:
    """Words: odd ones, a single letter, or as many letters as may be."""
    match rng.randrange(5):
        case 0:
            letter = rng.choice(("a", "é", "字", "🙂", "' ", '"'))
            return (letter * longest)[:longest].strip().ljust(longest, ".")
        case 1:
            return rng.choice(PEOPLE)[:longest].strip()
        case _:
            return (rng.choice(ODD) if rng.random() < 0.7 else rng.choice(ODD) + rng.choice(ODD))[:longest] or "x"


def text_of_format(rng: Random, name: str) -> str:
    """A value of a format that contracts name."""
    if name == "lsoa" and rng.random() < 0.3:
        return f"E01{rng.randrange(1, 33_000):06d}"
    return rng.choice(SAMPLES_BY_FORMAT[name])
