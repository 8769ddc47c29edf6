"""Machines go at moments that follow from a seed, and come back."""

import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from local.celery.far_machine import FarMachine
from local.celery.followed import active_runs, deliver, is_calm, trigger, waiting
from local.celery.several_machines import SeveralMachines

LONGEST = 1500.0


class Weather:
    """Machines go, and come back."""

    def __init__(self, machines: SeveralMachines, rng: random.Random, times: int, seconds: float) -> None:
        self.machines = machines
        self.times, self.seconds = times, seconds
        self.rng = rng
        self.back: dict[str, tuple[float, str]] = {}
        self.happened: Counter[str] = Counter()
        self.at_work = 0

    def is_at_work(self, machine: FarMachine) -> bool:
        query = "select count(*) from task_instance where state = 'running' and hostname = :host"
        with self.machines.airflows().connect() as connection:
            return bool(connection.scalar(sa.text(query), {"host": machine.name}))

    def take_away(self, machine: FarMachine) -> None:
        """Cut off for a while, or for so long that connections are given up; killed, with or without a goodbye."""
        # Mostly while it is at work, and now and then at any moment.
        end = time.monotonic() + self.rng.choice([0, 60, 60])
        while time.monotonic() < end and not self.is_at_work(machine):
            time.sleep(0.1)
        time.sleep(self.rng.uniform(0, 1.5))
        self.at_work += self.is_at_work(machine)
        kind, longest = self.rng.choice([("cut", 15), ("cut for long", 60), ("killed", 10), ("lost", 40)])
        if kind != "killed":
            machine.cable.cut()
        if kind in ("killed", "lost"):
            machine.kill()
        self.happened[kind] += 1
        self.back[machine.name] = (time.monotonic() + self.rng.uniform(1, longest), kind)

    def bring_back(self, *, at_once: bool = False) -> None:
        for machine in self.machines.far:
            moment, kind = self.back.get(machine.name, (0.0, ""))
            if kind and (at_once or time.monotonic() > moment):
                del self.back[machine.name]
                if kind == "cut":
                    machine.cable.mend()
                else:
                    machine.cable.break_off()
                if not machine.is_up:
                    machine.start()

    def pass_over(self, files: deque[Path]) -> None:
        """Until machines have gone so often as is asked for, or the time is over; files come meanwhile."""
        end = time.monotonic() + self.seconds
        a_time = max(1, len(files) // self.times)
        while self.happened.total() < self.times and time.monotonic() < end:
            for _ in range(min(a_time, len(files))):
                deliver(self.machines, files.popleft())
            self.bring_back()
            there = [one for one in self.machines.far if one.name not in self.back]
            if there:
                self.take_away(self.rng.choice(there))
            else:
                time.sleep(0.5)
        self.bring_back(at_once=True)
        while files:
            deliver(self.machines, files.popleft())


def come_to_rest(machines: SeveralMachines, feeds: Sequence[str]) -> list[str]:
    """Wait for all ends; feeds whose tasks had no try left are taken up by another run, as a person would ask for."""
    asked: list[str] = []
    end = time.monotonic() + LONGEST
    while not is_calm(machines, feeds):
        assert time.monotonic() < end, (waiting(machines), active_runs(machines), asked)
        active = set(active_runs(machines))
        for feed in waiting(machines):
            if f"ingest_{feed}" not in active and asked.count(feed) < 3:
                asked.append(feed)
                trigger(machines, f"ingest_{feed}")
        time.sleep(3)
    return asked
