# The door: `make demo` sets everything up and does the main job, `make test` sets everything up and tests.
# Needs python3 (3.11 or newer, with venv), make and git; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test check bench calibrate docs pins format browser clean

help: ## what there is to make
	@grep -hE '^[a-z]+:.*##' Makefile | sed 's/:.*##/ —/' | sort

demo: $(VENV)/run ## a made-up team through the whole way: log, database, verdicts, page in demo/
	$(BIN)/tracker demo -o demo

test: $(VENV)/dev browser ## every test; the last line names what could not be had here
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(VENV)/dev ## format, lint, types, import directions, docs in step
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_structure.py tests/docs/test_pages.py

bench: $(VENV)/dev ## time and memory, as ratios in one run (ARGS=… picks)
	$(BIN)/python -m benchmarks $(ARGS)

calibrate: $(VENV)/dev ## false alarms, coverage and power over windows of a real log (ARGS="--log F --map M …")
	$(BIN)/python -m benchmarks.calibrate $(ARGS)

docs: $(VENV)/dev ## write docs/cli.md and docs/claims.md anew from the program
	$(BIN)/python -m docs.pages

pins: $(VENV)/dev ## resolve the pinned versions anew from pyproject.toml
	$(INSTALL) pip-tools
	$(BIN)/python requirements/pins.py

format: $(VENV)/dev ## format and sort what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Chromium for the tests of the page: taken from Debian where it is missing and we may install it.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || true

$(VENV)/run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

clean: ## away with everything made here
	rm -rf $(VENV) demo build dist
