"""Values of a known kind, as a contract's ``format`` names it: postcodes, small areas, telephone numbers and e-mail
addresses that cannot be. Whether one that can be is in use nobody here knows, and nothing is asked of the network.
Codes may be in small letters and have blanks around, as people type them; raw keeps them so, and staging brings them to
one form.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.contracts.model import Contract
from hub.contracts.values import TextFormat

POSTCODE_AREAS = (
    "AB|AL|B|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|"
    "EC|EH|EN|EX|FK|FY|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|"
    "LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|S"
    "S|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE"
)
"""The areas of Royal Mail, those of the Crown dependencies, of the forces (BF) and of large users (BX) among them."""

OUTWARD = f"(?:{POSTCODE_AREAS})[0-9][0-9A-Z]?"
NOT_ZERO = {"E": "E010[0-4][0-9]{4}", "W": "W0100[0-2][0-9]{3}", "S": "S010[0-2][0-9]{4}"}
"""Far above the highest code that a census has given so far (E01035762, W01001958, S01020872), far below what a slip of
a key makes of one."""

BLANKS = "[ \\t\u00a0]*"
SHAPES: Mapping[TextFormat, str] = {
    TextFormat.UK_POSTCODE: f"{OUTWARD}{BLANKS}[0-9][A-Z]{{2}}|GIR{BLANKS}0AA",
    TextFormat.UK_POSTCODE_DISTRICT: OUTWARD,
    TextFormat.LSOA: f"{'|'.join(NOT_ZERO.values())}|95[A-Z]{{2}}[0-9]{{2}}[SW][0-9]|N(?:00|2[01])[0-9]{{6}}",
}
"""In capitals, without the blanks around."""
ZERO_CODES = pa.array(["E01000000", "W01000000", "S01000000", "N00000000", "N20000000"])

PHONE_CHARACTERS = r"^\+?[0-9(][0-9 ()./-]{4,30}$"
PUNCTUATION = "[ ()./-]"
PLAIN_PHONE = r"^(?:\+44|0044|0)[1-9][0-9]{9}$"
ONE_DIGIT = r"^(?:\+44|0044|0)(?:1+|2+|3+|4+|5+|6+|7+|8+|9+)$"
REGION = "GB"
PLAIN_EMAIL = r"^[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?:com|org|net|uk)$"
MOST_PLAIN_EMAIL = 64
"""Plain values are accepted without the libraries, which take a tenth of a millisecond for each."""


def wrong_formats(contract: Contract, rows: pa.Table) -> dict[str, np.ndarray]:
    """For each rule of a format, the positions of the rows whose value cannot be of it."""
    found: dict[str, np.ndarray] = {}
    for column in contract.columns:
        if column.text_format is None:
            continue
        encoded = pc.dictionary_encode(rows.column(column.name).combine_chunks())
        wrong = np.flatnonzero(~_are_possible(column.text_format, encoded.dictionary))
        positions = np.flatnonzero(np.isin(pc.fill_null(encoded.indices, -1).to_numpy(), wrong))
        if len(positions):
            found[f"{column.name}.format"] = positions
    return found


def _are_possible(kind: TextFormat, texts: pa.Array) -> np.ndarray:
    """A boolean for each text."""
    match kind:
        case TextFormat.PHONE:
            bare = pc.replace_substring_regex(texts, PUNCTUATION, "")
            is_one_digit = pc.match_substring_regex(bare, ONE_DIGIT)
            plain = pc.and_(pc.match_substring_regex(bare, PLAIN_PHONE), pc.invert(is_one_digit))
            plain = pc.and_(plain, pc.match_substring_regex(texts, PHONE_CHARACTERS))
            return _with_the_rest(texts, plain, is_possible_phone)
        case TextFormat.EMAIL:
            plain = pc.match_substring_regex(texts, PLAIN_EMAIL)
            plain = pc.and_(plain, pc.less_equal(pc.utf8_length(texts), MOST_PLAIN_EMAIL))
            return _with_the_rest(texts, plain, is_possible_email)
        case _:
            codes = pc.ascii_upper(pc.replace_substring_regex(texts, f"^{BLANKS}|{BLANKS}$", ""))
            fits = pc.match_substring_regex(codes, f"^(?:{SHAPES[kind]})$")
            return _flags(pc.and_(fits, pc.invert(pc.is_in(codes, ZERO_CODES))))


def _with_the_rest(texts: pa.Array, plain: pa.Array, is_possible: Callable[[str], bool]) -> np.ndarray:
    flags = _flags(plain).copy()
    for position in np.flatnonzero(~flags).tolist():
        flags[position] = is_possible(texts[position].as_py())
    return flags


def _flags(condition: pa.Array) -> np.ndarray:
    flags: np.ndarray = condition.to_numpy(zero_copy_only=False)
    return flags


def is_possible_phone(text: str) -> bool:
    """Whether a text is a telephone number, of the United Kingdom where it names no other country, that can exist. One
    of zeros, or of one digit over and over, is somebody's way round a form."""
    import phonenumbers  # noqa: PLC0415  # half a second of every command's start

    if not pc.match_substring_regex(pa.array([text]), PHONE_CHARACTERS)[0].as_py():
        return False
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number) and len(set(str(number.national_number))) > 1


def is_possible_email(text: str) -> bool:
    """Whether a text is written as an e-mail address of a domain must be. One of a domain that is kept for tests is."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # as above

    try:
        domain = validate_email(text, check_deliverability=False, test_environment=True).domain
    except EmailNotValidError:
        return False
    return "." in domain
