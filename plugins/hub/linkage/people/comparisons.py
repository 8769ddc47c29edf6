"""How two identity records are compared: the levels of agreement of each field, best first.

Levels only; their weights are trained (``hub people train``) and are in the parameter file.
"""

from typing import Any

Level = dict[str, Any]
Comparison = dict[str, Any]

DIFFER = 0
"""splink's number of the last level of a comparison."""
NOT_GIVEN = -1
GENERATION = 15
"""Years between parent and child, at the least."""
FEW_USERS = 5
"""A contact is one person's own, or shared by up to so many people who bear different names: a family. What more use is
an organisation's or a case worker's, and says nothing."""


def missing(*columns: str) -> Level:
    """The level of a pair of which one gives nothing."""
    condition = " or ".join(f"{column}_l is null or {column}_r is null" for column in columns)
    return {"sql_condition": condition, "label_for_charts": "not given", "is_null_level": True}


def level(label: str, condition: str, **more: Any) -> Level:
    """A level of agreement."""
    return {"sql_condition": condition, "label_for_charts": label, **more}


def _contact(column: str, *more: Level) -> list[Level]:
    """Agreement of a contact, by how many people use it."""
    users, agree = f"greatest({column}_users_l, {column}_users_r)", f"{column}_l = {column}_r"
    return [
        level("agree", f"{agree} and {users} <= 1"),
        *more,
        level("agree, shared by a few", f"{agree} and {users} <= {FEW_USERS}"),
        level(SHARED_BY_MANY, agree),
    ]


SHARED_BY_MANY = "agree, shared by many"
DIFFERS: Level = {"sql_condition": "ELSE", "label_for_charts": "differ"}
ORDER_CHANGED = (
    "(first_sound_l = surname_sound_r and surname_sound_l = first_sound_r) "
    "or (list_has_any(first_in_common_l, surname_in_common_r) "
    "and list_has_any(surname_in_common_l, first_in_common_r)) "
    # With a slip in one of the words.
    "or (jaro_winkler_similarity(first_name_l, surname_r) >= 0.92 "
    "and jaro_winkler_similarity(surname_l, first_name_r) >= 0.92) "
    # The same letters, begun at another word: Reyes Thu Huong and ThuHuong Reyes.
    "or (len(name_letters_l) > 7 and len(name_letters_l) = len(name_letters_r) "
    "and contains(name_letters_l || name_letters_l, name_letters_r))"
)
_SHORT_FORM = " or ".join(
    f"(len(first_name_{one}) > 2 and starts_with(first_name_{other}, first_name_{one})) "
    f"or (len(first_name_{one}) > 3 and ends_with(first_name_{other}, first_name_{one}))"
    for one, other in (("l", "r"), ("r", "l"))
)
_SPELLED_ALIKE = " or ".join(
    f"len(list_filter(first_spellings_{one}, lambda form: len(form) > 3 "
    f"and damerau_levenshtein(form, first_name_{other}) <= 1)) > 0"
    for one, other in (("l", "r"), ("r", "l"))
)
# Martin and Martina are two.
_ENDING = "regexp_matches(first_name_{}, '[ae]h?$')"
_SPELLED_OTHERWISE = (
    f"(list_has_any(first_in_common_l, first_in_common_r) and {_ENDING.format('l')} = {_ENDING.format('r')})"
)
SAME_DAY = "birth_date_l[5:] = birth_date_r[5:]"


def _sound_alike(column: str, sound: str) -> str:
    # Hassan and Hussein sound alike, too, and are two names.
    return f"({sound}_l = {sound}_r and jaro_winkler_similarity({column}_l, {column}_r) >= 0.8)"


def alike(column: str) -> str:
    """Whether two words differ by a slip."""
    one, other = f"{column}_l", f"{column}_r"
    length = f"least(len({one}), len({other}))"
    return (
        f"({length} > 2 and damerau_levenshtein({one}, {other}) <= 1) "
        f"or ({length} > 6 and damerau_levenshtein({one}, {other}) <= 2) "
        f"or ({length} > 2 and jaro_winkler_similarity({one}, {other}) >= 0.92)"
    )


FIRST_NAME: Comparison = {
    "output_column_name": "first_name",
    "comparison_levels": [
        missing("first_initial"),
        level(
            "agree",
            "first_name_l = first_name_r",
            tf_adjustment_column="first_name",
            tf_adjustment_weight=1.0,
        ),
        level("order changed", ORDER_CHANGED),
        level(
            "nickname, second name or another spelling",
            f"list_has_any(first_forms_l, first_forms_r) or {_SPELLED_OTHERWISE} or {_SHORT_FORM}",
        ),
        level(
            "typo",
            f"{alike('first_name')} or {_sound_alike('first_name', 'first_sound')} or {_SPELLED_ALIKE}",
        ),
        level(
            "initial",
            "(first_name_l is null or first_name_r is null) and list_has_any(first_initials_l, first_initials_r)",
        ),
        level("another initial", "first_name_l is null or first_name_r is null"),
        DIFFERS,
    ],
}
SURNAME: Comparison = {
    "output_column_name": "surname",
    "comparison_levels": [
        missing("surname"),
        level("agree", "surname_l = surname_r", tf_adjustment_column="surname", tf_adjustment_weight=1.0),
        level("order changed", ORDER_CHANGED),
        level(
            "part of a double name, or another spelling",
            "list_has_any(surname_forms_l, surname_forms_r) or list_has_any(surname_in_common_l, surname_in_common_r)",
        ),
        level(
            "typo",
            f"{alike('surname')} or {_sound_alike('surname', 'surname_sound')} "
            "or (surname_sound_l = surname_sound_r and greatest(len(surname_l), len(surname_r)) < 5)",
        ),
        DIFFERS,
    ],
}
_IS_COMMON = "coalesce(lone_is_common_l, lone_is_common_r)"
_ONE_WORD = "list_has_any(name_words_l, name_words_r)"
SINGLE_WORD: Comparison = {
    "output_column_name": "single_word",
    # A single word may be the given name or the surname, or both without a blank.
    "comparison_levels": [
        {
            "sql_condition": "(lone_name_l is null and lone_name_r is null) or name_words_l is null"
            " or name_words_r is null",
            "label_for_charts": "not given",
            "is_null_level": True,
        },
        level(
            "whole name in one word",
            "lone_name_l in (first_name_r || surname_r, surname_r || first_name_r) "
            "or lone_name_r in (first_name_l || surname_l, surname_l || first_name_l)",
        ),
        level("the same single word", f"lone_name_l = lone_name_r and not {_IS_COMMON}"),
        level("agree", f"{_ONE_WORD} and not {_IS_COMMON}"),
        level("agree, a common name", _ONE_WORD),
        level("sounds alike", "list_has_any(name_sounds_l, name_sounds_r)"),
        DIFFERS,
    ],
}
EMAIL: Comparison = {
    "output_column_name": "email",
    "comparison_levels": [
        missing("email"),
        level(
            "agree, an address of that name",
            "email_l = email_r and greatest(email_users_l, email_users_r) <= 1 "
            "and email_is_named_l and email_is_named_r",
        ),
        # A family may share a mailbox, but seldom one that bears the given name of one of them.
        *_contact(
            "email",
            level(
                "agree, an address of a given name",
                f"email_l = email_r and greatest(email_users_l, email_users_r) <= {FEW_USERS} "
                "and (email_has_given_l or email_has_given_r)",
            ),
        ),
        # jane.ash12@ and jane.ash13@ are two people: a typo leaves the digits as they are.
        level("typo", "email_digits_l = email_digits_r and damerau_levenshtein(email_l, email_r) <= 2"),
        level("same name of another provider", "email_local_l = email_local_r and len(email_local_l) > 5"),
        DIFFERS,
    ],
}
PHONE: Comparison = {
    "output_column_name": "phone",
    "comparison_levels": [
        missing("phone"),
        *_contact("phone"),
        level("typo", "damerau_levenshtein(phone_l, phone_r) <= 1"),
        DIFFERS,
    ],
}
BIRTH_DATE: Comparison = {
    "output_column_name": "birth_date",
    "comparison_levels": [
        missing("birth_year"),
        level("agree", "birth_date_l = birth_date_r"),
        level("day and month swapped", "birth_date_l = birth_swapped_r"),
        level("typo", "damerau_levenshtein(birth_date_l, birth_date_r) <= 1"),
        level(
            "same year, the day not known",
            "(birth_date_l is null or birth_date_r is null) and birth_year_l = birth_year_r",
        ),
        level(
            "two slips, or another year",
            f"hamming(birth_date_l, birth_date_r) <= 2 or {SAME_DAY}",
        ),
        # Parent and child may have one name, one home and one mailbox.
        level("a generation apart", f"abs(cast(birth_year_l as int) - cast(birth_year_r as int)) >= {GENERATION}"),
        level("another year, the day not known", "birth_date_l is null or birth_date_r is null"),
        DIFFERS,
    ],
}
POSTCODE: Comparison = {
    "output_column_name": "postcode",
    "comparison_levels": [
        missing("outward"),
        *_contact("postcode"),
        level("typo", "damerau_levenshtein(postcode_l, postcode_r) <= 1"),
        level("same sector", "sector_l = sector_r"),
        level("same district", "outward_l = outward_r"),
        DIFFERS,
    ],
}
INCIDENT: Comparison = {
    "output_column_name": "incident",
    "comparison_levels": [
        missing("near_incidents"),
        level("agree", "list_has_any(incidents_l, incidents_r)"),
        level("may be", "list_has_any(near_incidents_l, near_incidents_r)"),
        DIFFERS,
    ],
}
CLIENT: Comparison = {
    "output_column_name": "client",
    # Two services give one person two numbers, so that they differ says nothing.
    "comparison_levels": [
        missing("clients"),
        level("agree", "list_has_any(clients_l, clients_r)"),
        DIFFERS,
    ],
}
COMPARISONS = (FIRST_NAME, SURNAME, SINGLE_WORD, EMAIL, PHONE, BIRTH_DATE, POSTCODE, INCIDENT, CLIENT)
"""``incident``: two who are the victim of one incident are one person, unless something speaks against it; ``may be``
where one is a reporter of whom it is not said whether they are the victim. Who is attacked twice is one person, too:
that incidents differ says nothing, nor do the numbers of two services."""
