"""Small deliveries of a feed, judged together: whatever feed is added, each is found to be what it is found alone."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from feeds.samples import EXPECTATIONS, FEEDS, RECEIVED_AT, bad_reasons, packed_sample
from hub.contracts import Contract, read_contract
from hub.deliveries import Chunk, DeliveryStatus, Verdict
from hub.ingest import ingest_delivery
from hub.judging_ahead import SMALL_BYTES, judge_small
from hub.settings import Settings
from hub.stages.collect import collect_files
from hub.stages.read import read_chunks
from hub.stages.validate import judge_delivery, validate_chunk, validate_small


@pytest.fixture(params=FEEDS)
def contract(request: pytest.FixtureRequest) -> Contract:
    return read_contract(EXPECTATIONS / str(request.param) / "contract.yaml")


def sample(settings: Settings, contract: Contract, kind: str, folder: Path) -> list[Chunk]:
    with packed_sample(contract, kind, folder).open("rb") as file:
        return list(read_chunks(settings, contract, file, []))


def findings(contract: Contract, chunk: Chunk, verdict: Verdict) -> tuple[object, ...]:
    return (
        verdict.rejections,
        verdict.other_rules,
        judge_delivery(contract, verdict.tallies, chunk.count_rows),
    )


def test_samples_judged_together_are_found_what_each_is_found_alone(
    settings: Settings, contract: Contract, tmp_path: Path
) -> None:
    bad, good = (sample(settings, contract, kind, tmp_path) for kind in ("bad", "good"))
    chunks = [*bad, *good, *bad]
    received_at = [RECEIVED_AT] * (len(chunks) - 1) + [RECEIVED_AT - timedelta(days=4000)]
    both = list(zip(chunks, received_at, strict=True))
    alone = [findings(contract, chunk, validate_chunk(contract, chunk, at)) for chunk, at in both]
    together = zip(chunks, validate_small(contract, chunks, received_at), strict=True)
    assert [findings(contract, chunk, verdict) for chunk, verdict in together] == alone
    assert any(rejections for rejections, *_ in alone)
    assert not any(rejections for rejections, *_ in alone[len(bad) : len(bad) + len(good)])


CASES = read_contract(EXPECTATIONS / "community_reports" / "contract.yaml")


def receive(settings: Settings, engine: sa.Engine, folder: Path, name: str, data: bytes) -> uuid.UUID:
    path = folder / name
    path.write_bytes(data)
    (receipt,) = collect_files(settings, engine, CASES, [path])
    return receipt.delivery_id


def test_what_is_large_or_cannot_be_read_waits_for_its_own_turn(
    settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    good, bad = (packed_sample(CASES, kind, tmp_path).read_bytes() for kind in ("good", "bad"))
    small = [receive(settings, engine, tmp_path, name, data) for name, data in (("a.jsonl", good), ("b.jsonl", bad))]
    large = receive(settings, engine, tmp_path, "c.jsonl", good + bad * (1 + SMALL_BYTES // len(bad)))
    empty = receive(settings, engine, tmp_path, "d.jsonl", b"")
    ids = [uuid.uuid4(), empty, *small, large]
    judged = judge_small(settings, engine, CASES, ids)
    assert judged.keys() == set(small)
    assert judge_small(settings, engine, CASES, [small[0], large]) == {}, "one alone is judged in its turn"
    results = [
        ingest_delivery(settings, engine, CASES, one, released_by="a.person", judged=judged.get(one)) for one in ids[1:]
    ]
    assert [result.status for result in results][:3] == [DeliveryStatus.REFUSED, *[DeliveryStatus.LOADED] * 2]
    assert [result.rows_quarantined for result in results][1:3] == [0, len(bad_reasons(CASES.feed))]
    assert judge_small(settings, engine, CASES, ids) == {}, "what has an end is not judged again"
