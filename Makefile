# Each target works as the first command on a fresh checkout: what it needs is set up first, once.
# There is no logic here. A recipe is one line, and what it calls is `kpi`, pytest or the like.

.DEFAULT_GOAL := help
include kpi_lib/starter/files/setup.mk

PYTEST := $(BIN)/python -m pytest
STRIP := nbstripout --keep-id --extra-keys metadata.language_info.version
LONG := slow or browser or notebook or spark

# --- reports -----------------------------------------------------------------------------------------

.PHONY: demo
demo: .venv/run.stamp ## the scorecards of the real example that ships with the project
	$(KPI) run

.PHONY: showcase
showcase: .venv/run.stamp ## the scorecards of an invented company, which has every table
	$(KPI) example synthetic --out data/showcase && $(KPI) run --data data/showcase --out reports/showcase

.PHONY: reports
reports: .venv/run.stamp ## every report of a period: make reports PERIOD=2026-Q3 [PARTNERS="A B"] [JOBS=2] [PDF=1]
	$(KPI) run $(RUN)

.PHONY: outbox
outbox: .venv/run.stamp ## the e-mails of a period, written to files to look through: make outbox PERIOD=2026-Q3
	$(KPI) outbox $(MAIL)

.PHONY: approve
approve: .venv/run.stamp ## let e-mails of the outbox go out: make approve PERIOD=2026-Q3 [PARTNERS="A B"]
	$(KPI) approve $(MAIL) $(if $(PARTNERS),--partners $(PARTNERS))

.PHONY: send
send: .venv/run.stamp ## send what is approved, each once: make send PERIOD=2026-Q3
	$(KPI) send $(MAIL)

.PHONY: check-data
check-data: .venv/run.stamp ## hold the data against the contract: make check-data [DATA=folder]
	$(KPI) check $(WHAT)

.PHONY: lab
lab: .venv/run.stamp ## JupyterLab, ready for an analyst; an edited kpi_lib counts at the next cell
	IPYTHONDIR=$(CURDIR)/notebooks/.ipython $(BIN)/jupyter lab notebooks $(LAB)

# --- tests -------------------------------------------------------------------------------------------

.PHONY: test
test: .venv/dev.stamp ## the tests; ruff, mypy and the import contract among them [COV=1: with coverage]
	$(PYTEST) -n auto --dist worksteal $(if $(COV),--cov) -m "not ($(LONG))"

.venv/browser.stamp: .venv/dev.stamp tests/browser/package.json
	npm install --prefix tests/browser --no-package-lock --no-fund --no-audit --silent && touch $@

.PHONY: test-long
test-long: .venv/spark.stamp .venv/browser.stamp ## only the slow, browser, notebook and Spark tests
	$(PYTEST) -n auto --dist loadfile --no-loadscope-reorder -m "$(LONG)"

.PHONY: test-all
test-all: test test-long ## all tests; what CI runs

.PHONY: torture
torture: .venv/dev.stamp ## the long tests in full numbers: 1,000 faults of mail servers, disks and ledgers, leaks among 1,000 partners, all claims
	TORTURE_RUNS=1000 ALARM_PARTNERS=1000 CLAIMS=all $(PYTEST) -n auto --dist worksteal tests/mail/test_torture.py tests/mail/test_many.py tests/claims/test_companies.py

.PHONY: check
check: .venv/dev.stamp ## every check of the code, without changing a file
	$(PYTEST) tests/test_house.py

.PHONY: fix
fix: .venv/dev.stamp ## format the code and repair what ruff and nbstripout can repair
	$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format --quiet . && $(BIN)/$(STRIP) notebooks/*.ipynb

.PHONY: docs
docs: .venv/run.stamp ## write docs/kpis.md again from the declarations of the KPIs
	$(KPI) list --markdown > docs/kpis.md

.PHONY: messages
messages: .venv/run.stamp ## bring the catalogues of the pages' languages up to date
	$(BIN)/python -m kpi_lib.show.common.messages

# --- benchmarks --------------------------------------------------------------------------------------

.PHONY: bench
bench: bench-kpi bench-models ## all benchmarks, each figure beside its peer's in one run

.PHONY: bench-kpi
bench-kpi: .venv/run.stamp ## the KPIs of 10 million orders: ours, SQL by hand on DuckDB, pandas; all KPIs
	$(BIN)/python bench/kpi.py

.PHONY: bench-leaks
bench-leaks: .venv/dev.stamp ## planted leaks that are stopped, beside the false alarms among 1,000 partners
	$(BIN)/python bench/leaks.py $(if $(PARTNERS),--partners $(PARTNERS))

.PHONY: bench-models
bench-models: .venv/run.stamp ## the fit of 1 million customers: ours, lifetimes, pymc-marketing
	$(BIN)/python bench/models.py $(if $(ROUNDS),--rounds $(ROUNDS))

.PHONY: same
same: .venv/run.stamp ## whether pages, tables and e-mails are what they were at a revision: make same [AS=main] [BUT='*/slices/*']
	$(BIN)/python bench/same.py as $(or $(AS),HEAD) $(if $(BUT),--but $(foreach name,$(BUT),'$(name)'))

# --- the house ---------------------------------------------------------------------------------------

.PHONY: setup
setup: .venv/run.stamp ## build .venv from the lock file (every target that needs it does so itself)

.PHONY: example
example: .venv/run.stamp ## make the shipped example again from its source: make example SOURCE=file.parquet
	$(BIN)/python -m kpi_lib.examples.online_retail $(SOURCE)

.PHONY: release
release: .venv/dev.stamp ## a wheel, and beside it all that it installs with licences, as CycloneDX (dist/)
	rm -rf dist && $(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist . && \
	$(PYTHON) -m venv dist/env && dist/env/bin/python -m pip install --quiet --no-deps --no-build-isolation -r requirements.lock && \
	dist/env/bin/python -m pip install --quiet --no-deps dist/*.whl && \
	$(BIN)/cyclonedx-py environment dist/env --pyproject pyproject.toml --gather-license-texts -o dist/sbom.cdx.json && rm -rf dist/env

.PHONY: lock
lock: ## choose versions again and write the three lock files (needs uv)
	$(LOCK) -o requirements.lock && \
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock && \
	$(LOCK) --group dev --extra spark -c requirements-dev.lock -o requirements-spark.lock

# With their extras, so that whoever does resolve (conda's pip) finds the same versions or none.
LOCK := uv pip compile pyproject.toml --group build --extra notebook --extra mail --extra test --no-strip-extras --quiet --universal --python-version 3.11 \
    --generate-hashes --no-header --no-annotate

.PHONY: clean
clean: ## remove what can be made again: .venv, caches, coverage (reports/ and data/ stay)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* bench/data

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

.venv/run.stamp: requirements.lock pyproject.toml | .venv/pyvenv.cfg
	$(INSTALL) --require-hashes -r requirements.lock && $(INSTALL) -e . && $(FITS_TOGETHER) && touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(INSTALL) --require-hashes -r requirements-dev.lock && $(FITS_TOGETHER) && touch $@

.venv/spark.stamp: requirements-spark.lock .venv/dev.stamp
	$(INSTALL) --require-hashes -r requirements-spark.lock && $(FITS_TOGETHER) && touch $@
