# `make run` starts the hub, `make test` tests it; each sets up what it needs. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Without bytecode every process start pays seconds for imports.
unexport PYTHONDONTWRITEBYTECODE
# Python of another environment must not leak into this one.
unexport PYTHONPATH
unexport VIRTUAL_ENV
export PATH := $(CURDIR)/.venv/bin:$(PATH)

PYTHON := $(CURDIR)/.venv/bin/python
HUB := $(CURDIR)/.venv/bin/hub

.PHONY: help setup run dashboards stop test check lock bench bench-hotspots test-bench test-buildable test-crash test-bounds test-stranger test-fuzz test-laws test-truth test-hotspots test-drift test-publish test-victims test-erasure test-figures test-disclosure test-attack test-celery test-restore test-dispatch test-exchange test-notify test-dashboards test-store test-archive test-scale audit-lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv from requirements.lock (quick when nothing changed)
	@scripts/set-up

run: setup ## start the hub with some twenty months of samples, take the last days' through to published tables, leave it running
	@$(HUB) run --samples history

dashboards: setup ## the dashboards in Superset, beside a hub that runs; `make stop` ends them too
	@scripts/set-up dashboards
	@$(HUB) dashboards

stop: ## stop everything that `make run` started
	@if [ -x $(HUB) ]; then $(HUB) stop; else echo "Nothing is set up here, so nothing runs."; fi

test: setup ## every test but the long ones
	@$(PYTHON) -m pytest -m "not long" --numprocesses 2 --dist worksteal --durations 20 --durations-min 20

check: setup ## linters, types, layers, feed contracts
	@scripts/check

lock: ## lock the versions that pyproject.toml asks for
	@scripts/lock

bench: setup ## the measurements, on generated files
	@$(PYTHON) -m benchmarks

bench-hotspots: setup ## hotspot forecasts on the panels in HUB_OPEN_DATA, against the figures they must reach
	@$(PYTHON) -m benchmarks.hotspots

test-bench: setup ## every measurement of `make bench` comes to its end, on the smallest history
	@$(PYTHON) -m pytest -m long tests/proofs/test_benchmarks.py

test-buildable: setup ## thousands of rows at the edges of every contract, and 20,000 reports of another world, are built
	@$(PYTHON) -m pytest -m long tests/proofs/test_contract_valid_is_buildable.py tests/proofs/test_second_world.py

test-crash: setup ## kill at random moments and compare with an undisturbed run
	@$(PYTHON) -m pytest -m long tests/proofs/test_crash.py

test-bounds: setup ## files made to fill memory or disk end refused, and those after them are loaded; builds without space too
	@$(PYTHON) -m pytest -m long tests/proofs/test_hostile_files.py tests/proofs/test_full_disk.py tests/cli/test_full_disk.py tests/ingest

test-stranger: setup ## a hundred kinds of hostile files of 30 MB, each in a gigabyte of memory (an hour)
	@$(PYTHON) -m pytest -m long tests/proofs/test_trust_by_another_hand.py

test-fuzz: setup ## thousands of mutated files
	@$(PYTHON) -m pytest -m long tests/proofs/test_fuzz.py

test-laws: setup ## deliveries in many orders, repeated, split, released: the marts stay the same, and each is built once
	@$(PYTHON) -m pytest -m long tests/models tests/journey tests/contracts tests/proofs/test_real_files.py tests/orchestration

test-drift: setup ## changes of meaning in simulated feeds are named on their day, and clean days raise no alarm
	@$(PYTHON) -m pytest -m long tests/proofs/test_drift.py tests/proofs/test_drift_by_another_hand.py tests/proofs/test_drift_mutations.py

test-truth: setup ## what is true of simulated deliveries, and of a world written without sight of linkage, is found again
	@$(PYTHON) -m pytest -m long tests/proofs/test_truth.py tests/proofs/test_true_of_another_world.py tests/proofs/test_funnels.py tests/linkage tests/simulate

test-publish: setup ## 200 publishes while four readers ask: no error, one publish a transaction
	@$(PYTHON) -m pytest -m long tests/models/test_publish_readers.py tests/models/test_publish_on_a_replica.py

audit-lock: setup ## ask the package index which locked versions have known vulnerabilities; says so when it cannot
	@$(PYTHON) scripts/audit-lock

test-hotspots: setup ## a year and a half of simulated deliveries, up to the areas that a person approves
	@$(PYTHON) -m pytest -m long tests/proofs/test_hotspots.py

test-victims: setup ## twenty made-up victims through every feed: searched for in every store, erased, searched for again
	@$(PYTHON) -m pytest -m long tests/proofs/test_seeded_victims.py

test-erasure: setup ## 200 persons of 10,000 reports are erased, and a search of its own looks for them everywhere (an hour or two)
	@$(PYTHON) -m pytest -m long tests/proofs/test_erasure_by_another_hand.py tests/privacy --log-cli-level=INFO

test-figures: setup ## published figures of simulated quarters, computed a second time from the raw tables
	@$(PYTHON) -m pytest -m long tests/recomputed

test-disclosure: setup ## attacks on public tables, made up and real: no small count can be worked out
	@$(PYTHON) -m pytest tests/disclosure tests/models/test_public_statistics.py

test-attack: setup ## a reader of all public tables of three years, issue by issue, against what they keep back
	@$(PYTHON) -m pytest tests/proofs/test_public_attack_by_another_hand.py tests/models/test_public_attack.py
	@$(PYTHON) -m pytest -m long tests/proofs/test_protected_figures_by_another_hand.py

test-restore: setup ## a thousand orders of backup, erasure and restore: nobody comes back; a dozen with real base backups
	@$(PYTHON) -m pytest -m long tests/recovery --numprocesses 2

test-dispatch: setup ## thousands of faults of a recipient's webhook and SFTP server, and kills of the sender: nothing is lost, nothing acted on twice
	@$(PYTHON) -m pytest -m long tests/dispatch tests/proofs/test_ten_thousand_dispatches.py

test-store: setup ## a thousand faults of an object store, and workers that are killed: no landed file is lost, none comes back
	@$(PYTHON) -m pytest -m long tests/store

test-archive: setup ## random histories of statements: archived, counted, read back and killed, and worked out a second time (an hour)
	@$(PYTHON) -m pytest -m long tests/proofs/test_archive_by_another_hand.py

test-scale: setup ## files in parts on Spark have the verdicts that they have in order, row by row; it needs Java 17
	@scripts/set-up spark
	@$(PYTHON) -m pytest -m long tests/scale

test-exchange: setup ## thousands of requests to the exchange, right and wrong ones: each is answered as its OpenAPI says
	@$(PYTHON) -m pytest -m long tests/exchange

test-notify: setup ## a thousand faults of a mail server and a webhook: no message is lost, none is doubled
	@$(PYTHON) -m pytest -m long tests/notifications

test-dashboards: setup ## every figure of every dashboard, asked of Superset and of SQL as the same role
	@scripts/set-up dashboards
	@$(PYTHON) -m pytest -m long tests/dashboards

test-celery: setup ## the whole pipeline on CeleryExecutor with Redis and two workers
	@$(PYTHON) -m pytest -m long tests/local/celery

clean: ## stop the hub and remove the environment and caches; what the hub holds in HUB_HOME stays
	@if [ -x $(HUB) ]; then $(HUB) stop; fi
	rm -rf .venv dashboards/.venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf dbt_project/target dbt_project/logs
