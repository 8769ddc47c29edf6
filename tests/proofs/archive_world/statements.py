"""Statements of reasons made up at random: right ones, versions of them, and wrong ones. A row is its cells' texts."""

import csv
import io
import json
import random
import uuid
import zipfile

COLUMNS = " ".join(
    [
        "uuid decision_visibility decision_visibility_other end_date_visibility_restriction decision_monetary",
        "decision_monetary_other end_date_monetary_restriction decision_provision end_date_service_restriction",
        "decision_account end_date_account_restriction account_type decision_ground decision_ground_reference_url",
        "illegal_content_legal_ground illegal_content_explanation incompatible_content_ground",
        "incompatible_content_explanation incompatible_content_illegal category category_addition",
        "category_specification category_specification_other content_type content_type_other content_language",
        "content_date content_id_ean territorial_scope application_date decision_facts source_type source_identity",
        "automated_detection automated_decision platform_name platform_uid created_at",
    ]
).split()
PLACE = {name: place for place, name in enumerate(COLUMNS)}
PERSON = "Quintessa Marlowe"
"""Who gave notice, where a statement says so."""
MARKER = "ocelot-under-the-harbour"
"""In the facts of every statement."""
CATEGORIES = tuple(
    f"STATEMENT_CATEGORY_{name}"
    for name in ("ILLEGAL_OR_HARMFUL_SPEECH", "CYBER_VIOLENCE", "VIOLENCE", "SCAMS_AND_FRAUD", "PROTECTION_OF_MINORS")
)
KEYWORDS = tuple(
    f"KEYWORD_{name}"
    for name in ("HATE_SPEECH", "CYBER_STALKING", "INCITEMENT_VIOLENCE_HATRED", "DEFAMATION", "PHISHING", "NUDITY")
)
SENDERS = {
    "TikTok": "tiktok",
    "tiktok": "tiktok",
    "Facebook": "facebook",
    "Examplebook": "named_examplebook",
    "../../Example/book": "named_example_book",
    "Éxample %2F book": "named_example_2f_book",
    "ПримерКнига.parquet": "named_примеркнига_parquet",
}
"""Names as providers write themselves, and the codes under which analysts see them."""
DAYS = ("2026-09-28", "2026-09-29", "2026-09-30")
TIMES = ("00:00:00", "23:59:59", "07:08:09")
VISIBILITY = tuple(
    f"DECISION_VISIBILITY_CONTENT_{name}" for name in ("REMOVED", "DEMOTED", "LABELLED", "AGE_RESTRICTED")
)
FACTS = (
    "Seen by a reviewer.",
    'Two lines,\nand "quotes", commas; a \\ and a | too.',
    "Ein Satz mit Ümläuten — \u200f\u05e2\u05d1\u05e8\u200e, 👩🏽‍🚀 and e\u0301.",
    "x" * 4_000,
    "=1+1",
    "NULL",
)

Row = tuple[str, ...]


def cell(row: Row, name: str) -> str:
    """One cell of a row."""
    return row[PLACE[name]]


def changed(row: Row, **values: str) -> Row:
    """The row with other values in some cells."""
    return tuple(values.get(name, old) for name, old in zip(COLUMNS, row, strict=True))


def new_statement(rng: random.Random) -> Row:
    """A right statement that nobody has made before."""
    row = changed(
        ("",) * len(COLUMNS),
        uuid=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        account_type=rng.choice(("", "ACCOUNT_TYPE_PRIVATE")),
        content_type='["CONTENT_TYPE_TEXT"]',
        content_language=rng.choice(("EN", "DE", "")),
        content_date=f"2026-09-{rng.randrange(1, 28):02}",
        territorial_scope='["IE", "DE"]',
        application_date=f"2026-09-{rng.randrange(28, 31)}",
        source_type="SOURCE_VOLUNTARY",
        platform_uid=rng.choice(("", f"p-{rng.randrange(10**6)}", "0012")),
    )
    for part in PARTS:
        row = part(row, rng)
    return row


def new_version(row: Row, rng: random.Random) -> Row:
    """The statement with other values in one to three of its parts."""
    again = row
    while again == row:
        for part in rng.sample(PARTS, rng.randrange(1, 4)):
            again = part(again, rng)
    return again


def _decided(row: Row, rng: random.Random) -> Row:
    """It can have several decisions, and has at least one."""
    codes = rng.choices(VISIBILITY, k=rng.randrange(1, 4))
    seen = rng.choice((json.dumps(codes), "[ " + " ,".join(f'"{one}"' for one in codes) + " ]", ""))
    money = rng.choice(("", "", "DECISION_MONETARY_SUSPENSION"))
    service = rng.choice(("", "", "DECISION_PROVISION_TOTAL_SUSPENSION"))
    account = "" if seen or money or service else "DECISION_ACCOUNT_SUSPENDED"
    account = account or rng.choice(("", "DECISION_ACCOUNT_TERMINATED"))
    decisions = {"decision_monetary": money, "decision_provision": service, "decision_account": account}
    return changed(row, decision_visibility=seen, **decisions)


def _grounded(row: Row, rng: random.Random) -> Row:
    illegal = rng.random() < 0.3
    texts = {
        "decision_ground": f"DECISION_GROUND_{'ILLEGAL' if illegal else 'INCOMPATIBLE'}_CONTENT",
        "illegal_content_legal_ground": "The law" if illegal else "",
        "illegal_content_explanation": "It breaks it." if illegal else "",
        "incompatible_content_ground": "" if illegal else "The rules",
        "incompatible_content_explanation": "" if illegal else "It breaks them.",
        "incompatible_content_illegal": "" if illegal else rng.choice(("", "No")),
    }
    return changed(row, **texts)


def _sorted_in(row: Row, rng: random.Random) -> Row:
    added = rng.choice(("", "", "[]", json.dumps(rng.sample(CATEGORIES, 2))))
    words = rng.choice(("[]", *(json.dumps(rng.choices(KEYWORDS, k=rng.randrange(1, 3))) for _ in range(5))))
    category = rng.choice(CATEGORIES)
    if rng.random() < 0.3:
        place = rng.randrange(3)
        category, words = CATEGORIES[place], json.dumps([KEYWORDS[place]])
    return changed(row, category=category, category_addition=added, category_specification=words)


def _automated(row: Row, rng: random.Random) -> Row:
    how_far = rng.choice(("FULLY", "PARTIALLY", "NOT_AUTOMATED"))
    found = rng.choice(("Yes", "No"))
    return changed(row, automated_detection=found, automated_decision=f"AUTOMATED_DECISION_{how_far}")


def _told(row: Row, rng: random.Random) -> Row:
    return changed(row, decision_facts=f"{MARKER} {rng.randrange(50)}: {rng.choice(FACTS)}")


def _notified(row: Row, rng: random.Random) -> Row:
    who = f"{PERSON} {rng.randrange(3)}" if rng.random() < 0.15 else ""
    return changed(row, source_identity=who)


def _sent(row: Row, rng: random.Random) -> Row:
    at = f"{rng.choice(DAYS)} {rng.choice(TIMES)}"
    return changed(row, platform_name=rng.choice(tuple(SENDERS)), created_at=at)


PARTS = (_decided, _grounded, _sorted_in, _automated, _told, _notified, _sent)


def spoiled(row: Row, rng: random.Random) -> tuple[Row, str, bool]:
    """The statement made wrong, the rule that it breaks, and whether a person may let it in as it is."""
    is_illegal = "ILLEGAL" in cell(row, "decision_ground")
    ground = "incompatible_content_ground" if is_illegal else "illegal_content_legal_ground"
    rule = f"{ground}.only_{'incompatible' if is_illegal else 'illegal'}"
    ways = (
        (changed(row, category="STATEMENT_CATEGORY_UNHEARD_OF"), "category.known", False),
        (changed(row, decision_facts=""), "decision_facts.required", False),
        (changed(row, **{ground: "A second ground"}), rule, True),
        (changed(row, content_language="english"), "content_language.pattern", True),
    )
    return rng.choice(ways)


def packed(rows: list[Row]) -> bytes:
    """Rows as the register packs them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("statements.csv", (2026, 1, 1, 0, 0, 0)), text.getvalue().encode())
    return target.getvalue()
