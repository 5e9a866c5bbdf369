# One entry for each thing to do here; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export DJANGO_SETTINGS_MODULE ?= monolith.config.settings

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-keep test lint types layers docs-check unit shop-on-postgres bench-proxy extracted requirements schema fmt clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP)  ## Make .venv with everything in it

$(STAMP): requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: setup  ## Move one endpoint for real: shadow, canary, regression, kill, rollback
	@$(BIN)/python -m tests.demo

demo-keep: setup  ## The same, and leave everything running to look at
	@$(BIN)/python -m tests.demo --keep

test: setup  ## Everything that must hold
	@$(MAKE) --no-print-directory -j 2 lint types layers docs-check
	@$(MAKE) --no-print-directory unit

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

docs-check: setup  ## Prove the README's commands, output and generated parts
	$(BIN)/python -m tests.docs

unit: setup shop-on-postgres
	$(BIN)/pytest tests -n 2 --dist loadgroup --no-loadscope-reorder -q -m "not postgres" $(PYTEST_ARGS)

# On SQLite the same suite runs rewritten, in tests/flows.
shop-on-postgres: setup  ## The shop's own suite on a real PostgreSQL
	$(BIN)/pytest monolith --shop-db postgres -n 2 -q

bench-proxy: setup  ## Throughput and latency side by side; writes var/bench/proxy.json
	$(BIN)/python -m tests.bench.proxy

fmt: setup  ## Format and fix what can be fixed by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: setup  ## Write the JSON Schema of strangler.toml
	$(BIN)/strangler schema > strangler/policy/strangler.schema.json

extracted: setup  ## Make extracted/ anew of monolith/; edits by people are kept
	$(BIN)/codemods extract --all --write --force --brief --python $(CURDIR)/$(BIN)/python

requirements:  ## Pin every dependency anew
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet uv
	for name in dev run shop; do \
	  $(BIN)/uv pip compile requirements/$$name.in --output-file requirements/$$name.txt \
	    --python-version 3.11 --universal --no-emit-index-url --no-emit-find-links --quiet \
	    --custom-compile-command "make requirements" \
	    $$(test $$name = dev || echo --constraint requirements/dev.txt) || exit 1; \
	done

clean:  ## Remove what was made here
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
