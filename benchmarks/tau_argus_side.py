"""Suppresses tables with τ-ARGUS. Runs in an environment of its own, which has ``pytauargus`` and not the hub.

``python tau_argus_side.py FOLDER`` reads ``FOLDER/tables.json`` and writes ``FOLDER/suppressed.json``.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pytauargus.batch import BatchError
from pytauargus.engine import run_batch
from pytauargus.result import TableResult

METADATA = """<SEPARATOR> ;
<SAFE> S
<UNSAFE> U
<PROTECT> P
force
  <RECODEABLE>
  <TOTCODE> "Total"
  <HIERARCHICAL>
  <HIERCODELIST> "{folder}/force.hrc"
  <HIERLEADSTRING> "@"
strand
  <RECODEABLE>
  <TOTCODE> "Total"
quarter
  <RECODEABLE>
  <TOTCODE> "Total"
count
  <NUMERIC>
lower
  <NUMERIC> <LOWERPL>
upper
  <NUMERIC> <UPPERPL>
status
  <STATUS>
"""
BATCH = """<OPENTABLEDATA> "{folder}/table.tab"
<OPENMETADATA> "{folder}/table.rda"
<SPECIFYTABLE> "force""strand""quarter"|"count"||
<SAFETYRULE>
<READTABLE>
<SUPPRESS> {method}
<WRITETABLE> (1,5,SO+,"{folder}/out.tab")
"""


def suppress(cells: list[dict[str, Any]], asked: dict[str, Any], folder: Path) -> list[list[str]] | None:
    """Keys of all suppressed cells of one table; None where the engine ends without an answer."""
    folder.mkdir(parents=True)
    lines = []
    for region, forces in asked["regions"].items():
        lines += [region, *(f"@{force}" for force in forces)]
    (folder / "force.hrc").write_text("\n".join(lines) + "\n")
    columns = ("count", "lower", "upper", "status")
    rows = [";".join([*cell["key"], *(str(cell[column]) for column in columns)]) for cell in cells]
    (folder / "table.tab").write_text("\n".join(rows) + "\n")
    (folder / "table.rda").write_text(METADATA.format(folder=folder))
    (folder / "batch.arb").write_text(BATCH.format(folder=folder, method=asked["method"]))
    try:
        run_batch(str(folder / "batch.arb"))
    except BatchError:
        return None
    names = ["force", "strand", "quarter"]
    result = TableResult(path=str(folder / "out.tab"), exp_vars=names, response="count", is_freq=False)
    return [[row[name].strip() or "Total" for name in names] for row in result.rows if row["status"] in ("U", "M")]


def main() -> None:
    """Every table by the method that the file names."""
    folder = Path(sys.argv[1]).resolve()
    asked = json.loads((folder / "tables.json").read_text())
    tables = enumerate(asked["tables"])
    answers = [suppress(cells, asked, folder / f"table_{number}") for number, cells in tables]
    (folder / "suppressed.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main()
