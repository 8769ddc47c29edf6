"""Runs and relations → OpenLineage events. An event holds names of jobs, feeds and tables, times and counts, and
nothing else."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, JobEvent, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import RunFacet, job_type_job, parent_run
from openlineage.client.naming.dataset import LocalFileSystem, Postgres
from sqlalchemy.engine import URL

from hub.deliveries import HUB_NAMESPACE
from hub.lineage.ledger_runs import BUILD, INGEST, LINKAGE, PUBLISH, LedgerRun
from hub.lineage.relations import Relation, Relations

NAMESPACE = "hate-crime-hub"
"""Of the jobs."""
PRODUCER = f"urn:{NAMESPACE}:{version('hate-crime-hub')}"
QUALITY = {INGEST: "hub_rows", BUILD: "hub_nodes"}
"""The hub's own facets. Of an ingest: its status, and rows received, accepted, quarantined, duplicate. Of a build: how
many models and tests ended in which state."""
CANDIDATE = "candidate"


@dataclass(frozen=True)
class Events:
    """Makes events of a warehouse at this address, whose jobs read and write these relations."""

    address: URL
    relations: Relations

    def of_run(self, run: LedgerRun) -> Iterator[RunEvent]:
        """Its start and, where it has ended, its end. The same run always gives the same ids."""
        yield self._event(run, RunState.START, run.started_at)
        if run.ended_as is not None:
            yield self._event(run, RunState(run.ended_as), run.ended_at)

    def of_relations(self, at: datetime) -> Iterator[JobEvent]:
        """What each single model and each table of the hub's own decisions is made of, whenever it is run."""
        for relation, made_of in sorted(self.relations.made_of.items()):
            yield JobEvent(
                eventTime=at.isoformat(),
                producer=PRODUCER,
                job=_job(".".join(relation), "TABLE"),
                inputs=self._read(made_of),
                outputs=self._written([relation]),
            )

    def _event(self, run: LedgerRun, state: RunState, at: datetime) -> RunEvent:
        facets: dict[str, Any] = {}
        if state is not RunState.START and run.quality:
            facets[QUALITY[run.kind]] = RunFacet(producer=PRODUCER).with_additional_properties(**run.quality)
        if run.part_of is not None:
            parent = parent_run.Run(runId=_run_id(BUILD, run.part_of)), parent_run.Job(NAMESPACE, BUILD)
            facets["parent"] = parent_run.ParentRunFacet(*parent, producer=PRODUCER)
        inputs, outputs = self._datasets(run)
        return RunEvent(
            eventType=state,
            eventTime=at.isoformat(),
            producer=PRODUCER,
            run=Run(_run_id(run.kind, run.identity), facets),
            job=_job(run.kind if run.feed is None else f"{run.kind}.{run.feed}", "JOB"),
            inputs=inputs,
            outputs=outputs,
        )

    def _datasets(self, run: LedgerRun) -> tuple[list[InputDataset], list[OutputDataset]]:
        if run.kind == INGEST:
            files = LocalFileSystem(f"drop/{run.feed}")
            read = InputDataset(files.get_namespace(), files.get_name())
            return [read], self._written([Relation("raw", str(run.feed))])
        if run.kind == BUILD:
            return self._read(self.relations.given), self._written(self.relations.published)
        if run.kind == LINKAGE:
            decided = self.relations.of_schema(LINKAGE)
            return self._read(frozenset().union(*decided.values())), self._written(decided)
        candidates = [Relation(CANDIDATE, view) for view in run.views]
        return self._read(candidates), self._written(Relation(PUBLISH, view) for view in run.views)

    def _read(self, relations: Iterable[Relation]) -> list[InputDataset]:
        return [InputDataset(one.get_namespace(), one.get_name()) for one in self._named(relations)]

    def _written(self, relations: Iterable[Relation]) -> list[OutputDataset]:
        return [OutputDataset(one.get_namespace(), one.get_name()) for one in self._named(relations)]

    def _named(self, relations: Iterable[Relation]) -> Iterator[Postgres]:
        host, port, database = self.address.host or "", str(self.address.port or 5432), self.address.database or ""
        for one in sorted(relations):
            yield Postgres(host, port, database, *one)


def _run_id(kind: str, identity: str) -> str:
    return str(uuid.uuid5(HUB_NAMESPACE, f"run/{kind}/{identity}"))


def _job(name: str, kind: str) -> Job:
    of_kind = job_type_job.JobTypeJobFacet("BATCH", "HUB", kind, producer=PRODUCER)
    return Job(NAMESPACE, name, {"jobType": of_kind})
