# Everything is set up below .cache/, on the first call; later calls are quick.
# Needed beforehand: git, make and Python 3.11 or newer. The work is done by the programs in tests/tools/.

PYTHON ?= python3
# Another ansible-core than the newest for this Python: make test-unit CORE=2.16.19
CORE ?=
# For pytest and for ansible-test: make test-unit PYTEST_ARGS='-k cron'
PYTEST_ARGS ?=
# How many integration tests run at a time; each worker has an emulator of its own.
WORKERS ?= auto
SANITY_ARGS ?=
# A file with what the emulator is to hold: make emulator SCENE=docs/examples/scene.yml
SCENE ?=
# For the emulator's mutants: make test-emulator-mutants MUTANT_ARGS=--list
MUTANT_ARGS ?=
# How many rounds, and which cases: make bench BENCH_ARGS='3 growth'
BENCH_ARGS ?=
# How many seconds to look for an answer that breaks a module, shared out among the vendors: make fuzz FUZZ_SECONDS=3600
FUZZ_SECONDS ?= 60

CACHE  := $(CURDIR)/.cache
PYVER  := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
STAGE  := $(CACHE)/stage
SOURCE := $(STAGE)/ansible_collections/taskbridge/vendors

# The demo waits for little; ansible-test and the linters need more; another core gets its own place.
REQS     := tests/requirements
DEMO_ENV := $(CACHE)/venv/demo-py$(PYVER)
CLIENTS_ENV := $(CACHE)/venv/clients-py$(PYVER)
FUZZ_ENV := $(CACHE)/venv/fuzz-py$(PYVER)
DOCS_ENV := $(CACHE)/venv/docs-py$(PYVER)
IMPORTER_ENV := $(CACHE)/venv/importer-py$(PYVER)
DEV_ENV  := $(CACHE)/venv/dev-py$(PYVER)
TEST_ENV := $(if $(CORE),$(CACHE)/venv/core$(CORE)-py$(PYVER),$(DEV_ENV))
RUN_REQS  := $(REQS)/runtime.txt $(wildcard $(REQS)/emulator.txt)
TEST_REQS := $(RUN_REQS) $(REQS)/test.txt
DEV_REQS  := $(TEST_REQS) $(REQS)/lint.txt
DOCS_REQS := $(REQS)/runtime.txt $(REQS)/docs.txt
IMPORTER_REQS := $(REQS)/runtime.txt $(REQS)/importer.txt

# Caches of the tools, out of the tree that is tested.
export PYTHONPYCACHEPREFIX := $(CACHE)/pycache
export HYPOTHESIS_STORAGE_DIRECTORY := $(CACHE)/hypothesis
export RUFF_CACHE_DIR := $(CACHE)/ruff
export MYPY_CACHE_DIR := $(CACHE)/mypy
export ANSIBLE_HOME := $(CACHE)/ansible

tool = PYTHONPATH=tests $(1)/bin/python -m tools.$(2)
pytest = $(call tool,$(TEST_ENV),stage) && cd $(SOURCE) && \
	PATH="$(TEST_ENV)/bin:$$PATH" PYTHONPATH=$(STAGE):$(SOURCE)/tests \
	ANSIBLE_COLLECTIONS_PATH=$(CACHE)/collections \
	$(TEST_ENV)/bin/python -m pytest -o cache_dir=$(CACHE)/pytest $(PYTEST_ARGS)

workers = --numprocesses $(WORKERS) --maxprocesses 8
# A test of a fault mostly waits for an answer, so that more of them than processors run at a time.
test-faults: WORKERS = 8

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo emulator test test-unit test-integration test-ways test-clients test-faults test-races test-sanity fuzz test-matrix test-emulator-mutants requests-table bench lint format docs importer changelog build install stage clean python

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(DEMO_ENV)/stamp ## Run the example playbook twice against the emulator: changed, then unchanged
	@$(call tool,$(DEMO_ENV),demo)

emulator: $(DEMO_ENV)/stamp ## Serve the emulator until interrupted; its first line is JSON: addresses and accounts
	@PYTHONPATH=tests exec $(DEMO_ENV)/bin/python -m emulator $(if $(SCENE),--scene $(SCENE))

test: lint test-sanity install ## Run everything that must hold: lint, sanity, unit and integration tests, a sample of faults
	@$(pytest) $(workers) tests/unit tests/integration tests/faults

test-unit: $(TEST_ENV)/stamp ## Run the unit tests
	@$(pytest) tests/unit

test-integration: install ## Run playbooks against the emulator with the installed collection
	@$(pytest) $(workers) tests/integration

test-ways: install ## Run every integration test in the worker and as a module, and compare the results
	@export BOTH_WAYS=all; $(pytest) $(workers) tests/integration

test-clients: $(CLIENTS_ENV)/stamp install ## Run the vendors' own Python clients against the emulator, beside our modules
	@$(pytest) tests/clients

test-faults: $(TEST_ENV)/stamp ## Let every fault meet every request that writes, both ways, and print the table of outcomes
	@export FAULTS=all; $(pytest) $(workers) tests/faults

test-races: $(TEST_ENV)/stamp ## Let two controllers race for the same tasks, and kill controllers, many times
	@export RACES=100 KILLS=40; $(pytest) $(workers) tests/faults/test_races.py

fuzz: $(FUZZ_ENV)/stamp stage ## Let atheris look for answers that break a module, for FUZZ_SECONDS
	@cd $(SOURCE) && PYTHONPATH=$(STAGE):$(SOURCE)/tests $(FUZZ_ENV)/bin/python -m fuzz $(CACHE)/fuzz $(FUZZ_SECONDS)

test-sanity: $(TEST_ENV)/stamp ## Run ansible-test sanity
	@$(call tool,$(TEST_ENV),sanity) $(SANITY_ARGS)

test-matrix: python ## Run sanity, unit and integration tests on the oldest and newest ansible-core
	@PYTHONPATH=tests $(PYTHON) -m tools.matrix

test-emulator-mutants: $(TEST_ENV)/stamp ## Break the emulator on purpose, and see that its tests notice
	@$(call tool,$(TEST_ENV),emulator_mutants) $(MUTANT_ARGS)

requests-table: install ## Measure what each operation sends and write it into docs/requests.md
	@export REQUESTS_TABLE=$(CURDIR)/docs/requests.md; $(pytest) tests/integration/test_requests.py

bench: install ## Measure whole processes side by side and write docs/benchmarks.md (minutes)
	@BENCHMARKS=$(CURDIR)/docs/benchmarks PYTHONPATH=tests ANSIBLE_COLLECTIONS_PATH=$(CACHE)/collections \
	$(TEST_ENV)/bin/python -m benchmark $(BENCH_ARGS)

lint: $(DEV_ENV)/stamp ## Check style, types, documentation and metadata
	@$(call tool,$(DEV_ENV),lint)

format: $(DEV_ENV)/stamp ## Rewrite the Python files in the project's style
	@$(DEV_ENV)/bin/ruff check --fix . ; $(DEV_ENV)/bin/ruff format .

docs: $(DOCS_ENV)/stamp ## Build the documentation site into .cache/docs/html, and check its links
	@$(call tool,$(DOCS_ENV),docs)

importer: $(IMPORTER_ENV)/stamp ## Check the built artifact as Galaxy does when it is uploaded
	@$(call tool,$(IMPORTER_ENV),importer)

changelog: $(DEV_ENV)/stamp ## Write the release notes for the version in galaxy.yml from changelogs/fragments
	@PATH="$(DEV_ENV)/bin:$$PATH" antsibull-changelog release

build: $(DEMO_ENV)/stamp ## Build the artifact into .cache/build
	@$(call tool,$(DEMO_ENV),install_collection) --build-only

clean: ## Remove everything that was set up
	rm -rf .cache .ansible

# Not for the list: what the targets above stand on.

install: $(TEST_ENV)/stamp
	@$(call tool,$(TEST_ENV),install_collection)

stage: $(TEST_ENV)/stamp
	@$(call tool,$(TEST_ENV),stage)

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "Python 3.11 or newer is needed, '$(PYTHON)' is not. Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }

venv = PYTHONPATH=tests $(PYTHON) -m tools.venv $(@D) $(1)

$(DEMO_ENV)/stamp: $(RUN_REQS) | python
	@$(call venv,$(RUN_REQS))

test-clients: TEST_ENV = $(CLIENTS_ENV)
fuzz: TEST_ENV = $(FUZZ_ENV)

$(CLIENTS_ENV)/stamp: $(TEST_REQS) $(REQS)/clients.txt | python
	@$(call venv,$(TEST_REQS) --no-deps $(REQS)/clients.txt)

$(FUZZ_ENV)/stamp: $(TEST_REQS) $(REQS)/fuzz.txt | python
	@$(call venv,$(TEST_REQS) $(REQS)/fuzz.txt)

$(DOCS_ENV)/stamp: $(DOCS_REQS) | python
	@$(call venv,$(DOCS_REQS))

$(IMPORTER_ENV)/stamp: $(IMPORTER_REQS) | python
	@$(call venv,$(IMPORTER_REQS))

$(DEV_ENV)/stamp: $(DEV_REQS) | python
	@$(call venv,$(DEV_REQS))

$(CACHE)/venv/core$(CORE)-py$(PYVER)/stamp: $(TEST_REQS) | python
	@$(call venv,--core $(CORE) $(TEST_REQS))
