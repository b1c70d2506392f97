# `make demo` shows zcnb at work, `make test` runs all tests, `make soak MINUTES=60` looks for a wrong answer for hours.
# All of them set up what they need in .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
MINUTES ?= 60

.PHONY: demo test check unit bench soak picture clean

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
	PYTHONPATH=. $(BIN)/python tests/bench/inputs.py
	PYTHONPATH=. $(BIN)/python tests/bench/store.py

soak: $(VENV)/.test
	PYTHONPATH=.:kernel_ext $(BIN)/python -m tests.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

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
