# make demo    install, then the main job on real input: from a network to a verified C bundle
# make test    install, then the tests, two at once (make test ARGS="-k refrigerant -x"; JOBS=0 for one process)
# make test-long  what `make test` leaves out: proofs by many cases, and examples of a minute
# make fuzz    hostile files for every way in, guided by coverage on Linux; TIME=600 seconds
# make lint    ruff, mypy and the order of imports (import-linter)
# make docs    the documentation as a site, in build/site (open index.html there)
# make proof   the exhaustive proof of the functions whose code changed (ARGS=--all: of every one, which takes hours)
# make bench   the benchmarks, each printing its table
# make bench-gpu  the tests and the benchmarks that need an NVIDIA GPU, recorded; below eight minutes
# make matrix  the tests with the lowest and the newest versions of all dependencies, on Python 3.11 to 3.13; recorded
# make venv    the environment alone              (make venv PYTHON=python3.12)
# make clean   removes the environment and caches; keeps what was built in out/

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DOCS   := $(VENV)/.docs
FUZZ   := $(VENV)/.fuzz
ARGS   ?=
JOBS   ?= 2
TIME   ?= 600

.PHONY: demo test test-long fuzz lint docs proof bench bench-gpu matrix venv clean

demo: $(STAMP)
	$(BIN)/python examples/refrigerant/run.py $(ARGS)

# Each of the processes has a core: libraries of linear algebra that start threads of their own wait for each other.
test: $(STAMP)
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-long: $(STAMP)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m long $(ARGS)

fuzz: $(FUZZ)
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --seconds $(TIME) $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy symc
	$(BIN)/lint-imports --no-logo

# Not with -q: --strict counts only the warnings that are shown.
docs: $(DOCS)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -f docs/site/mkdocs.yml
	@echo "build/site/index.html; with search: python3 -m http.server -d build/site"

proof: $(STAMP)
	$(BIN)/python runtime/poly/fit.py --check
	PATH="$(CURDIR)/$(BIN):$$PATH" runtime/proof/run $(ARGS)

bench: $(STAMP)
	@set -e; for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python "$$script" $(ARGS); done

bench-gpu: $(STAMP)
	$(BIN)/python -m pytest tests/load/test_gpu.py tests/targets/test_gpu.py tests/runtime/test_gpu.py $(ARGS)
	$(BIN)/python benchmarks/gpu.py --record
	$(BIN)/python benchmarks/decoder_speed.py --record

matrix: $(STAMP)
	@$(BIN)/python -m pip install -q -q -c constraints.txt uv
	$(BIN)/python tests/matrix.py --jobs $(JOBS) $(ARGS)

venv: $(STAMP)

# The stamp is touched last, so an installation that was interrupted is taken up again. Byte-compiling every package
# takes longer than installing them; Python compiles what is used, when it is first used.
$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) was not found. Install Python 3.11 to 3.13 (Debian: apt-get install python3 python3-venv)," \
	       "or name one: make venv PYTHON=/path/to/python3" >&2; exit 3; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); symc needs Python 3.11 to 3.13." \
	       "Name one: make venv PYTHON=python3.12" >&2; exit 3; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module. On Debian: apt-get install python3-venv" >&2; exit 3; }
	@echo "Installing into $(VENV) (once; a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q -q --disable-pip-version-check --no-compile \
	  -c constraints.txt -e '.[test,examples,lint]'
	@touch $@

$(DOCS): $(STAMP)
	@$(BIN)/python -m pip install -q -q --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

$(FUZZ): $(STAMP)
	@$(BIN)/python -m pip install -q -q --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find symc tests examples benchmarks runtime -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
