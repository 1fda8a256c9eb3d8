# Every target does the set-up it needs: a virtual environment, uv inside it, the pinned packages checked by hash, labkit itself.
# A fresh machine needs make, Python 3.10 to 3.13 and a way to PyPI. Choose the interpreter with `make PYTHON=python3.12 install`.
# All paths are relative, so the clone may lie in a folder with spaces and accents.

PYTHON ?= python3
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install lab doctor run test slow browser notebooks check format bench pins clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH_STAMP := $(VENV)/.installed-bench
UV_PIP := $(BIN)/python -m uv pip
# Bytecode is written at install, once, and not in the first lesson: the cloud's imports alone are over a thousand files.
INSTALL := $(UV_PIP) install --quiet --python $(BIN)/python --compile-bytecode
COMPILE := $(UV_PIP) compile --quiet --universal --python-version 3.10 --generate-hashes --upgrade \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header

# Schools and companies often look into TLS with a certificate of their own, which only the system's store knows.
export UV_SYSTEM_CERTS ?= true

define CHECK_PYTHON
import sys
found = "Python %d.%d" % sys.version_info[:2]
if not (3, 10) <= sys.version_info[:2] < (3, 14):
    sys.exit("labkit needs Python 3.10 to 3.13 and '$(PYTHON)' is " + found + ".\nName another one: make PYTHON=python3.11 install")
try:
    import ensurepip, venv
except ImportError:
    sys.exit(found + " has no venv module, so no environment can be made.\nOn Debian and Ubuntu: sudo apt-get install python3-venv")
endef
export CHECK_PYTHON

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' Makefile

install: $(STAMP) ## Make .venv with everything pinned; nothing to do the second time

$(STAMP): pins/labkit.txt pins/build.txt pins/uv.txt pyproject.toml
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { echo "There is no '$(PYTHON)' here. Install Python 3.10 to 3.13, or name it: make PYTHON=/path/to/python3 install" >&2; exit 1; }
	@"$(PYTHON)" -c "$$CHECK_PYTHON"
	@echo "Setting up $(VENV) (about 700 MB are downloaded the first time: Spark, a Java 17, Jupyter) ..."
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r pins/uv.txt
	@$(INSTALL) --require-hashes --build-constraints pins/build.txt -r pins/labkit.txt
	@$(INSTALL) --no-deps --build-constraints pins/build.txt --editable .
	@touch $(STAMP)

# More of it: make lab ARGS="04 --lang en --student ana.perez"
lab: install ## The lab in JupyterLab, in your browser
	@$(BIN)/labkit lab $(ARGS)

doctor: install ## Is this computer ready for the lab?
	@$(BIN)/labkit doctor $(ARGS)

run: install ## The lab's pipeline, end to end, on this machine
	@$(BIN)/labkit run

test: install ## All tests but the long ones, the quick ones first
	@$(BIN)/python -m pytest tests/unit tests -n 2 --dist loadfile -m "not slow and not browser and not bench"

slow: install ## The long tests
	@$(BIN)/python -m pytest -m "slow and not bench"

browser: install ## JupyterLab in a headless Chromium, as a student uses it (the long tests too: make slow)
	@$(BIN)/python -m pytest tests/browser -m "browser and not slow"

notebooks: install ## Build the student editions of the notebooks, the pages of the FAQ and of parity
	@$(BIN)/labkit notebooks build
	@$(BIN)/python -m labkit.faq docs
	@$(BIN)/python -m labkit.ui.parity docs

check: install ## Format, lint and types, changing nothing
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy
	@cd labkit/cloud/site && ../../../$(BIN)/python -m mypy --config-file ../../../pyproject.toml --cache-dir ../../../.mypy_cache -p awsglue -p awsgluedq -p awsglueml

format: install ## Format, and mend what ruff can mend
	@$(BIN)/python -m ruff check --fix --quiet . || true
	@$(BIN)/python -m ruff format .

$(BENCH_STAMP): $(STAMP) pins/bench.txt
	@$(INSTALL) --require-hashes --no-deps -r pins/bench.txt
	@touch $(BENCH_STAMP)

bench: $(BENCH_STAMP) ## Measure on real data; writes build/bench.json
	@$(BIN)/python -m benchmarks

# The pins hold names, versions and hashes, never an address: each machine downloads from where it is set up to.
pins: install ## Choose the newest versions that pyproject.toml allows, for every Python and system
	@$(COMPILE) pyproject.toml --extra test --extra dev --output-file pins/labkit.txt >/dev/null
	@$(COMPILE) pins/build.in --output-file pins/build.txt >/dev/null
	@$(COMPILE) pins/uv.in --output-file pins/uv.txt >/dev/null
	@$(COMPILE) pins/bench.in --no-deps --output-file pins/bench.txt >/dev/null
	@git diff --stat -- pins 2>/dev/null || true

clean: ## Remove what make made; the lab's own state (.labkit) stays
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache spark-warehouse metastore_db derby.log
