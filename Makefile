# `make demo` shows the whole SOP on a fresh machine; `make test` checks everything. Each sets up what it needs.
# Needs: Python >= 3.11 with venv, make. Any folder, any user; the office lies in SINKRON_HOME (default data/live/).
PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SINKRON_HOME ?= $(CURDIR)/data/live
export SINKRON_HOME

.PHONY: setup dev demo test lint types bench bench-rules bench-link bench-link-small bench-calibration bench-memory bench-recall bench-publish bench-growth bench-papers bench-dashboard fuzz soak image torture lock screenshots docs clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sinkron perlu Python 3.11 atau lebih baru")'
	@echo "Menyiapkan lingkungan Python di .venv (sekali saja, 1-3 menit) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --no-deps -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

dev: $(VENV)/.dev-ready

$(VENV)/.dev-ready: $(VENV)/.ready requirements-dev.lock
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

demo: setup
	@exec $(BIN)/sinkron demo $(ARGS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: lint
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n $(WORKERS) --dist worksteal $(ARGS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under=$(COVERAGE)

COVERAGE := 90
WORKERS := 2

# The rule catalogue, from the rules; the analysts' columns, from their contract.
docs: setup
	$(BIN)/python -m tasks.catalogue
	$(BIN)/python -m tasks.publish.page

# New screenshots for docs/ from the browser test.
screenshots: dev
	SINKRON_SCREENSHOTS=1 $(BIN)/python -m pytest tests/e2e/test_browser.py tests/e2e/test_device_key.py tests/e2e/dashboard

bench: dev
	$(BIN)/python bench/auto_demo.py

# Row rules against hand-written SQL, GX on pandas, pandera and dataframely; the peers live in an environment of their own:
# the locked versions first, which pip then leaves as they are.
PEERS := $(CURDIR)/.venv-bench

$(PEERS)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r requirements.lock
	@$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install --editable '.[bench]'
	@touch $@

bench-rules: $(PEERS)/.ready
	$(PEERS)/bin/python bench/rules.py $(ARGS)

# The matcher against Splink, recordlinkage and dedupe; docs/linkage.md says how and shows the result. ARGS="--sets 1M" runs a part.
bench-link: $(PEERS)/.ready
	$(PEERS)/bin/python -m bench.linkage $(ARGS)

bench-link-small: $(PEERS)/.ready
	$(PEERS)/bin/python -m bench.linkage --small $(ARGS)

# The match band's false-match rate estimated from 200 answers, and true; table in bench/calibration.md.
bench-calibration: dev
	$(BIN)/python -m bench.calibration $(ARGS)

# One extract of 100,000 rows compared with twelve earlier ones; figures in bench/reconcile.md.
bench-memory: export PYTHONPATH := $(CURDIR)
bench-memory: dev
	$(BIN)/python bench/reconcile.py $(ARGS)

# Decisions about 100,000 rows kept, and recalled for the next extract; figures in bench/remember.md.
bench-recall: export PYTHONPATH := $(CURDIR)
bench-recall: dev
	$(BIN)/python bench/remember.py $(ARGS)

# Worksheet, papers and evidence pack of large batches; figures in bench/worksheet.md, bench/documents.md, bench/pack.md.
bench-papers: export PYTHONPATH := $(CURDIR):$(CURDIR)/tests
bench-papers: dev
	$(BIN)/python bench/worksheet.py
	$(BIN)/python bench/documents.py
	$(BIN)/python bench/pack.py

# The analysts' copy of 1,000,000 residents, opened by the oldest DuckDB that reads its format and by the newest one;
# figures in bench/publish.md.
OLD_DUCKDB := $(CURDIR)/.venv-bench-duckdb-1.0.0
NEW_DUCKDB := $(CURDIR)/.venv-bench-duckdb

$(OLD_DUCKDB)/.ready: PACKAGE := duckdb==1.0.0
$(NEW_DUCKDB)/.ready: PACKAGE := duckdb
$(OLD_DUCKDB)/.ready $(NEW_DUCKDB)/.ready:
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip --disable-pip-version-check --quiet install $(PACKAGE)
	@touch $@

bench-publish: export PYTHONPATH := $(CURDIR)
bench-publish: dev $(OLD_DUCKDB)/.ready $(NEW_DUCKDB)/.ready
	$(BIN)/python bench/publish.py $(ARGS) --readers $(OLD_DUCKDB)/bin/python $(NEW_DUCKDB)/bin/python

# Extracts of 15,000 and 160,000 rows against a register of 1,200,000 residents, step by step; figures in bench/growth.md.
bench-growth: export PYTHONPATH := $(CURDIR):$(CURDIR)/tests
bench-growth: dev
	$(BIN)/python bench/growth.py $(ARGS)

# 200 batches through all gates of a served office, processes killed now and then (hours); figures in bench/soak.md.
soak: export PYTHONPATH := $(CURDIR):$(CURDIR)/tests:$(CURDIR)/bench
soak: dev
	$(BIN)/python bench/soak.py $(ARGS)

# Builds the production image without Docker and runs an office from it, behind Caddy and on Postgres (as root, Debian 12).
image:
	deploy/check-image $(ARGS)

# First paint of the dashboard in Chromium, 1,000,000 findings; figures in bench/dashboard.md.
bench-dashboard: export PYTHONPATH := $(CURDIR):$(CURDIR)/tests
bench-dashboard: dev
	$(BIN)/python bench/dashboard.py $(ARGS)

# Damaged files by the hundred thousand, on two processes; SINKRON_FUZZ=1000 and SINKRON_FUZZ_START=7 choose others.
# Figures of the last whole run: tests/fuzz/last_run.md
fuzz: export PYTHONPATH := $(CURDIR):$(CURDIR)/tests:$(CURDIR)/tests/fuzz
fuzz: export POLARS_MAX_THREADS := 1
fuzz: export SINKRON_FUZZ_REPORT ?= $(CURDIR)/build/fuzz/last_run.md
fuzz: dev
	$(BIN)/python tests/fuzz/fuzz_run.py

# Every torture at its full size (hours on two cores): a million calls of the approvals, 10,000 histories undone, 10,000 kills,
# thousands of flipped bytes. The suite runs a few of each. Facts and times lie in build/torture.xml; figures in bench/reliability.md.
TORTURES := tests/property/test_no_approval_without_three.py tests/property/test_undo_histories.py tests/property/test_extract_histories.py tests/crash \
  tests/hostile/test_damaged_store.py tests/hostile/test_damaged_ledger.py tests/hostile/test_full_disk_office.py \
  tests/unit/test_backup_interrupted.py tests/spec/test_attacks.py tests/hostile/test_tampered_signatures.py \
  tests/property/test_pack_tampering.py tests/hostile/test_leaks.py tests/property/test_case_histories.py \
  tests/property/test_worksheet_round_trip.py tests/property/test_remembered_decisions.py tests/hostile/test_damaged_workbooks.py
torture: dev
	SINKRON_TORTURE=1 $(BIN)/python -m pytest -n $(WORKERS) --dist load --junitxml=build/torture.xml --durations=0 $(ARGS) $(TORTURES)

# Locks with hashes and without any registry address. Needs uv (pip install uv).
lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --quiet \
	  pyproject.toml --output-file requirements.lock
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --quiet \
	  pyproject.toml --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV)
