# What there is to do in this checkout. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup format check test hostile test-plugins faults model rooms conformance requirements demo bench clean

PYTHON ?= python3
BIN := .venv/bin
# Processes that tests run in side by side.
WORKERS ?= auto
# The examples in documents are laid out by hand.
FORMAT := $(BIN)/ruff format

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: ## .venv, and the packages of the system that are missing
	@PYTHON=$(PYTHON) tools/setup.sh

format: setup ## put the code into its form
	$(BIN)/ruff check --fix-only --quiet .
	$(FORMAT) .

check: setup ## form, lint, types, and the tests that need no server
	$(FORMAT) --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n $(WORKERS) -m "not e2e and not browser and not postgres and not slow"

test: setup ## all tests
	$(BIN)/pytest -n $(WORKERS)

test-plugins: setup ## slidge plugins that others wrote, one of them with its real network
	@PYTHON=$(PYTHON) tools/setup-plugins.sh
	$(BIN)/pytest tests/plugins

conformance: setup ## what rooms do here, in Prosody and in ejabberd: docs/conformance.md
	@$(BIN)/python -m tests.conformance

hostile: setup ## far more stanzas of people who mean no good; COUNT= says how many, SEED= repeats some
	HOSTILE_COUNT=$(or $(COUNT),50000) HOSTILE_SEED=$(or $(SEED),$(shell od -An -N4 -tx4 /dev/urandom | tr -d ' ')) $(BIN)/pytest -n $(WORKERS) -s tests/hostile

faults: setup ## a hundred power failures of the gateway, and of its database, and links of mirrors that break as often; KILLS=, CUTS= say how many, SHORTEST=, LONGEST= for how many seconds a link is broken, SEED= repeats some
	FAULTS_KILLS=$(or $(KILLS),100) FAULTS_SEED=$(SEED) $(BIN)/pytest -s tests/faults/test_random_kills.py
	FAULTS_CUTS=$(or $(CUTS),100) FAULTS_SHORTEST=$(SHORTEST) FAULTS_LONGEST=$(LONGEST) FAULTS_SEED=$(SEED) $(BIN)/pytest -s tests/mirror/test_stormy_link.py

model: setup ## far more lives of an archive against a plain list; EXAMPLES= says how many
	MODEL_EXAMPLES=$(or $(EXAMPLES),2000) $(BIN)/pytest -n $(WORKERS) tests/archive/test_archive_machine.py

rooms: setup ## one user with 50,000 rooms; ROOMS= says how many
	TRAP_ROOMS=$(or $(ROOMS),50000) $(BIN)/pytest -s tests/muc/test_traps.py -k "thousands_of_rooms"

requirements: setup ## rows of the requirement documents that nothing shows
	@$(BIN)/python tools/requirements.py

demo: setup ## a server, the gateway, the web chat and an XMPP client on one page
	$(BIN)/python -m demo

bench: setup ## how fast, against vanilla slidge
	$(BIN)/python -m bench

clean: ## remove what setup, tests and demo have made
	rm -rf .venv .venv-plugins .venv-synapse .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis demo/node_modules dist
