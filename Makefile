# Needs Python 3.11 or newer, make and the package registries; everything else is installed here.

SHELL := /bin/sh
BIN := .venv/bin
ARGS ?=
TESTS ?= tests
# Three processes on two cores, each with servers of its own: much of a test is waiting. A file
# stays with one. WORKERS= runs them in one.
WORKERS ?= -n 3 --dist loadfile
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	if command -v $$p >/dev/null 2>&1 && \
	   $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	echo $$p; break; fi; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet

.DEFAULT_GOAL := help
.PHONY: help run test check bench browser faults fuzz scan pictures lock clean

help:
	@echo "make run      start everything (PORT=9000, ARGS=--fresh)"
	@echo "make test     run the tests (TESTS=tests/unit, ARGS='-k cap')"
	@echo "make check    format, lint, types, import contracts, dead code, bandit"
	@echo "make bench    print the benchmarks (ARGS='match delivery')"
	@echo "make browser  every page and the journey in Chromium"
	@echo "make faults   what takes minutes: fifty kills under traffic, the API under fuzzing"
	@echo "make fuzz     every form, import and operation with hundreds of odd inputs, as each role"
	@echo "make scan     bandit, semgrep with our own rules, wapiti against a running system"
	@echo "make pictures draw docs/pictures anew (ARGS=FOLDER keeps whole pages too)"
	@echo "make lock     write the lock files anew   make clean   remove .venv"

# exec: the terminal's Ctrl-C and a supervisor's SIGTERM reach `up` itself.
run: .venv/installed
	@exec $(BIN)/schoolmatch up $(ARGS)

test: .venv/installed-dev
	$(BIN)/pytest $(TESTS) -m "not slow" $(WORKERS) $(ARGS)

check: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy commands service workers matcher models config demo tests benchmarks
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/python -m tests.scanners bandit

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks $(ARGS)

browser: .venv/installed-dev
	$(BIN)/pytest tests/browser tests/journey $(ARGS)

faults: .venv/installed-dev
	$(BIN)/pytest tests --ignore=tests/browser --ignore=tests/journey -m slow -n 2 --dist loadfile $(ARGS)

# Each operation 200 times and each form 100 times, as every role; fewer in `make test`.
fuzz: .venv/installed-dev
	FUZZ_EXAMPLES=100 API_EXAMPLES=200 $(BIN)/pytest tests/fuzz -n 2 $(ARGS)

scan: .venv/installed-dev .venv-scan/installed
	$(BIN)/python -m tests.scanners $(ARGS)

pictures: .venv/installed-dev
	$(BIN)/python -m tests.browser.pictures $(ARGS)

lock: .venv/installed-dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--group build --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--group build --group dev --output-file requirements-dev.lock pyproject.toml

	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--output-file tests/scanners/requirements.lock tests/scanners/requirements.in

clean:
	rm -rf .venv .venv-scan

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "schoolmatch needs Python 3.11 or newer, and none was found;" \
			"install one, or name it: make run PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@$(PYTHON) -m venv .venv || { \
		echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2; \
		rm -rf .venv; exit 1; }

# The stamps are written last: an installation that was interrupted is done again.
.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing packages into .venv (about a minute with an empty cache)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "Installing packages and tools into .venv (about a minute with an empty cache)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv-scan/installed: tests/scanners/requirements.lock | .venv/bin/python
	@echo "Installing scanners into .venv-scan (about a minute with an empty cache)"
	@$(PYTHON) -m venv .venv-scan
	@.venv-scan/bin/python -m pip --disable-pip-version-check --no-input --quiet \
		install --require-hashes -r tests/scanners/requirements.lock
	@touch $@
