#!/usr/bin/env bash
# Every check and every test, cheapest first: what `make test` and CI run.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
step() { printf '\n== %s\n' "$*"; }
step format and lint;  $bin/ruff format --check . ; $bin/ruff check .
step types;            $bin/mypy include dags plugins tests benchmarks
step layers;           $bin/lint-imports
step tests
rm -f .coverage .coverage.*
# The demo is a test of its own and wants both cores; the rest share them.
$bin/pytest -n 2 --dist loadfile -m "not demo" --cov --cov-report= --junitxml=.cache/junit-tests.xml
$bin/pytest -m demo --junitxml=.cache/junit-demo.xml
step coverage;         $bin/coverage report --sort=cover | tail -n 40
