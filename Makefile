# One target a job; `make help` lists them. Nothing here needs root, Docker or a database.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
UV := $(VENV)/bin/uv
LOCK := requirements.txt requirements-dev.txt
export PYTHONPATH := $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help setup demo up pages status test check fmt lock clean benchmark

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(VENV)/ready ## set up the virtual environment from the lock file

# The lock is installed as a whole or not at all; `ready` is written last, so an interrupted set-up is simply done again.
$(VENV)/ready: $(LOCK) requirements-setup.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, this is $$($(PYTHON) --version). Set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(UV) || { rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && \
	  $(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.txt; }
	@echo "Installing the pinned packages (about 1.4 GB on disk) ..."
	@$(UV) pip sync --quiet --python $(RUN) --require-hashes --compile-bytecode requirements-setup.txt $(LOCK)
	@touch $@

demo: setup ## run the whole loop once on the demo's data and print a summary
	@$(RUN) -m include.wiring.local demo

up: setup ## keep Airflow, the operators' pages and the Jira stand-in running until Ctrl-C
	@$(RUN) -m include.wiring.local up

test: setup ## run every check and test (what CI runs)
	@tests/run_all.sh

check: setup ## format, lint, types and layers only
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy include dags plugins tests benchmarks
	$(VENV)/bin/lint-imports

fmt: setup ## format and mend what can be mended
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

lock: setup ## resolve requirements*.in into pinned lock files with hashes
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links requirements-setup.in -o requirements-setup.txt
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links requirements-dev.in -o requirements-dev.txt

pages: setup ## serve the operators' pages alone, without Airflow
	@$(RUN) -m include.postmarket.pages

status: setup ## print the summary of the local run again
	@$(RUN) -m include.postmarket status

benchmark: setup ## time each step of the demo
	@$(RUN) -m benchmarks.demo_steps

clean: ## forget the local run (data, database, logs); the virtual environment stays
	@if [ -x $(RUN) ]; then $(RUN) -m include.wiring.local stop; fi
	rm -rf .postmarket
