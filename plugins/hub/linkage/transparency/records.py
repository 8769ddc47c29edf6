"""A transparency record: what people state in each field of the standard, and what the run says of performance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from hub.linkage.transparency.evaluation import LEAST_OF_A_GROUP, MOST_GAP, Evaluation, Group, Measured, Share
from hub.linkage.transparency.standard import FIELDS, MEASURED, Field

NOT_EXPLAINED = "the gap of recall between groups is beyond {most:.0%} and `explanation_of_gap` says nothing of it"


class RecordRefused(ValueError):
    """Texts and run do not make a record; the message says what is missing."""


@dataclass(frozen=True)
class Record:
    """The record of one linkage. ``statements`` has what is stated by field, in the order of the standard."""

    code: str
    valid_from: date
    review_on: date
    statements: Mapping[Field, str]


def read_records(texts: Path, evaluation: Evaluation) -> Sequence[Record]:
    """One record a linkage that the texts are about. Raises :class:`RecordRefused` where a field has no text or is none
    of the standard's, where a linkage was not measured, and where a gap between groups is not explained."""
    held: Mapping[str, Any] = yaml.safe_load(texts.read_text(encoding="utf-8"))
    return [_record(code, one, held["both"], evaluation) for code, one in held["records"].items()]


def _record(code: str, own: Mapping[str, Any], both: Mapping[str, str], evaluation: Evaluation) -> Record:
    stated = {**both, **own["fields"]}
    if code not in evaluation.linkages:
        raise RecordRefused(f"{code}: the run did not measure it")
    measured = evaluation.linkages[code]
    if wrong := {field.code for field in FIELDS} ^ {*stated, MEASURED}:
        raise RecordRefused(f"{code}: no text, or no field of the standard: {', '.join(sorted(wrong))}")
    explanation = own.get("explanation_of_gap", "")
    if measured.has_gap and not explanation:
        raise RecordRefused(f"{code}: {NOT_EXPLAINED.format(most=MOST_GAP)}")
    performance = "\n\n".join(_performance(measured, evaluation, explanation))
    statements = {field: " ".join(str(stated[field.code]).split()) for field in FIELDS if field.code != MEASURED}
    return Record(
        code=code,
        valid_from=own["valid_from"],
        review_on=own["review_on"],
        statements={field: statements.get(field, performance) for field in FIELDS},
    )


def _performance(measured: Measured, evaluation: Evaluation, explanation: str) -> Sequence[str]:
    """Paragraphs: of what the figures are, the figures, the groups, and what their gap is."""
    large = sorted((one for one in measured.groups if one.is_large), key=lambda one: one.recall.value)
    small = [one for one in measured.groups if not one.is_large]
    return [
        f"Measured on {evaluation.measured_on} on {evaluation.reports:,} made-up reports whose truth is known (world"
        f" {evaluation.seed}), written without sight of the linkage. Pairs of records are counted: precision is the"
        " share of joined pairs that are right, recall the share of true pairs that are joined.",
        "; ".join(
            f"{one.name}: {_figure(one.share)}, wanted {'at least' if one.is_least else 'at most'} {one.wanted:.1%}"
            f"{'' if one.is_met else ' (not met)'}"
            for one in measured.figures
            if one.share.whole
        )
        + ".",
        f"Recall by {measured.groups_by}, lowest first, with 95% intervals: "
        + ("; ".join(map(_group, large)) or "no group is large enough")
        + "."
        + (f" Too few to say (under {LEAST_OF_A_GROUP} pairs): {', '.join(map(_small, small))}." if small else ""),
        f"The gap between groups is {100 * measured.gap:.1f} points; at most {100 * MOST_GAP:.0f} are wanted."
        + (f" {' '.join(explanation.split())}" if measured.has_gap else ""),
    ]


def _group(group: Group) -> str:
    low, high = group.recall.interval
    right = f", precision {_figure(group.precision)}" if group.precision.part < group.precision.whole else ""
    return f"{_words(group.name)} {_figure(group.recall)}, {low:.1%} to {high:.1%}{right}"


def _small(group: Group) -> str:
    return f"{_words(group.name)} ({group.recall.part} of {group.recall.whole})"


def _figure(share: Share) -> str:
    return f"{share.value:.1%} ({share.part:,} of {share.whole:,})"


def _words(name: str) -> str:
    return name.replace("_", " ")
