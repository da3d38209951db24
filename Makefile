# `make demo` and `make test` set everything up first.
# They need python3 (3.11 or newer, with venv), make and git. Everything else is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test check bench calibrate false-fires docs pins format browser timewarrior clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*##/ —/' | sort

demo: $(VENV)/run ## a made-up team's log, database, verdicts and page, in demo/
	$(BIN)/tracker demo -o demo

# Compiled tests are stored whatever the environment says: to rewrite their assertions takes seconds.
test: $(VENV)/dev browser timewarrior ## run every test; the last line names those that could not run
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

check: $(VENV)/dev ## check format, lint, types, import directions and docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_structure.py tests/docs

bench: $(VENV)/dev ## measure time and memory as ratios (ARGS=… selects benchmarks)
	$(BIN)/python -m benchmarks $(ARGS)

calibrate: $(VENV)/dev ## measure false alarms, coverage and power on a real log (ARGS="--log F --map M …")
	$(BIN)/python -m benchmarks.calibrate $(ARGS)

false-fires: $(VENV)/dev ## measure how often threats are reported of clean logs (ARGS="--logs N --windows N")
	$(BIN)/python -m benchmarks.false_fires $(ARGS)

docs: $(VENV)/dev ## write docs/cli.md, docs/claims.md, docs/report.svg and README's example output
	$(BIN)/python -m docs.pages

pins: $(VENV)/dev ## update the pinned versions from pyproject.toml
	$(INSTALL) pip-tools
	$(BIN)/python requirements/pins.py

format: $(VENV)/dev ## format the code and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Chromium for the tests of the page. It is installed from Debian if it is missing and we are root.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || true

# timewarrior for the tests that import what it writes, in the same way.
timewarrior:
	@command -v timew >/dev/null 2>&1 || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq timewarrior >/dev/null; } || true

$(VENV)/run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

clean: ## remove everything that these targets created
	rm -rf $(VENV) demo build dist
