# Python, the environment and what is handed to `kpi`: the same here and in every company's project, whose `make upgrade`
# brings it up to date, also where the Makefile beside it was changed.

SHELL := /bin/sh

# The first Python of 3.11 to 3.13 that answers and can make environments, pyenv's among them;
# `make setup PYTHON=/where/python3.12` chooses another.
FITS := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYENV := $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.1[1-3].*/bin/python
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 $(PYENV); do \
    $$python -c '$(FITS)' 2>/dev/null && echo $$python && break; done)
NO_PYTHON = No Python 3.11, 3.12 or 3.13 was found. Install one, or name it: make setup PYTHON=/where/it/is

# uv where it is there, plain pip elsewhere: the same hashes, the same versions. A lock is complete, so nothing is resolved
# again, and nothing is fetched to build: a release of tomorrow cannot change what is installed today. Afterwards `pip check`
# says whether all fits.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
MAKE_VENV = $(if $(UV),uv venv --quiet --allow-existing --python $(PYTHON) .venv,$(PYTHON) -m venv .venv)
PIP := $(if $(UV),uv pip,.venv/bin/python -m pip --disable-pip-version-check)
OF_VENV := $(if $(UV),--python .venv/bin/python)
INSTALL := $(PIP) install --quiet --no-deps --no-build-isolation $(OF_VENV)
FITS_TOGETHER := $(PIP) check $(OF_VENV)

# What is called, and what `make ... PERIOD=2026-Q3` hands on to it.
BIN := .venv/bin
KPI := $(BIN)/kpi
WHAT := $(if $(PARAMS),--params $(PARAMS)) $(if $(DATA),--data $(DATA))
MAIL := $(WHAT) $(if $(PERIOD),--period $(PERIOD))
RUN := $(WHAT) $(if $(PDF),--pdf) $(if $(PERIOD),--period $(PERIOD)) $(if $(PARTNERS),--partners $(PARTNERS)) $(if $(JOBS),--jobs $(JOBS))

.venv/pyvenv.cfg:
	$(if $(PYTHON),$(MAKE_VENV),$(error $(NO_PYTHON)))
