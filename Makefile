# Every command there is; `make` lists them. Needs Python 3.11+, make and git, nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# Whether that one is there.
THE_UV = test "$$($(BIN)/uv --version 2>/dev/null | cut -d' ' -f2)" = "$(UV_VERSION)"
MEMBERS := $(wildcard libs/* services/*) deploy/local
INSTALLED := $(VENV)/.installed
SOURCES := libs services deploy tests
ARGS ?=
# Most tests wait for servers, so more processes than cores pay; each has servers of its own.
PROCESSES ?= 3

.PHONY: help up install check format lint types imports unit test test-all bench lock docs clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: $(INSTALLED) ## Start everything on this machine (ARGS="--port 8000 --data .argus")
	@exec $(BIN)/argus up $(ARGS)

install: $(INSTALLED) ## Install the pinned tools and all members into .venv

$(INSTALLED): locks/all.txt pyproject.toml $(MEMBERS:%=%/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Argus Stream needs Python 3.11 or newer; say which one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(THE_UV) || { \
	  test ! -e $(VENV) || echo "removing $(VENV), which has no pip"; rm -rf $(VENV); echo "creating $(VENV)"; \
	  { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip --version >/dev/null; } || { rm -rf $(VENV); \
	    echo "$(PYTHON) makes no virtual environment with pip; on Debian and Ubuntu: apt install python3-venv"; exit 1; }; }
	@$(THE_UV) \
	  || { echo "installing uv $(UV_VERSION)"; $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); }
	@echo "installing the locked packages"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --require-hashes -r locks/all.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps $(MEMBERS:%=--editable %)
	@touch $@

check: format lint types imports unit ## What a commit needs, in a minute or two

format: $(INSTALLED) ## Format the code (CI: only check)
	$(BIN)/ruff format $(if $(CI),--check) .

lint: $(INSTALLED) ## Look for mistakes with ruff
	$(BIN)/ruff check .

types: $(INSTALLED) ## Check types with mypy --strict
	$(BIN)/mypy $(MEMBERS:%=%/src) tests

imports: $(INSTALLED) ## Check that imports point one way
	$(BIN)/lint-imports

unit: $(INSTALLED) ## Run the tests that need no server
	$(BIN)/pytest -q tests/unit tests/contract

test: $(INSTALLED) ## Prove every rule of the system once, long matrices in short form
	$(BIN)/pytest -m "not long" -n $(PROCESSES) --dist loadfile

test-all: $(INSTALLED) ## Prove every rule with the full counts
	$(BIN)/pytest -n $(PROCESSES) --dist loadfile

bench: $(INSTALLED) ## Measure, with a floor from the same run beside each figure
	$(BIN)/python -m tests.benchmarks $(ARGS)

docs: $(INSTALLED) ## Write the documents that are made from code anew
	$(BIN)/python -m tests.documents

lock: $(INSTALLED) ## Resolve the newest allowed versions into locks/
	$(BIN)/uv lock --upgrade
	$(BIN)/uv export --quiet --format requirements-txt --no-header --all-packages --no-emit-workspace -o locks/all.txt
	@for service in ingest store matcher dispatch api cli local; do \
	  $(BIN)/uv export --quiet --format requirements-txt --no-header --no-dev --package argus-$$service --no-emit-workspace -o locks/$$service.txt; done

clean: ## Remove what make made, the data in .argus included
	rm -rf $(VENV) .argus .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
