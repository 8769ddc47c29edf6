"""Imports that leave out what nobody asks for, and give it to who does."""

import gc
import importlib
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.lean_imports import garbage_left_alone, name_by_name, put_off

GATHERING = """
from gathering.light import LIGHT
from gathering.heavy import HEAVY, WEIGHT as HOW_HEAVY
OWN = "own"
"""


@pytest.fixture
def gathering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of two modules whose names it gathers, and a user of it."""
    for name, text in {
        "gathering/__init__.py": GATHERING,
        "gathering/light.py": "LIGHT = 1",
        "gathering/heavy.py": "HEAVY, WEIGHT = 2, 3",
        "gathering/below/__init__.py": "from .near import NEAR\nfrom ..heavy import HEAVY",
        "gathering/below/near.py": "from .. import LIGHT\nNEAR = LIGHT + 3",
        "asks_light.py": "from gathering import LIGHT",
        "asks_near.py": "from gathering.below import NEAR",
        "asks_own.py": "from gathering import OWN",
        "asks_nothing.py": "import gathering.light",
        "alone.py": "WEIGHT = 4",
        "names_alone.py": "import alone\ndef weigh(): return alone.WEIGHT",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    of_gathering = ("gathering", "gathering.light", "gathering.heavy", "gathering.below", "gathering.below.near")
    for name in (*of_gathering, "alone", "asks_light", "asks_near", "asks_own", "asks_nothing", "names_alone"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.usefixtures("gathering")
def test_only_the_modules_whose_names_are_asked_for_are_imported() -> None:
    with name_by_name("gathering"):
        light = __import__("asks_light")
    assert light.LIGHT == 1
    assert "gathering.heavy" not in sys.modules
    assert "gathering" not in sys.modules

    whole = __import__("gathering")
    assert (whole.LIGHT, whole.HEAVY, whole.HOW_HEAVY, whole.OWN) == (1, 2, 3, "own")


@pytest.mark.usefixtures("gathering")
def test_packages_may_gather_from_modules_beside_and_above_them() -> None:
    with name_by_name("gathering", "gathering.below"):
        near = __import__("asks_near")
    assert near.NEAR == 4
    assert "gathering.heavy" not in sys.modules
    assert not {"gathering", "gathering.below"} & set(sys.modules)

    assert importlib.import_module("gathering.below").HEAVY == 2


def test_a_package_that_stands_aside_still_knows_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tqdm", raising=False)
    with name_by_name("tqdm"):
        assert importlib.import_module("tqdm").__version__ == importlib.metadata.version("tqdm")


@pytest.mark.usefixtures("gathering")
def test_a_name_that_the_package_does_not_gather_brings_it_whole() -> None:
    with name_by_name("gathering"):
        asks = __import__("asks_own")
    assert asks.OWN == "own"
    assert sys.modules["gathering"].HEAVY == 2
    assert "gathering.heavy" in sys.modules


@pytest.mark.usefixtures("gathering")
def test_a_package_that_is_there_already_stays() -> None:
    whole = __import__("gathering")
    with name_by_name("gathering"):
        __import__("asks_nothing")
        assert sys.modules["gathering"] is whole
    assert sys.modules["gathering"] is whole


def test_a_package_that_is_not_there_is_named() -> None:
    with (
        pytest.raises(ModuleNotFoundError, match="there is no package gathering_of_none"),
        name_by_name("gathering_of_none"),
    ):
        pass


@pytest.mark.usefixtures("gathering")
def test_a_module_that_is_put_off_comes_when_it_is_used() -> None:
    with put_off("alone"):
        names = __import__("names_alone")
    assert "alone" not in sys.modules
    assert names.weigh() == 4
    assert sys.modules["alone"].WEIGHT == 4


@pytest.mark.parametrize("was_collecting", [True, False])
def test_garbage_is_collected_afterwards_as_it_was_before(was_collecting: bool) -> None:
    (gc.enable if was_collecting else gc.disable)()
    try:
        with garbage_left_alone():
            assert not gc.isenabled()
        assert gc.isenabled() == was_collecting
    finally:
        gc.unfreeze()
        gc.enable()


LOADS = """
import sys
from hub.stages.validate import load_great_expectations
load_great_expectations()
within = ["checkpoint", "datasource.fluent.sql_datasource", "expectations.core.expect_column_max_to_be_between"]
left_out = ["requests", "scipy.stats", "altair", "jsonschema", "mistune", *(f"great_expectations.{x}" for x in within)]
assert not [name for name in left_out if name in sys.modules]
import great_expectations as gx
import great_expectations.datasource.fluent
import pandas as pd
asset = gx.get_context(mode="ephemeral").data_sources.add_pandas("source").add_dataframe_asset("frames")
batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": pd.DataFrame({"a": [1, None]})})
assert not batch.validate(gx.expectations.ExpectColumnValuesToNotBeNull(column="a")).success
assert batch.validate(gx.expectations.ExpectColumnMaxToBeBetween(column="a", min_value=1, max_value=1)).success
"""


def test_great_expectations_can_still_be_had_whole() -> None:
    subprocess.run([sys.executable, "-c", LOADS], check=True)


JUDGES = """
import sys
from hub.contract_rules import Rule
from hub.stages.validate.computing import compute_rules
from stages.every_rule import FRAMES, KWARGS
rules = [Rule(kind, kind, kwargs, "why", None) for kind, kwargs in KWARGS.items()]
assert compute_rules("places", FRAMES[0], rules, frozenset()).keys() == KWARGS.keys()
assert "great_expectations.validator.validation_graph" in sys.modules
assert "great_expectations" not in sys.modules, "something asked for the whole package"
"""


def test_no_kind_of_rule_takes_the_whole_of_great_expectations_to_be_judged() -> None:
    tests = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", JUDGES], check=True, env=os.environ | {"PYTHONPATH": str(tests)})
