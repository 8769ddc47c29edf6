"""The search for erased persons believes a certificate in what it names, place by place, lets masking take a person's
words alone, and reads what is encrypted by itself."""

import ast
import io
import uuid
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pyarrow as pa
import pytest

from hub.privacy.certificate import NOT_REACHED, Certificate, Store
from hub.vault.encrypted_file import EncryptedWriter
from hub.vault.hub_keys import KeyRing, Purpose
from hub.vault.store import Encryptor
from proofs.erasure_search import decrypt
from proofs.erasure_search.certificates import EXCUSES, Sorted, said_by, sort_left
from proofs.erasure_search.compare import (
    IN_A_FILE_NAME,
    IN_ANOTHERS_ROW,
    IN_ANOTHERS_TEXT,
    IN_LINKED_ROW,
    IN_ROW_OF_ANOTHER_BIRTH,
    IN_ROW_OF_ANOTHER_NAME,
    Left,
)
from proofs.erasure_search.decode_files import Record
from proofs.erasure_search.masking import ListedText, Masking
from proofs.erasure_search.mentions import Place, mention_of
from proofs.erasure_search.persons import Person
from proofs.erasure_search.snapshots import RowPlace, Snapshot
from proofs.erasure_search.trial import Figures

FEED, DELIVERY = "community_reports", uuid.UUID(int=1)
ROW: RowPlace = (FEED, DELIVERY, 2)
IN_ROW = (FEED, str(DELIVERY), "2")
MAY_IMPORT = {"hub.contracts.model", "hub.settings", "hub.simulate.plan", "hub.simulate.simulation"}
"""All of the hub that the search may use: contracts, where the hub's home is, and simulated deliveries."""
TABLES, FILES = "all tables of the database, searched again", "extracts, logs and other files"
OTHERS, ADDRESS = "what others wrote", "records that give another name with the same address"
TEXT_OF_OTHERS = Left(0, "vault", "a row", "email", "description", IN_ANOTHERS_TEXT, IN_ROW, "description")
OF_REPORTER = Left(0, "vault", "a row", "email", "reporter_email", IN_ANOTHERS_ROW, IN_ROW, "reporter_email")


def held_against(left: Left, *stores: Store, not_reached: tuple[str, ...] = NOT_REACHED) -> Sorted:
    certificate = Certificate("id", "a token", "a test", "a.person", "now", {}, list(stores), False, True)
    return sort_left(said_by(asdict(replace(certificate, not_reached=list(not_reached)))), [left])


def says(name: str, *left_in: str, not_searched: tuple[str, ...] = ()) -> Store:
    return Store(name, 5, 2, 0, len(left_in), left_in=list(left_in), not_searched=list(not_searched))


@pytest.mark.parametrize(
    ("left", "store"),
    [
        (Left(0, "table", "ledger.feeds", "email"), says(TABLES, "ledger.feeds")),
        (Left(0, "Airflow", "public.dag_run", "email"), says("Airflow's own database", "public.dag_run")),
        (Left(0, "file", "logs/one.log", "email", "line 1"), says(FILES, "logs/one.log")),
        (Left(0, "file", "logs/one.log", "email"), says(FILES, not_searched=("logs/one.log: no text",))),
        (Left(0, "landed", "ab12", "email", row=IN_ROW), says("landing", not_searched=("ab/ab12",))),
        (TEXT_OF_OTHERS, says(OTHERS, f"1: {FEED} {DELIVERY} row 2 description, waits for a decision")),
        (OF_REPORTER, says(ADDRESS, f"{FEED} {DELIVERY} row 2 reporter, by t1_00ff")),
    ],
)
def test_a_place_is_named_by_its_own_store(left: Left, store: Store) -> None:
    assert held_against(left, store) == Sorted(named={left})
    assert held_against(left, replace(store, store="vault of another")) == Sorted(unnamed={left})


@pytest.mark.parametrize(
    ("left", "store"),
    [
        (Left(0, "table", "ledger.feeds", "email"), says(TABLES, "ledger.deliveries", "ledger.feeds_of_old", "feeds")),
        (Left(0, "file", "logs/one.log", "email"), says(FILES, "logs/one.log.gz", "old/logs/one.log", "logs/on")),
        (Left(0, "landed", "ab12", "email", row=IN_ROW), says("landing", not_searched=("ab/ab123",))),
        (TEXT_OF_OTHERS, says(OTHERS, f"1: {FEED} {DELIVERY} row 22 description, waits for a decision")),
        (TEXT_OF_OTHERS, says(OTHERS, f"1: {FEED} {DELIVERY} row 2 notes, waits for a decision")),
        (TEXT_OF_OTHERS, says("vault", f"{FEED} {DELIVERY} row 2 description")),
        (TEXT_OF_OTHERS, says(OTHERS, f"1: {FEED} {uuid.UUID(int=2)} row 2 description, waits for a decision")),
        (OF_REPORTER, says(ADDRESS, f"{FEED} {DELIVERY} row 2 victim, by t1_00ff")),
        (OF_REPORTER, says(OTHERS, f"1: {FEED} {DELIVERY} row 2 reporter_email, waits for a decision")),
        (Left(0, "bytes of tables", "raw.cards", "email"), says(TABLES, "raw.cards")),
    ],
)
def test_other_places_of_the_same_number_name_nothing(left: Left, store: Store) -> None:
    assert held_against(left, store) == Sorted(unnamed={left})


@pytest.mark.parametrize(
    ("left", "is_excused"),
    [
        (Left(0, "write-ahead log", "0001", "wrapped key"), True),
        (Left(0, "write-ahead log", "0001", "name and postcode", IN_A_FILE_NAME), True),
        (Left(0, "write-ahead log", "0001", "email"), False),
        (Left(0, "bytes of tables", "vault.subject_keys", "wrapped key"), False),
        (Left(0, "drop", "drop/one.csv", "email"), True),
        (Left(0, "file", "outbox/one.csv", "email"), False),
        (Left(0, "vault", "a row", "email", "victim_email", IN_LINKED_ROW), True),
        (Left(0, "vault", "a row", "email", "victim_email", IN_ANOTHERS_ROW), False),
        (Left(0, "vault", "a row", "email", "victim_email", IN_ROW_OF_ANOTHER_NAME), False),
        (Left(0, "vault", "a row", "telephone", "victim_phone", IN_ROW_OF_ANOTHER_NAME), True),
        (Left(0, "vault", "a row", "telephone", "victim_phone", IN_ROW_OF_ANOTHER_BIRTH), True),
        (Left(0, "vault", "a row", "email", "victim_email", IN_ROW_OF_ANOTHER_BIRTH), False),
        (Left(0, "vault", "a row", "telephone", "victim_phone", IN_ANOTHERS_ROW), False),
        (Left(0, "table", "raw.cards", "telephone", "", IN_ROW_OF_ANOTHER_NAME), False),
        (Left(0, "vault", "a row", "handle", "account_handle"), False),
        (Left(0, "file", "logs/one.log", "handle"), True),
    ],
)
def test_a_general_sentence_excuses_its_own_stores_and_kinds_alone(left: Left, is_excused: bool) -> None:
    assert held_against(left) == (Sorted(excused={left}) if is_excused else Sorted(unnamed={left}))
    assert held_against(left, not_reached=()) == Sorted(unnamed={left})


def test_every_excuse_is_a_sentence_that_certificates_have() -> None:
    assert all(any(excuse.sentence in sentence for sentence in NOT_REACHED) for excuse in EXCUSES)


def person() -> Person:
    said = {
        "victim_name": "Zoë Quill-Ark",
        "victim_email": "zoe.quill@example.org",
        "victim_phone": "06990 123456",
        "victim_date_of_birth": "1987-02-03",
        "victim_postcode": "ZE1 9ZQ",
    }
    one = Person("a token")
    one.learn(Place(FEED, DELIVERY, 1, "victim"), mention_of(said, list(said)))
    return one


WROTE = "I saw Zoe  QUILL-ARK of ze19zq, born 3rd Feb. 1987, zoe.quill@example.org, ring +44 (0)6990-123 456. Ring Bo."
MASKED = "I saw ***  ********* of ******, born *** ***. ****, *********************, ring *** *******-*** ***. Ring Bo."


def of_texts(text: str, other: str = "no", token: str = "one") -> Snapshot:
    rows = {ROW: {"description": text, "victim_name": "Bo"}, (FEED, DELIVERY, 3): {"description": other}}
    return Snapshot(
        raw={row: {"description_token": token if row == ROW else other, "strands": "race"} for row in rows},
        vault=rows,
        quarantine={},
        landed={(FEED, DELIVERY): [Record(f"row {row[2]}", row[2], str(said), said) for row, said in rows.items()]},
        paths={},
    )


def wrong(after: Snapshot) -> list[str]:
    masking = Masking(of_texts(WROTE), after, [ListedText(0, ROW, "description")], [person()])
    return [one.replace(f"{FEED}, delivery {DELIVERY}, ", "") for one in masking.wrong()]


def test_masking_takes_the_persons_words_alone() -> None:
    assert wrong(of_texts(MASKED, token="two")) == []


@pytest.mark.parametrize(
    "text", [MASKED.replace("Bo", "**"), MASKED.replace("I saw", "* ***"), MASKED[:-1], MASKED.replace("Bo", "bo")]
)
def test_masking_that_takes_more_is_seen(text: str) -> None:
    stores = ("landed", "vault")
    assert wrong(of_texts(text)) == [
        f"{store}: row 2, description lost more than the person's words" for store in stores
    ]


def test_masking_that_leaves_the_person_is_seen() -> None:
    left = MASKED.replace("*" * len("zoe.quill@example.org"), "zoe.quill@example.org")
    assert wrong(of_texts(left)) == [
        f"{store}: row 2, description still names person 0" for store in ("landed", "vault")
    ]


def test_masking_that_changes_another_text_or_column_is_seen() -> None:
    assert wrong(of_texts(MASKED, other="**")) == [
        "landed: row 3, description is on no list",
        "raw: row 3, description_token is on no list",
        "vault: row 3, description is on no list",
    ]
    after = of_texts(MASKED)
    after = replace(after, vault={**after.vault, ROW: {"description": MASKED}}, raw=of_texts(WROTE).raw)
    assert wrong(after) == ["vault: row 2, victim_name is on no list"]
    assert {f"raw: row {number} is not in both" for number in (2, 3)} <= set(wrong(replace(of_texts(MASKED), raw={})))


MASTER = KeyRing(Purpose.MASTER, ((1, bytes(range(32))), (2, bytes(range(1, 33)))))
KEYS = dict(MASTER.versions)


def test_a_subject_of_the_vault_is_decrypted_by_hand_in_its_own_place_alone() -> None:
    values = {"victim_name": pa.chunked_array([["Zoë"]]), "victim_email": pa.chunked_array([["zoe@example.org"]])}
    done = Encryptor(MASTER, FEED, DELIVERY).encrypt("victim", values, [7])
    wrapped = decrypt.Wrapped(2, done.keys.column("wrapped")[0].as_py())
    blob, place = done.blobs[0].as_py(), decrypt.SubjectPlace(FEED, "victim", DELIVERY, 7)
    said = {"victim_name": "Zoë", "victim_email": "zoe@example.org"}
    assert decrypt.values_of(KEYS, place, wrapped, blob) == said
    for other in (replace(place, row_number=8), replace(place, subject="reporter")):
        with pytest.raises(decrypt.Unreadable):
            decrypt.values_of(KEYS, other, wrapped, blob)


@pytest.mark.parametrize("length", [0, 5, 1024 * 1024, 1024 * 1024 + 1, 2 * 1024 * 1024])
def test_a_landed_file_is_decrypted_by_hand(tmp_path: Path, length: int) -> None:
    data, target = bytes(index % 251 for index in range(length)), io.BytesIO()
    writer = EncryptedWriter(target, MASTER)
    writer.write(data)
    writer.finish()
    path = tmp_path / "landed"
    path.write_bytes(target.getvalue())
    assert decrypt.landed_bytes(KEYS, path) == data
    path.write_bytes(target.getvalue()[:-1])
    with pytest.raises(decrypt.Unreadable):
        decrypt.landed_bytes(KEYS, path)


def taken_from_the_hub(source: str) -> Iterator[str]:
    """What a module of the search uses of the hub and may not, and any import that no reader of it sees."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = (
                [node.module or ""]
                if node.module in MAY_IMPORT
                else [f"{node.module}.{one.name}" for one in node.names]
            )
        yield from (name for name in names if name.split(".")[0] in ("hub", "importlib") and name not in MAY_IMPORT)
        if isinstance(node, ast.Name) and node.id in ("__import__", "eval", "exec"):
            yield node.id


def test_the_search_shares_no_code_with_what_erases() -> None:
    modules = sorted(Path(decrypt.__file__).parent.glob("**/*.py"))
    assert len(modules) > 10
    assert {path.name: list(taken_from_the_hub(path.read_text(encoding="utf-8"))) for path in modules} == {
        path.name: [] for path in modules
    }


@pytest.mark.parametrize(
    "source",
    [
        "from hub.privacy.certificate import read_certificate",
        "from hub.privacy import identify",
        "from hub import privacy",
        "import hub.vault.reading",
        "def late():\n    from hub.vault.store import normalised",
        "import importlib",
        "__import__('hub.privacy')",
    ],
)
def test_code_of_the_hub_in_the_search_is_seen(source: str) -> None:
    assert list(taken_from_the_hub(source))


def test_the_figures_of_a_trial_are_told() -> None:
    said = str(Figures(3, 1, 1, 2, {"raw": 42}, 4, 5, 6, 7, 8, {"drop, email": 1}, 9, {"erasing": 11.4}))
    for part in (
        "erased 3, refused 1",
        "raw 42",
        "rows changed: 4",
        "build: 6",
        "found 7",
        "one by one 8",
        "unnamed 9",
    ):
        assert part in said
    assert "excused by a general sentence: drop, email 1" in said
    assert "erasing 11" in said
