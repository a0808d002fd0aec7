# Two commands are enough: `make run` and `make test`. The others are named in CONTRIBUTING.md.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
export TOCSIN_HOME ?= $(CURDIR)/var

.PHONY: run test install bench soak lint

$(BIN)/tocsin: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tocsin needs Python 3.11 or newer."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Tocsin into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e . || { echo "Installation failed; nothing else was changed. Run 'make run' again when the package index answers."; exit 1; }
	@touch $@

run: $(BIN)/tocsin
	@exec $(BIN)/tocsin run

$(VENV)/.all: pyproject.toml $(BIN)/tocsin
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all]'
	@touch $@

# one installation, not the core first: pip then resolves once
$(VENV)/.test: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tocsin needs Python 3.11 or newer."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all,test]'
	@touch $(BIN)/tocsin $(VENV)/.all $@

install: $(VENV)/.all

test: $(VENV)/.test
	@bash tests/needs.sh
	@$(BIN)/python tests/everything.py

lint: $(VENV)/.test
	@$(BIN)/python tests/everything.py --lint

soak: $(VENV)/.test
	@bash tests/needs.sh
	@$(BIN)/python tests/everything.py --soak

bench: $(VENV)/.all
	@for b in benchmarks/[!_]*.py; do $(BIN)/python $$b --quick || exit 1; done
