"""A cluster of Spark reads a file as it is read in order, also where one of its workers is lost in the middle."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryStatus
from scale.cluster import Cluster, spark_cluster
from scale.hubs import ANY_SHARE, Both, answer, needs_spark
from scale.processes import Process, at_the_same_time, listening, processes_below
from scale.test_killed import day

pytestmark = [pytest.mark.long, needs_spark]


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return replace(catalogue.contracts["provider_statements"], rejected_rows=ANY_SHARE)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with spark_cluster(tmp_path) as cluster:
        yield cluster


def with_cluster(both: Both, cluster: Cluster) -> Both:
    """The second hub sends its work there."""
    both.spark.spark_options.touch(mode=0o600)
    both.spark.spark_options.write_text(cluster.options())
    return replace(both, spark=replace(both.spark, spark_master=cluster.master))


def everything() -> list[Process]:
    """The processes of the cluster and of the hub."""
    return processes_below(os.getppid())


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
    with at_the_same_time(lambda: addresses.update(listening(everything())), every=0.5):
        one, other, seen = both.deliver(contract, day(contract, 31))
    assert one.status is DeliveryStatus.LOADED
    assert answer(one) == answer(other)
    print(seen, addresses)
    both.assert_equal(contract)
    seen.assert_spark_did_all(other)
    assert not [one for one in everything() if cluster.secret in "\0".join(one.command)]


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


def test_a_hub_that_does_not_know_the_secret_is_not_served(both: Both, contract: Contract, cluster: Cluster) -> None:
    both = with_cluster(both, cluster)
    both.spark.spark_options.write_text(replace(cluster, secret="another-one-as-long-as-the-secret-is").options())
    one, other, seen = both.deliver(contract, day(contract, 33, parts=2))
    assert answer(one) == answer(other)
    seen.assert_read_in_order()
