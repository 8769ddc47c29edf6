"""A cluster of Spark reads a file as it is read in order, also where one of its workers is lost in the middle."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryStatus
from scale.cluster import KEY, Cluster, spark_cluster
from scale.hubs import ANY_SHARE, Both, answer, needs_spark
from scale.processes import at_the_same_time, forget_java, listening, processes_below
from scale.test_killed import day

pytestmark = [pytest.mark.long, needs_spark]


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return replace(catalogue.contracts["provider_statements"], rejected_rows=ANY_SHARE)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """One whose secret this process knows from Spark's own folder of settings."""
    forget_java()
    with spark_cluster(tmp_path) as cluster:
        cluster.give_secret(tmp_path / "conf")
        monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path / "conf"))
        yield cluster
    forget_java()


def with_cluster(both: Both, cluster: Cluster, *, by_file: bool = False) -> Both:
    """The second hub sends its work there."""
    options = cluster.options()
    both.spark.spark_options.write_text(options if by_file else options.partition("\n")[2])
    return replace(both, spark=replace(both.spark, spark_master=cluster.master))


def test_processes_of_a_cluster_prove_that_they_know_the_secret_in_a_file(
    both: Both, contract: Contract, tmp_path: Path
) -> None:
    forget_java()
    with spark_cluster(tmp_path, by_file=True) as cluster:
        one, other, seen = with_cluster(both, cluster, by_file=True).deliver(contract, day(contract, 30))
    assert answer(one) == answer(other)
    seen.assert_spark_did_all(other)


def test_a_hub_sends_its_work_to_a_cluster_by_the_secret_in_a_file(
    both: Both, contract: Contract, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPARK_CONF_DIR")
    one, other, seen = with_cluster(both, cluster, by_file=True).deliver(contract, day(contract, 30))
    assert answer(one) == answer(other)
    seen.assert_spark_did_all(other)


@dataclass
class Loss:
    """One worker is lost when executors have been there for a while."""

    cluster: Cluster
    after: int
    seen: int = 0
    lost: int = 0

    def look(self) -> None:
        if not self.lost and self.cluster.executors():
            self.seen += 1
            if self.seen >= self.after:
                self.lost += 1
                self.cluster.kill_a_worker()


def test_a_cluster_reads_a_file_as_it_is_read_in_order(both: Both, contract: Contract, cluster: Cluster) -> None:
    both, addresses = with_cluster(both, cluster), set[str]()
    with at_the_same_time(lambda: addresses.update(listening(processes_below())), every=0.5):
        one, other, seen = both.deliver(contract, day(contract, 31))
    assert one.status is DeliveryStatus.LOADED
    assert answer(one) == answer(other)
    print(seen, addresses)
    both.assert_equal(contract)
    seen.assert_spark_did_all(other)
    secret = cluster.secret_file.read_bytes()
    assert not [one for one in processes_below() if secret in "\0".join(one.command).encode()]


@pytest.mark.parametrize("after", [10, 40])
def test_a_worker_of_a_cluster_that_is_lost_costs_nothing(
    both: Both, contract: Contract, cluster: Cluster, after: int
) -> None:
    loss = Loss(cluster, after)
    one = both.in_order(contract, day(contract, 32, parts=10))
    with at_the_same_time(loss.look, every=0.2):
        other, seen = with_cluster(both, cluster).on_spark(contract, day(contract, 32, parts=10))
    print(loss.seen, loss.lost, seen)
    assert loss.lost == 1
    assert answer(one) == answer(other)
    both.assert_equal(contract)


def test_a_hub_that_does_not_know_the_secret_is_not_served(
    both: Both, contract: Contract, cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "conf" / "spark-defaults.conf").write_text(f"{KEY} another-one-as-long-as-the-secret-is\n")
    one, other, seen = with_cluster(both, cluster).deliver(contract, day(contract, 33, parts=2))
    assert answer(one) == answer(other)
    seen.assert_read_in_order()
