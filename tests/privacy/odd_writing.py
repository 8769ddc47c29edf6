"""People, and every way in which somebody may have written what identifies them."""

import unicodedata
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Known:
    """Somebody with a row of their own, and texts that say who it is."""

    ref: str
    row: dict[str, str]
    said: dict[str, str]


def wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _row(ref: str, name: str, email: str, phone: str, born: str, postcode: str) -> dict[str, str]:
    values = {"name": name, "email": email, "phone": phone, "date_of_birth": born, "postcode": postcode}
    return {"ref": ref, "words": f"words of {ref}", **{f"victim_{key}": value for key, value in values.items()}}


EMAIL, PHONE = "siobhan.oneill@example.org", "07700 900201"
SIOBHAN = Known(
    "siobhan",
    _row("siobhan", "Siobhán O\u2019Neill", EMAIL, PHONE, "1981-03-24", "EC1A 1BB"),
    {
        "capitals": "SIOBHAN.ONEILL@EXAMPLE.ORG",
        "wide address": wide(EMAIL),
        "zero width": EMAIL.replace("@", "@\u200b"),
        "soft hyphen": EMAIL.replace("han", "h\u00adan"),
        "variation selector": EMAIL.replace("@", "@\ufe0f"),
        "grapheme joiner": EMAIL.replace("@", "@\u034f"),
        "hangul filler": EMAIL.replace("@", "@\u3164"),
        "percent": quote(EMAIL),
        "reference": EMAIL.replace("@", "&#64;"),
        "reference to a letter": EMAIL.replace("o", "&#x6f;"),
        "named reference": EMAIL.replace("@", "&commat;"),
        "escape": EMAIL.replace("@", "\\u0040"),
        "plus 44": "+447700900201",
        "plus 44 and (0)": "+44 (0) 7700 900 201",
        "00 44 and (0)": "0044 (0)7700-900201",
        "points": "07700.900.201",
        "slashes": "07700/900/201",
        "wide number": wide(PHONE),
        "non-breaking": "07700\u00a0900\u202f201",
        "figure dash": "07700\u2012900\u2012201",
        "long dash": "07700\u2014900201",
        "bar": "07700\u2015900201",
        "small dash": "07700\ufe58900201",
        "extension": "07700900201ext5",
        "name, plain apostrophe": "Siobhan O'Neill, EC1A 1BB",
        "name, no apostrophe": "Siobhan ONeill, ec1a1bb",
        "name, surname first": "O\u2019NEILL, Siobhán EC1A\u00a01BB",
        "name, decomposed": decomposed("Siobhán O\u2019Neill") + " EC1A1BB",
        "name, wide": wide("Siobhan O'Neill") + "\u3000" + wide("EC1A1BB"),
        "name, references": "Siobh&#225;n O&#8217;Neill, EC1A 1BB",
        "name, hyphen in postcode": "Siobhán O\u2019Neill, EC1A-1BB",
        "born, numbers": "Siobhan O'Neill 24/03/1981",
        "born, short": "Siobhan O'Neill 24.3.1981",
        "born, print dashes": "Siobhan O'Neill 24\u201103\u20111981",
        "born, figure dashes": "Siobhan O'Neill 24\u201203\u20121981",
        "born, spoken": "Siobhan O'Neill, 24 March 1981",
        "born, ordinal": "Siobhan O'Neill, 24th March 1981",
        "born, month first": "Siobhan O'Neill, March 24, 1981",
        "born, short month": "Siobhan O'Neill, 24-Mar-1981",
        "born, time": "Siobhan O'Neill, 1981-03-24T00:00:00Z",
        "born, escaped slashes": "Siobhan O'Neill, 24\\/03\\/1981",
    },
)
LLOYD = Known(
    "lloyd",
    _row("lloyd", "Anne Marie Lloyd Jones", "anne+hub@example.org", "07700 900202", "1972-10-05", "SW1A 2AA"),
    {
        "hyphens": "Anne-Marie Lloyd-Jones, SW1A 2AA",
        "no hyphens": "Anne Marie Lloyd Jones, SW1A2AA",
        "tag": "ANNE+HUB@example.org",
        "tag in percent": "anne%2Bhub%40example.org",
    },
)
GROSS = Known(
    "gross",
    _row("gross", "Jürgen Groß-Weiß", "juergen@bücher.example", "07700 900203", "1960-12-31", "M1 1AE"),
    {
        "double s": "JURGEN GROSS-WEISS, m1 1ae",
        "capital sharp s": "JÜRGEN GROẞ-WEIẞ, M11AE",
        "print dashes": "Jürgen Groß\u2011Weiß, M1 1AE",
        "en dash": "Jürgen Groß\u2013Weiß, M1 1AE",
        "no hyphen": "Jürgen Groß Weiß, M1 1AE",
        "long dash": "Jürgen Groß\u2014Weiß, M1 1AE",
        "decomposed address": decomposed("juergen@bücher.example"),
        "punycode": "juergen@xn--bcher-kva.example",
    },
)
ISIK = Known(
    "isik",
    _row("isik", "İpek Iş\u0131k", "ipek@example.org", "07700 900204", "1990-07-15", "LS1 4AP"),
    {
        "plain": "Ipek Isik, LS1 4AP",
        "capitals": "İPEK IŞIK, LS14AP",
        "decomposed": decomposed("İpek Iş\u0131k") + ", LS1 4AP",
        "small": "ipek işik, ls1 4ap",
    },
)
LUKASZ = Known(
    "lukasz",
    _row("lukasz", "Łukasz Ørsted", "lukasz@example.org", "07700 900205", "1985-02-28", "BS1 5TR"),
    {"plain": "Lukasz Orsted, BS1 5TR", "capitals": "ŁUKASZ ØRSTED, BS15TR"},
)
EVERYBODY = (SIOBHAN, LLOYD, GROSS, ISIK, LUKASZ)
