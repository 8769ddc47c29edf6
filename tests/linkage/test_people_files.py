"""`hub people link`: which rows of any file are one person."""

import csv
import json
import os
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from hub.cli.main import app
from hub.linkage.people.file_linking import link_file
from hub.linkage.people.files import FileRefused, read_persons

OPEN_DATA = os.environ.get("HUB_OPEN_DATA")
GIVEN = ("Ada", "Benjamin", "Cleo", "Devan", "Ewa", "Farid", "Grace", "Hugo", "Iris", "Jonas")
FAMILY = ("Alderbourne", "Birchwold", "Calderby", "Dunmarsh", "Elmsgate", "Fernhollow", "Gorsebank", "Hazelmere")
TOWNS = ("Northwick", "Southholme", "Eastbury", "Westerly", "Midford")
TRADES = ("weaver", "miller", "printer", "surgeon", "painter", "actor")


def pairs(counts: Counter[object]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def precision_and_recall(truth: list[str], persons: list[int]) -> tuple[float, float]:
    both = pairs(Counter(zip(truth, persons, strict=True)))
    return both / pairs(Counter(persons)), both / pairs(Counter(truth))


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, list(rows[0]))
        lines.writeheader()
        lines.writerows(rows)
    return path


def historical(draw: Random, count: int) -> tuple[list[str], list[dict[str, str]]]:
    """People of old registers: where they were born and what they did, and at times when."""
    truth: list[str] = []
    rows: list[dict[str, str]] = []
    for person in range(count):
        given = draw.choice(GIVEN) + draw.choice(("", "na", "us", "el"))
        family = draw.choice(FAMILY)[:-3] + draw.choice(("wick", "thorpe", "combe", "lund", "stead", "firth"))
        born = f"{draw.randint(1780, 1899)}-{draw.randint(1, 12):02}-{draw.randint(2, 28):02}"
        place, trade = draw.choice(TOWNS), draw.choice(TRADES)
        for _ in range(draw.randint(1, 5)):
            name = f"{given} {family}"
            if draw.random() < 0.2:
                at = draw.randrange(len(name) - 1)
                name = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
            truth.append(str(person))
            rows.append(
                {
                    "id": f"R{len(rows)}",
                    "name": name,
                    "date_of_birth": draw.choices((born, born[:4], ""), (6, 1, 2))[0],
                    "birth_place": place if draw.random() < 0.8 else "",
                    "occupation": trade if draw.random() < 0.7 else draw.choice(TRADES),
                }
            )
    return truth, rows


def test_people_of_old_registers_are_found_without_labels(tmp_path: Path) -> None:
    truth, rows = historical(Random(7), 150)
    linked = link_file(write(tmp_path / "register.csv", rows))
    precision, recall = precision_and_recall(truth, list(linked.persons))
    assert precision >= 0.97
    assert recall >= 0.8


@pytest.mark.parametrize("columns", [("given_name", "surname", "date_of_birth"), ("surname", "date_of_birth")])
def test_a_file_of_name_and_date_of_birth_alone_is_linked(tmp_path: Path, columns: tuple[str, ...]) -> None:
    draw = Random(11)
    rows: list[dict[str, str]] = []
    truth: list[str] = []
    for person in range(150):
        born = f"{draw.randint(1930, 2005)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        surname = draw.choice(FAMILY)[:-4] + draw.choice(("wick", "thorpe", "combe", "lund", "stead", "firth"))
        known = {"given_name": draw.choice(GIVEN), "surname": surname, "date_of_birth": born}
        for _ in range(2):
            truth.append(str(person))
            rows.append({"id": str(len(rows)), **{name: known[name] for name in columns}})
    linked = link_file(write(tmp_path / "people.csv", rows))
    precision, recall = precision_and_recall(truth, list(linked.persons))
    assert precision > 0.9
    assert recall > 0.9


@pytest.mark.parametrize("slip", [0, 1])
def test_a_file_of_a_few_rows_is_linked(tmp_path: Path, slip: int) -> None:
    """Of two rows that are all a file has nothing can be learned, nor of some that agree nowhere."""
    rows = [{"id": "1", "name": "Ada Alderbourne", "date_of_birth": "1980-02-03"}]
    rows.append({"id": "2", "name": "Ada Alderbourne", "date_of_birth": f"1980-02-0{3 + slip}"})
    rows += [{"id": str(3 + at), "name": f"{GIVEN[at]} {FAMILY[at]}", "date_of_birth": f"195{at}-0{at + 1}-09"}
             for at in range(1, 8 * slip)]  # fmt: skip
    linked = link_file(write(tmp_path / "few.csv", rows))
    assert len(linked.persons) == len(rows)


def test_the_command_writes_a_person_for_each_row_and_says_no_value(tmp_path: Path) -> None:
    _, rows = historical(Random(8), 60)
    path, out = write(tmp_path / "register.csv", rows), tmp_path / "clusters.csv"
    result = CliRunner().invoke(app, ["people", "link", str(path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    with out.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["id"] for row in written] == [row["id"] for row in rows]
    assert said["rows"] == len(rows)
    assert said["persons"] == len({row["person"] for row in written})
    assert sum(said["persons_of_so_many_rows"].values()) == said["persons"]
    assert not any(name in result.output for name in FAMILY)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("name,born\nA,B\nC,D\n", r"line 1, column id: there is none"),
        ("id,name,name\n1,A,B\n2,C,D\n", r"line 1, column name: it is there twice"),
        ("id,given_name,surname\n1,Secret,Person\n1,Other,Person\n", r"row 2, column id: not unique"),
        ("id,given_name,surname\n1,Secret,Person\n,Other,Person\n", r"row 2, column id: empty"),
        ("id,given_name,surname\n1,Secret,Person\n2,Other\n", r"line 3: 2 cells under 3 columns"),
        ("id,given_name\n1,Secret\n2,Other\n", r"fewer than two columns can be compared"),
        ("id,given_name,surname\n", r"fewer than two rows"),
        ("", r"fewer than two rows"),
    ],
)
def test_a_file_that_cannot_be_linked_is_refused_by_line_column_and_rule(
    tmp_path: Path, text: str, because: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileRefused, match=because) as refused:
        read_persons(path)
    assert str(refused.value).startswith("bad.csv")
    assert "Secret" not in str(refused.value)
    result = CliRunner().invoke(app, ["people", "link", str(path), "--out", str(tmp_path / "out.csv")])
    assert result.exit_code == 1
    assert not (tmp_path / "out.csv").exists()


def test_bytes_that_are_no_text_and_a_column_that_is_not_there_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(b"id,name,town\n1,\xff\xfe,x\n2,b,x\n")
    with pytest.raises(FileRefused, match="is no UTF-8"):
        read_persons(path)
    path.write_text("id,given_name,surname\n1,A,B\n2,C,D\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="no column truth"):
        read_persons(path, without=["truth"])


def test_a_column_that_is_left_out_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "ID,Name,Date_of_Birth,Phone,Email,Town\n"
        "1,Ada Birch,1990-03-04,07700 900123,ada@example.org,Northwick\n"
        "2,Ada Birch,1990-03-05,07700 900123,ada@example.org,Northwick\n"
        "3,Cleo Elms,1990-03-05,07700 900124,cleo@example.org,Eastbury\n",
        encoding="utf-8",
    )
    every = {"name", "date_of_birth", "phone", "email"}
    columns = {
        "name": ("first_name", "surname", "lone_name"),
        "date_of_birth": ("birth_date", "birth_swapped", "birth_year"),
        "phone": ("phone",),
        "email": ("email",),
    }
    for field in every:
        file = read_persons(path, without=[field.upper()])
        assert file.has == every - {field}
        assert field not in file.further
        assert not any(any(file.rows[column].to_pylist()) for column in columns[field])
    assert read_persons(path, without=["town"]).further == ["email", "phone"]
    with pytest.raises(FileRefused, match="line 1, column id: it cannot be left out"):
        read_persons(path, without=["id"])


def test_where_a_column_is_left_out_another_of_its_kind_is_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,name,dob,date_of_birth\n1,A B,1990-03-04,x\n2,C D,1990-03-05,x\n", encoding="utf-8")
    file = read_persons(path, without=["date_of_birth"])
    assert file.rows["birth_date"].to_pylist() == ["19900304", "19900305"]
    assert file.further == []


@pytest.mark.parametrize(
    ("text", "year", "date"),
    [
        ("1990-03-04", "1990", "19900304"),
        ("19900304", "1990", "19900304"),
        ("1990-03-04T00:00:00Z", "1990", "19900304"),
        ("1990-03-04 00:00:00", "1990", "19900304"),
        ("04/03/1990", "1990", "19900304"),
        ("4.3.1990 12:30", "1990", "19900304"),
        ("04031990", "1990", "19900304"),
        ("12031990", "1990", "19900312"),
        ("1990-19-04", "1990", "19901904"),
        ("1990-01-01", "1990", None),
        ("1990-03", "1990", None),
        ("4 March 1990", "1990", None),
        ("about 1850", "1850", None),
        ("04/03/90", None, None),
        ("4-3-90", None, None),
        ("0000-00-00", None, None),
        ("1850 or 1851", None, None),
    ],
)
def test_a_year_of_birth_is_read_where_it_is_written_with_four_digits(
    tmp_path: Path, text: str, year: str | None, date: str | None
) -> None:
    rows = [{"id": number, "name": "Ada Birch", "date_of_birth": text} for number in "12"]
    (first, _) = read_persons(write(tmp_path / "born.csv", rows)).rows.to_pylist()
    assert (first["birth_year"], first["birth_date"]) == (year, date)


@pytest.mark.long
@pytest.mark.skipif(OPEN_DATA is None, reason="HUB_OPEN_DATA is not set: no real open data here")
def test_a_public_benchmark_is_linked_as_well_as_by_its_best_published_settings() -> None:
    linked = link_file(Path(OPEN_DATA or "") / "public_linkage" / "febrl3.csv")
    truth = [re.sub(r"-(?:org|dup).*", "", one) for one in linked.ids]
    precision, recall = precision_and_recall(truth, list(linked.persons))
    assert 2 * precision * recall / (precision + recall) >= 0.998
