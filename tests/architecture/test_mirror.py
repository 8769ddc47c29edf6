"""The tests of a package are in the folder of its name; a folder of another name tests what no package has alone."""

from pathlib import Path

from hub.settings import read_settings

PROJECT = read_settings({}).project
ACROSS_PACKAGES = {
    "architecture",  # rules about the sources themselves
    "dashboards",  # the dashboards in `dashboards/`
    "journey",  # a delivery's whole way, by commands
    "models",  # the dbt project
    "proofs",  # promises that many packages keep together
    "recomputed",  # published figures, computed a second time
    "scale",  # the validation of a contract on Spark
}


def folders_with(pattern: str, root: Path) -> set[str]:
    return {path.parent.relative_to(root).parts[0] for path in root.glob(f"*/**/{pattern}")}


def test_every_package_has_a_folder_of_tests() -> None:
    packages = folders_with("__init__.py", PROJECT / "plugins" / "hub")
    assert packages
    assert folders_with("test_*.py", PROJECT / "tests") == packages | ACROSS_PACKAGES
