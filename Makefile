# The front door. Every target makes .venv and installs what it needs.

PYTHON ?= python3
CLANG ?= clang++
SECONDS ?= 60
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

CORES := $(wildcard checker/core/*.cpp checker/core/*.hpp histories/core/*.cpp histories/core/*.hpp)
BUILD_INPUTS := pyproject.toml CMakeLists.txt $(CORES)
NATIVE_TESTS := $(wildcard tests/native/*.cpp tests/native/*.hpp)
CPP := $(CORES) $(NATIVE_TESTS)

# Stamps of what is installed. Each set contains the one before it, so none takes anything away.
USE  := .venv/.installed-live
TEST := .venv/.installed-live-test
DEV  := .venv/.installed-live-test-dev

.PHONY: help demo test lint types format bench docs sanitize thread-sanitize fuzz mutate clean
.DEFAULT_GOAL := help
.NOTPARALLEL:

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 17

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
	$(BIN)/cmake --build build/sanitize --parallel
	$(BIN)/ctest --test-dir build/sanitize --output-on-failure

thread-sanitize: $(DEV)  ## test the native core in several threads under the thread sanitizer
	$(BIN)/cmake -S . -B build/thread-sanitize -DHOLDFAST_SANITIZE=thread
	$(BIN)/cmake --build build/thread-sanitize --parallel --target threads_test
	$(BIN)/ctest --test-dir build/thread-sanitize --output-on-failure -R threads

fuzz: $(DEV)  ## search, and scan recordings, on inputs that cover new code, each for SECONDS=60
	@command -v $(CLANG) || { echo "make fuzz needs $(CLANG); name another with CLANG="; exit 1; }
	$(BIN)/cmake -S . -B build/fuzz -DCMAKE_CXX_COMPILER=$(CLANG) -DHOLDFAST_FUZZ=ON \
	    -DHOLDFAST_SANITIZE=address,undefined
	$(BIN)/cmake --build build/fuzz --parallel
	mkdir -p build/fuzz/inputs build/fuzz/recordings
	build/fuzz/tests/native/fuzz_search -max_total_time=$(SECONDS) -max_len=160 \
	    -artifact_prefix=build/fuzz/ -print_final_stats=1 build/fuzz/inputs
	build/fuzz/tests/native/fuzz_scan -max_total_time=$(SECONDS) -max_len=600 \
	    -dict=tests/native/fuzz_scan.dict -artifact_prefix=build/fuzz/ -print_final_stats=1 \
	    build/fuzz/recordings

mutate: $(DEV)  ## plant faults in the native core, each of which its tests must notice
	$(BIN)/python tests/native/mutations.py
	$(BIN)/python tests/native/lock_mutations.py

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
