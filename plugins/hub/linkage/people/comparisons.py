"""How two identity records are compared: the levels of agreement of each field, best first.

Levels only; their weights are trained (``hub people train``) and are in the parameter file.
"""

from typing import Any

Level = dict[str, Any]
Comparison = dict[str, Any]

DIFFER = 0
"""splink's number of the last level of a comparison."""
NOT_GIVEN = -1


def _missing(*columns: str) -> Level:
    condition = " or ".join(f"{column}_l is null or {column}_r is null" for column in columns)
    return {"sql_condition": condition, "label_for_charts": "not given", "is_null_level": True}


def _level(label: str, condition: str, **more: Any) -> Level:
    return {"sql_condition": condition, "label_for_charts": label, **more}


DIFFERS: Level = {"sql_condition": "ELSE", "label_for_charts": "differ"}
ORDER_CHANGED = "(first_name_l = surname_r and surname_l = first_name_r)"

FIRST_NAME: Comparison = {
    "output_column_name": "first_name",
    "comparison_levels": [
        _missing("first_name"),
        _level(
            "agree",
            "first_name_l = first_name_r",
            tf_adjustment_column="first_name",
            tf_adjustment_weight=1.0,
        ),
        _level("nickname", "list_has_any(first_forms_l, first_forms_r)"),
        _level(
            "typo",
            f"(least(len(first_name_l), len(first_name_r)) > 2 "
            f"and damerau_levenshtein(first_name_l, first_name_r) <= 1) "
            f"or jaro_winkler_similarity(first_name_l, first_name_r) >= 0.92 or {ORDER_CHANGED}",
        ),
        _level(
            "initial",
            "least(len(first_name_l), len(first_name_r)) = 1 and first_name_l[1] = first_name_r[1]",
        ),
        DIFFERS,
    ],
}
SURNAME: Comparison = {
    "output_column_name": "surname",
    "comparison_levels": [
        _missing("surname"),
        _level("agree", "surname_l = surname_r", tf_adjustment_column="surname", tf_adjustment_weight=1.0),
        _level(
            "typo",
            f"(least(len(surname_l), len(surname_r)) > 3 and damerau_levenshtein(surname_l, surname_r) <= 1) "
            f"or (least(len(surname_l), len(surname_r)) > 7 and damerau_levenshtein(surname_l, surname_r) <= 2) "
            f"or {ORDER_CHANGED}",
        ),
        DIFFERS,
    ],
}
EMAIL: Comparison = {
    "output_column_name": "email",
    "comparison_levels": [
        _missing("email"),
        _level("agree", "email_l = email_r"),
        # jane.ash12@ and jane.ash13@ are two people: a typo leaves the digits as they are.
        _level("typo", "email_digits_l = email_digits_r and damerau_levenshtein(email_l, email_r) <= 2"),
        _level("same name of another provider", "email_local_l = email_local_r and len(email_local_l) > 5"),
        DIFFERS,
    ],
}
PHONE: Comparison = {
    "output_column_name": "phone",
    "comparison_levels": [
        _missing("phone"),
        _level("agree", "phone_l = phone_r"),
        _level("typo", "damerau_levenshtein(phone_l, phone_r) <= 1"),
        DIFFERS,
    ],
}
BIRTH_DATE: Comparison = {
    "output_column_name": "birth_date",
    "comparison_levels": [
        _missing("birth_date"),
        _level("agree", "birth_date_l = birth_date_r"),
        _level("day and month swapped", "birth_date_l = birth_swapped_r"),
        _level("typo", "damerau_levenshtein(birth_date_l, birth_date_r) <= 1"),
        DIFFERS,
    ],
}
POSTCODE: Comparison = {
    "output_column_name": "postcode",
    "comparison_levels": [
        _missing("outward"),
        _level("agree", "postcode_l = postcode_r"),
        _level("typo", "damerau_levenshtein(postcode_l, postcode_r) <= 1"),
        _level("same sector", "sector_l = sector_r"),
        _level("same district", "outward_l = outward_r"),
        DIFFERS,
    ],
}
INCIDENT: Comparison = {
    "output_column_name": "incident",
    "comparison_levels": [
        _missing("near_incidents"),
        _level("agree", "list_has_any(incidents_l, incidents_r)"),
        _level("may be", "list_has_any(near_incidents_l, near_incidents_r)"),
        DIFFERS,
    ],
}
CLIENT: Comparison = {
    "output_column_name": "client",
    # Two services give one person two numbers, so that they differ says nothing.
    "comparison_levels": [
        _missing("clients"),
        _level("agree", "list_has_any(clients_l, clients_r)"),
        DIFFERS,
    ],
}
COMPARISONS = (FIRST_NAME, SURNAME, EMAIL, PHONE, BIRTH_DATE, POSTCODE, INCIDENT, CLIENT)
"""``incident``: two who are the victim of one incident are one person, unless something speaks against it; ``may be``
where one is a reporter of whom it is not said whether they are the victim. Who is attacked twice is one person, too:
that incidents differ says nothing, nor do the numbers of two services."""
