# Everything runs from one virtual environment, rebuilt only when pyproject.toml changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CHECKED := rayinfer rayinfer_cli tests corpus benchmarks
# The tests that need no cluster: they share the cores of the machine.
PURE := $(addprefix tests/,build emit facts fuzz ir passes patterns placement sweep cases/test_attacks.py cases/test_golden.py)
# Those that start processes and clusters, and compare what these print: two of them at a time.
BESIDE := $(addprefix tests/,benchmarks chaos cli corpus inline modules cases/test_differential.py cases/test_runtime_remarks.py)

.DEFAULT_GOAL := help
.PHONY: help demo test lint format golden docs gallery bench bench-quick bench-stream bench-serial bench-driver bench-observing bench-placement bench-store facts sweep sweep-all growth fuzz chaos clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "python 3.10 or newer is needed"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -e '.[test,bench]'
	touch $@

demo: $(STAMP)  ## rewrite the stream job, show its IR, and compare it with plain Ray
	$(BIN)/python -m benchmarks.demo

lint: $(STAMP)  ## ruff and mypy
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy

test: lint  ## lint, then all tests
	$(BIN)/python -m pytest -n auto $(PURE)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(BESIDE)
	$(BIN)/python -m pytest $(addprefix --ignore=,$(PURE) $(BESIDE))

format: $(STAMP)  ## let ruff format and fix
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

golden: $(STAMP)  ## write all expected files and the README's example anew, to be reviewed as a diff
	$(BIN)/python -m tests.corpus.golden
	$(BIN)/python -m tests.cases.update

docs: $(STAMP)  ## write docs/remarks.md anew from the registry of remarks
	$(BIN)/rayinfer rule --format markdown > docs/remarks.md

gallery: $(STAMP)  ## write docs/gallery.md anew; with MEASURE=1 after timing every program, for some minutes
	$(BIN)/python -m benchmarks.gallery $(if $(MEASURE),--measure)

bench: $(STAMP)  ## all workloads, plain, rewritten, by hand, dask and bare: writes results and the README; WORKLOAD=name for one
	$(BIN)/python -m benchmarks.suite $(WORKLOAD)

bench-quick: $(STAMP)  ## the telling workloads in a few rounds, under five minutes: prints the table
	$(BIN)/python -m benchmarks.suite --quick

bench-stream: $(STAMP)  ## the study's two figures: writes benchmarks/results/ and the README's table
	$(BIN)/python -m benchmarks.stream

bench-serial: $(STAMP)  ## a get in every round of a loop, plain and made parallel
	$(BIN)/python -m benchmarks.serial_gets

bench-driver: $(STAMP)  ## what the driver spends on a member besides Ray's own calls: writes benchmarks/results/
	$(BIN)/python -m benchmarks.driver

bench-placement: $(STAMP)  ## the placement policy on up to 10,000 nodes, against Ray's own: writes benchmarks/results/
	$(BIN)/python -m benchmarks.placement

bench-store: $(STAMP)  ## what programs hold in the object store, plain and rewritten: writes benchmarks/results/
	$(BIN)/python -m benchmarks.object_store

bench-observing: $(STAMP)  ## what --stats and --trace cost, off and on: writes benchmarks/results/
	$(BIN)/python -m benchmarks.observing

facts: $(STAMP)  ## scopes and flow of the standard library and of ray, against symtable, bytecode and beniget
	$(BIN)/python -m tests.facts.long_run

sweep: $(STAMP)  ## compile every file of the installed ray and check the outcome: writes benchmarks/results/
	$(BIN)/python -m benchmarks.sweep --write

sweep-all: $(STAMP)  ## the same for other installed packages, which hold little of Ray and much of Python
	$(BIN)/python -m benchmarks.sweep ray numpy matplotlib hypothesis mypy pip setuptools libcst

growth: $(STAMP)  ## the compiler's time for files of 2,000 and of 20,000 lines: writes benchmarks/results/
	$(BIN)/python -m benchmarks.growth --write

fuzz: $(STAMP)  ## run FUZZ_PROGRAMS (10,000) generated programs from FUZZ_SEED (0) on, plain and rewritten
	$(BIN)/python -m tests.fuzz

chaos: $(STAMP)  ## run programs of tasks rewritten while nodes of their cluster are killed and started, for some minutes
	$(BIN)/python -m tests.chaos

clean:  ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info
