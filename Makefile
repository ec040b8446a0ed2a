# The commands of this project. `make run` and `make test` need Python 3.11+, git and make, and install the rest.
#
#   make run [EXIT=1] [PROFILE=flaky] [REGIONS=us,gb] [STOCKS=200] [SEED=1] [LATENCY=0] [MARKET=live] [FEEDS=0]
#
# EXIT=1 stops everything after the scrape. make itself reports any failure as 2 and prints the scrape's own code.

.PHONY: run install test canary check bench docs clean
.DEFAULT_GOAL := run

PYTHON  ?= $(firstword $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
             $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && echo $$p && break; done) python3)
REGIONS ?= us,gb,jp,br,de
BIN     := .venv/bin

run: install
	@$(BIN)/stocks up --then-scrape $(REGIONS) $(if $(filter-out 0,$(EXIT)),--then-exit) \
	  $(if $(MARKET),--market $(MARKET)) $(if $(PROFILE),--profile $(PROFILE)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(STOCKS),--stocks-per-region $(STOCKS)) $(if $(LATENCY),--latency-ms $(LATENCY)) \
	  $(if $(filter 0,$(FEEDS)),--no-feeds) \
	  $(if $(STOCKS_RECORDINGS),--recordings $(STOCKS_RECORDINGS))

install:
	@$(PYTHON) include/stack/install.py requirements.txt

.PHONY: install-dev
install-dev:
	@$(PYTHON) include/stack/install.py requirements-dev.txt

test: install-dev
	@$(BIN)/python -m pytest $(TESTS)

canary: install-dev
	@$(BIN)/python -m pytest -m canary tests/canary

check: install-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python docs/generate.py --check

bench: install-dev
	@$(BIN)/python -m bench $(BENCH)

docs: install-dev
	@$(BIN)/python docs/generate.py

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis stocks.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
