"""``hub feed``: what it writes holds as it is, and what is wrong it names."""

import io
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from contracts.samples import RECEIVED_AT
from hub.cli.docs import FEEDS
from hub.cli.main import app
from hub.contracts.model import Contract, read_contract
from hub.ingest.readers import read_chunks
from hub.ingest.validation import validate_chunk
from hub.settings import read_settings

FORMS = ["csv", "jsonl", "xml"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's feeds that a test may change."""
    settings = read_settings({})
    shutil.copytree(settings.expectations, tmp_path / "expectations")
    shutil.copytree(settings.dbt_project / "models", tmp_path / "dbt_project" / "models")
    (tmp_path / "docs").mkdir()
    shutil.copy(settings.project / FEEDS, tmp_path / FEEDS)
    monkeypatch.setenv("HUB_PROJECT", str(tmp_path))
    return tmp_path


def runner(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def feed(*arguments: str) -> tuple[int, str]:
    return runner("feed", *arguments)


def rejected(contract: Contract, path: Path) -> dict[int, str]:
    chunks = read_chunks(read_settings({}), contract, io.BytesIO(path.read_bytes()), [])
    return {
        one.row_number: one.rule for chunk in chunks for one in validate_chunk(contract, chunk, RECEIVED_AT).rejections
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_new_feed_holds_as_it_is_written(project: Path, form: str) -> None:
    code, output = feed("new", "school_reports", "--form", form)
    assert code == 0
    assert "'stg_school_reports'," in output
    code, output = feed("check", "school_reports")
    assert code == 1
    assert "docs/feeds.md does not say what the contract says" in output
    assert "no model reads stg_school_reports" in output
    assert runner("docs", "write")[0] == 0
    path = project / "dbt_project" / "models" / "intermediate" / "reports" / "int_reports__all_feeds.sql"
    path.write_text(path.read_text().replace("{% set models = [\n", "{% set models = [\n    'stg_school_reports',\n"))
    assert feed("check", "school_reports") == (0, "school_reports: ok\n")

    folder = project / "expectations" / "school_reports"
    contract = read_contract(folder / "contract.yaml")
    assert contract.form.formats == (form,)
    assert rejected(contract, folder / "samples" / f"good.{form}") == {}
    reasons = yaml.safe_load((folder / "samples" / "bad.reasons.yaml").read_text(encoding="utf-8"))
    expected = {item["row_number"]: item["rule"] for item in reasons}
    unique = {number for number, rule in expected.items() if rule.endswith(".unique")}
    assert len(unique) == 1
    found = rejected(contract, folder / "samples" / f"bad.{form}")
    assert found == {number: rule for number, rule in expected.items() if number not in unique}


def test_a_feed_that_is_there_is_not_written_over(project: Path) -> None:
    before = (project / "expectations" / "force_responses" / "contract.yaml").read_bytes()
    code, output = feed("new", "force_responses")
    assert code == 1
    assert "expectations/force_responses/contract.yaml is there already" in output
    assert (project / "expectations" / "force_responses" / "contract.yaml").read_bytes() == before


def test_the_declaration_of_a_feed_is_not_written_over_by_a_new_one(project: Path) -> None:
    declaration = project / "dbt_project" / "models" / "staging" / "school_reports" / "src_school_reports.yml"
    declaration.parent.mkdir()
    declaration.write_text("by hand")
    assert feed("new", "school_reports")[0] == 1
    assert declaration.read_text() == "by hand"


def test_a_feed_without_a_staging_folder_is_declared(project: Path) -> None:
    staging = project / "dbt_project" / "models" / "staging" / "force_responses"
    shutil.rmtree(staging)
    assert feed("declare", "force_responses")[0] == 0
    assert (staging / "src_force_responses.yml").is_file()


def test_a_page_with_a_rule_that_the_contract_has_no_longer_is_named(project: Path) -> None:
    page = project / FEEDS
    lines = page.read_text().splitlines()
    end = next(number for number, line in enumerate(lines) if line.startswith("## ") and "community" in line)
    end = next(number for number in range(end + 1, len(lines)) if lines[number].startswith("## ")) - 1
    page.write_text("\n".join([*lines[:end], "- a rule of yesterday", *lines[end:]]) + "\n")
    code, output = feed("check", "community_reports")
    assert (code, "docs/feeds.md does not say" in output) == (1, True)


@pytest.mark.usefixtures("project")
def test_options_for_a_file_are_refused_without_one() -> None:
    code, output = feed("check", "community_reports", "--as", "galop")
    assert (code, "go with a file" in output) == (2, True)


@pytest.mark.parametrize("name", ["Force", "a", "with space", "../elsewhere", "1st_feed"])
def test_a_name_that_cannot_be_a_table_is_refused(project: Path, name: str) -> None:
    before = sorted(path.name for path in (project / "expectations").iterdir())
    assert feed("new", name)[0] == 2
    assert sorted(path.name for path in (project / "expectations").iterdir()) == before


def test_check_names_the_refused_contract_and_passes_the_others(project: Path) -> None:
    path = project / "expectations" / "force_responses" / "contract.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("id: force_responses", "id: forces"), encoding="utf-8")
    code, output = feed("check")
    assert code == 1
    assert "force_responses: refused: id is 'forces'" in output
    assert "community_reports: ok" in output
    assert feed("check", "community_reports")[0] == 0


@pytest.mark.parametrize(
    "forgotten",
    [
        "expectations/force_responses/samples/good.xml",
        "expectations/force_responses/samples/bad.xml",
        "expectations/force_responses/samples/bad.reasons.yaml",
        "dbt_project/models/staging/force_responses/src_force_responses.yml",
    ],
)
def test_check_names_the_file_that_was_forgotten(project: Path, forgotten: str) -> None:
    (project / forgotten).unlink()
    assert feed("check", "force_responses") == (1, f"force_responses: {forgotten} is missing\n")


def test_check_names_a_staging_model_that_was_forgotten(project: Path) -> None:
    shutil.rmtree(project / "dbt_project" / "models" / "staging" / "force_responses")
    code, output = feed("check", "force_responses")
    assert code == 1
    assert "dbt_project/models/staging/force_responses/stg_*.sql is missing" in output


def test_check_names_a_rule_without_a_record_that_breaks_it(project: Path) -> None:
    path = project / "expectations" / "force_responses" / "samples" / "bad.reasons.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if "kind.known" not in line), encoding="utf-8")
    assert feed("check", "force_responses") == (1, "force_responses: no bad record breaks kind.known\n")


def test_check_names_a_rule_whose_parameter_is_misspelt(project: Path) -> None:
    path = project / "expectations" / "victim_surveys" / "contract.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("value_set:", "values:", 1), encoding="utf-8")
    code, output = feed("check", "victim_surveys")
    assert code == 1
    assert "rule wave.known: " in output
    assert "values extra fields not permitted" in output


def test_a_changed_contract_must_be_declared_to_dbt_again(project: Path) -> None:
    path = project / "expectations" / "force_responses" / "contract.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("description: Force that answers.", "description: Who answers."), encoding="utf-8")
    code, output = feed("check", "force_responses")
    assert code == 1
    assert "hub feed declare force_responses" in output
    assert "hub docs write" in output
    assert feed("declare", "force_responses")[0] == 0
    assert runner("docs", "write")[0] == 0
    assert feed("check", "force_responses") == (0, "force_responses: ok\n")


def test_rows_that_join_nothing_are_said_to_be_so(project: Path) -> None:
    assert feed("new", "school_reports")[0] == 0
    path = project / "expectations" / "school_reports" / "contract.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "  - property: joinsNothing\n    value: Kept for a trial alone.\n", encoding="utf-8")
    assert runner("docs", "write")[0] == 0
    assert feed("check", "school_reports") == (0, "school_reports: ok\n")

    models = project / "dbt_project" / "models" / "intermediate"
    (models / "int_schools.sql").write_text("select * from {{ ref('stg_school_reports') }}\n")
    said = "the contract says joinsNothing, but a model reads its rows"
    assert feed("check", "school_reports") == (1, f"school_reports: {said}\n")


def test_an_unknown_feed_is_said_to_be_unknown(project: Path) -> None:
    code, output = feed("check", "football")
    assert code == 1
    assert f"there is no feed 'football' in {project / 'expectations'}" in output.replace("\n", "")
