# Two commands matter: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
N ?= 2
VENV := .venv
PY := $(VENV)/bin/python
export PYTHONPATH := $(CURDIR)

.PHONY: help run test lint bench soak menu-map handset

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/bin/python:
	@command -v "$(PYTHON)" >/dev/null || { echo "Python 3.11 is needed, and no python3.11 is here. Install it, or say: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed; $(PYTHON) is $$($(PYTHON) -V)."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian: apt-get install python3.11-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# What is installed is remembered by the time of the list it came from.
$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the service needs (once) ..."
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing the test tools (once) ..."
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## the service with a demo commune, on 127.0.0.1:8000 (PORT=...)
	@$(PY) -m settings
	@$(PY) -m db upgrade
	@$(PY) -m db demo
	@echo "Handset: http://127.0.0.1:$(PORT)/phone    Desk: http://127.0.0.1:$(PORT)/staff/    Stop: Ctrl-C"
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" HOST=127.0.0.1 PORT=$(PORT) SIMULATOR=on PYTHONUNBUFFERED=1 \
		$(VENV)/bin/honcho start --no-prefix -p $(PORT) web clock

# A database server for each of the N processes; what starts whole processes itself stays in one of them.
test: $(VENV)/.dev ## every test, on SQLite and on a real PostgreSQL (N=2: so many side by side)
	@$(PY) -m pytest -n $(N)

lint: $(VENV)/.dev ## ruff, mypy --strict, and djlint for the templates
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy
	@$(VENV)/bin/djlint --lint --quiet gateway/templates

bench: $(VENV)/.dev ## how fast, beside bare Flask in the same run (bench/README.md)
	@$(PY) -m bench

soak: $(VENV)/.dev ## hours of races and kills, thousands of random stories about seats, ports and broadcasts, the menus from everywhere
	@SOAK=1 $(PY) -m pytest tests/journeys tests/contract tests/db/test_seats_stay_true.py tests/db/test_broadcasts_stay_true.py -m "race" --timeout 1800
	@SOAK=1 $(PY) -m pytest tests/menus/test_screens.py tests/menus/test_fitting_oracles.py --timeout 1800

menu-map: $(VENV)/.run ## docs/menu-map.md, drawn by walking the menus
	@$(PY) -m menus map > docs/menu-map.md

handset: $(VENV)/.run ## a handset in the terminal, without a database
	@$(PY) -m menus
