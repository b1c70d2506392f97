# `make demo` shows zcnb at work, `make test` runs all tests. Both set up what they need in .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test check unit bench picture clean

demo: $(VENV)/.demo
	$(BIN)/python notebooks/demo.py

test: $(VENV)/.test
	.ci/packages
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile $(PYTEST_FLAGS)

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.test
	$(BIN)/python tests/bench/spine.py
	PYTHONPATH=. $(BIN)/python tests/bench/calls.py
	PYTHONPATH=. $(BIN)/python tests/bench/sweeps.py
	PYTHONPATH=. $(BIN)/python tests/bench/store.py

picture: $(VENV)/.test
	$(BIN)/python tests/browser/picture.py share/doc/zcnb/cell.png

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "zcnb needs Python 3.11 or later; this is `$(PYTHON) --version`. Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache
