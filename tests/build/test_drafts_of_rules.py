"""What is no set of allocation rules is refused, and not tried as another one."""

from pathlib import Path

import pytest

from hub.build.allocation_trial import RulesRefused, read_rules

SEED = "rule_id,duty,target_kind,owner_rule,sla_clock,reason\na,owner,force,evidence,elapsed,Why\n"


@pytest.mark.parametrize(
    "row", ["b,owner,force,evidence,elapsed,Near, so urgent", "b,owner,force,evidence,elapsed", "b,owner,force"]
)
def test_a_row_with_more_or_fewer_cells_than_there_are_columns_is_refused(row: str, tmp_path: Path) -> None:
    seed, draft = tmp_path / "seed.csv", tmp_path / "draft.csv"
    seed.write_text(SEED + "c,owner,force,,,\n")
    draft.write_text(f"{SEED}{row}\n")
    with pytest.raises(RulesRefused):
        read_rules(draft, seed)


def test_a_draft_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    seed, draft = tmp_path / "seed.csv", tmp_path / "draft.csv"
    seed.write_text(f"{SEED}c,owner,force,evidence,elapsed,Why\n")
    draft.write_text(SEED.replace("a,", "a,owner,", 1).replace("rule_id,", "rule_id,duty,", 1))
    with pytest.raises(RulesRefused, match="twice"):
        read_rules(draft, seed)
