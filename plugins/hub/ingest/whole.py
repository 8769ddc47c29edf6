"""What can only be said of a delivery when all of its rows are in raw: that rows say different things of one record,
and that a whole table lost most of its records."""

import uuid
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.contracts.rules import AgreementRule
from hub.deliveries import Chunk, Rejection, Verdict
from hub.ingest.agreement import disagreeing_rows
from hub.ingest.snapshots import SnapshotChange


def find_disagreeing(connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID) -> dict[int, AgreementRule]:
    """The accepted rows of a delivery that disagree with others about their record, each with the first rule that it
    breaks. Of each rule no more than one row beyond those that may be rejected: that many refuse the delivery."""
    most = contract.rejected_rows.most_rows + 1
    return {
        number: rule
        for rule in reversed(contract.agreement_rules)
        for number in disagreeing_rows(connection, contract, rule, delivery_id, most)
    }


def reject(rule: AgreementRule, number: int, line: int | None) -> Rejection:
    """The rejection of a row that disagrees."""
    return Rejection(number, line, rule.name, rule.because, rule.column)


def without_disagreeing(verdict: Verdict, chunk: Chunk, disagreeing: Mapping[int, AgreementRule]) -> Verdict:
    """The verdict on a chunk with those of its rows rejected that disagree."""
    if not disagreeing:
        return verdict
    rejections = list(verdict.rejections)
    numbers = chunk.row_numbers.to_numpy()
    for position in np.flatnonzero(np.isin(numbers, list(disagreeing))).tolist():
        number, line = int(numbers[position]), chunk.line_numbers[position].as_py()
        rejections.append(reject(disagreeing[number], number, line))
    return replace(verdict, rejections=tuple(sorted(rejections, key=lambda one: one.row_number)))


def lost_records(contract: Contract, change: SnapshotChange | None) -> list[str]:
    """Why a whole table is not plausible beside the issue before it; nothing where it is, or there was none."""
    if contract.most_withdrawn is None or change is None:
        return []
    lost, before = change.records_withdrawn, change.records_before
    if lost <= contract.most_withdrawn * before:
        return []
    return [f"snapshot.withdrawn: {lost} of the {before} records of the issue before are missing"]
