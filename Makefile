# The front door. Every target makes .venv and installs what it needs.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

BUILD_INPUTS := pyproject.toml CMakeLists.txt $(wildcard checker/core/*.cpp checker/core/*.hpp)
NATIVE_TESTS := $(wildcard tests/native/*.cpp)
CPP := $(wildcard checker/core/*.cpp checker/core/*.hpp) $(NATIVE_TESTS)

# Stamps of what is installed. Each set contains the one before it, so none takes anything away.
USE  := .venv/.installed-live
TEST := .venv/.installed-live-test
DEV  := .venv/.installed-live-test-dev

.PHONY: help demo test lint types format bench docs sanitize clean
.DEFAULT_GOAL := help
.NOTPARALLEL:

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

demo: $(USE)  ## see a lock break, with a picture of how
	$(BIN)/holdfast demo

test: $(TEST)  ## run all tests
	$(BIN)/pytest

lint: $(DEV)  ## check style, layout and which floor imports which
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/clang-format --dry-run -Werror $(CPP)
	$(BIN)/lint-imports

types: $(DEV)  ## check the types
	$(BIN)/mypy

format: $(DEV)  ## lay out the code and sort its imports
	$(BIN)/ruff check --select I --fix
	$(BIN)/ruff format
	$(BIN)/clang-format -i $(CPP)

bench: $(TEST)  ## run every benchmark
	@set -e; for script in benchmarks/bench_*.py; do \
	    [ -e "$$script" ] || continue; echo "== $$script"; $(BIN)/python "$$script"; done

docs: $(USE)  ## draw the pictures of the documentation again
	$(BIN)/python docs/make_pictures.py

sanitize: $(DEV)  ## test the native core under the address and undefined-behaviour sanitizers
	$(BIN)/cmake -S . -B build/sanitize -DHOLDFAST_SANITIZE=address,undefined
	$(BIN)/cmake --build build/sanitize
	build/sanitize/core_test

clean:  ## remove .venv and all that was built or cached
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv:
	$(PYTHON) -m venv .venv

$(USE): $(BUILD_INPUTS) | .venv
	$(PIP) -e ".[live]"
	touch $(USE)

$(TEST): $(BUILD_INPUTS) | .venv
	$(PIP) -e ".[live,test]"
	touch $(USE) $(TEST)

$(DEV): $(BUILD_INPUTS) | .venv
	$(PIP) -e ".[live,test,dev]"
	touch $(USE) $(TEST) $(DEV)
