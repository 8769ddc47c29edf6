"""Characters that look like others or like nothing, as Unicode classes them: none hides what a text says."""

import unicodedata

UNSEEN = (
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters that nobody sees (Unicode's category Cf and its property Default_Ignorable_Code_Point): they would hide a
word. A pattern for Python and for PostgreSQL."""
_BASIC = range(0x80, 0x2E80)
"""Where Unicode keeps its dashes of print, but for some of East Asia."""
_DASHES = (
    "".join(one for one in map(chr, _BASIC) if unicodedata.category(one) == "Pd")
    + "\u02d7\u2043\u207b\u208b\u2212\u2796\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\U00010ead"
)
"""Dashes (Unicode's category Pd), and signs for minus and bullets that look like them."""
_APOSTROPHES = (
    "\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u0374\u0384\u055a\u05f3\u1fbd\u1fbf\u1fef\u1ffd\u1ffe"
    "\u2018\u2019\u201b\u2032\u2035\ua78c\uff07"
)
"""Quotes, primes, accents without a letter, and letters that look like them."""
SAME = dict.fromkeys(_DASHES, "-") | dict.fromkeys(_APOSTROPHES, "'")
"""Characters that people and programs write for a hyphen or an apostrophe, each with that one."""
DIGITS = {chr(one): str(unicodedata.decimal(chr(one))) for one in range(0x660, 0xABFA) if chr(one).isdecimal()}
"""The digits of other scripts, each with its own in ours."""
