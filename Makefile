# `make demo` and `make test` need Python 3.11 or newer, make, and a way to the package registries.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
SEED = $(sort $(wildcard examples/seed/*/))

.PHONY: demo test docs check format bench soak clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-check: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,check]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test

demo: $(VENV)/.installed  ## every scenario of examples/seed, simulated, and its policy tests
	@for folder in $(SEED); do $(BIN)/poolweaver simulate $$folder || exit 1; echo; done
	@$(BIN)/poolweaver test --verbose examples/seed

test: $(VENV)/.installed-test  ## all tests; those that need root or CNI plugins say so when they skip
	$(BIN)/python -m pytest -n 2 --dist loadgroup

docs: $(VENV)/.installed-test  ## the output of every command in README and docs, written anew
	POOLWEAVER_UPDATE_DOCS=1 $(BIN)/python -m pytest -q tests/docs

check: $(VENV)/.installed-check  ## format, lint, types, import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-check
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-test  ## every program that measures; they write docs/benchmarks.md anew
	$(BIN)/python -m bench

soak: $(VENV)/.installed-test  ## all tests, the heavy ones with numbers for an hour instead of seconds
	POOLWEAVER_SOAK=1 $(BIN)/python -m pytest -n 2 --dist loadgroup

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
