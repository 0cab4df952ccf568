# `make book` to read it, `make test` to check it; `make` alone lists the rest.
# Needs Python 3.11 to 3.13. Writes only to .venv, node_modules and _build; `make clean` removes them.

.DEFAULT_GOAL := help
.PHONY: help book serve lab test lint style unit jupyter notebooks pages bench chapters cells bundles lock browser newest clean

# The first supported Python on the PATH, or the one you name: make book PYTHON=python3.12
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && exit; done; echo python3)
WORKERS ?= 2
NBVAL ?= --nbval

VENV := .venv
PY := $(VENV)/bin/python
# Before a command that needs Node.js, which may be in the environment.
NODE := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
# Before a command whose CPU seconds and minutes the benchmark reads: SPENT, its name, the command.
SPENT := $(PY) book/_tools/spent.py
# A virtual environment does not survive a move of its folder: start afresh when it was made elsewhere.
ifneq ($(shell cat $(VENV)/.where 2>/dev/null),$(CURDIR))
$(shell rm -f $(VENV)/.ready $(VENV)/.book $(VENV)/.node $(VENV)/.test)
endif

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export JUPYTER_PLATFORM_DIRS := 1
export JUPYTER_PREFER_ENV_PATH := 1
export PYTHONUTF8 := 1

help:
	@echo "make book      build the site into _build/html and print how to open it"
	@echo "make serve     serve the built site, for the live models, on http://localhost:8000"
	@echo "make lab       open the chapters in JupyterLab"
	@echo "make test      everything: lint, unit, jupyter, notebooks, pages (each is a target too)"
	@echo "make bench     measure every figure afresh into _build/bench.json"
	@echo "make cells     rewrite the cells that are copies of the package"
	@echo "make bundles   bundle the views' scripts for notebooks, when a source has changed"
	@echo "make chapters  execute every notebook, store its outputs and its exported models"
	@echo "make lock      write requirements-lock.txt afresh from the other requirements files"
	@echo "make clean     remove all that these commands made"

# --- environment -----------------------------------------------------------------------------------

$(VENV)/.ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11, 3.12 or 3.13 is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@echo "$(CURDIR)" > $(VENV)/.where && touch $@

$(VENV)/.book: requirements-book.txt requirements-lock.txt | $(VENV)/.ready
	@echo "Installing what it takes to build the book"
	@$(PY) -m pip install --quiet -r requirements-book.txt
	@touch $@

$(VENV)/.test: requirements.txt requirements-book.txt requirements-lock.txt pyproject.toml \
		lecture_utils/views/jupyterlab.json | $(VENV)/.ready
	@echo "Installing what it takes to run and test it, PyTorch too: a few minutes"
	@$(PY) -m pip install --quiet -r requirements.txt
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $(VENV)/.book $@

# Node.js 18 or newer: the one on the PATH, or a wheel.
$(VENV)/.node: requirements-node.txt | $(VENV)/.book
	@npm --version >/dev/null 2>&1 \
		&& node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null \
		|| { echo "Installing Node.js into $(VENV)"; \
		$(PY) -m pip install --quiet -r requirements-node.txt; }
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json | $(VENV)/.node
	@$(NODE) npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# The newest releases that pyproject.toml allows, instead of the pinned ones; then run any other target.
newest: | $(VENV)/.ready
	$(PY) -m pip install --upgrade -e ".[facts,pronunciations,vision,book,lab,test]"
	@touch $(VENV)/.book $(VENV)/.test

# A Chromium for the page tests: the one on the PATH, or Playwright's own.
browser: $(VENV)/.test
	@$(PY) book/_tools/browser.py

# --- the book --------------------------------------------------------------------------------------

# Sphinx rebuilds a page when its source changes; a change here changes every page.
FRAME := $(wildcard _config.yml _toc.yml package-lock.json requirements-book.txt) \
	$(shell find book/_ext book/_static lecture_utils/views lecture_utils/live -type f ! -name '*.pyc' 2>/dev/null)

_build/.frame: $(FRAME)
	@rm -rf _build/html _build/.doctrees && mkdir -p _build && touch $@

book: $(VENV)/.book $(VENV)/.node node_modules/.package-lock.json _build/.frame
	@$(NODE) PYTHONPATH=. $(VENV)/bin/jupyter-book build . -W --keep-going -n
	@$(PY) book/_tools/opening.py

serve: book
	$(PY) -m http.server --bind 127.0.0.1 --directory _build/html 8000

lab: $(VENV)/.test
	$(PY) -m jupyterlab book

# --- checks ----------------------------------------------------------------------------------------

# Nobody's own settings, and sums always in the same order.
unit jupyter notebooks pages bench chapters: | _build/home
unit jupyter notebooks pages bench chapters: export IPYTHONDIR := $(CURDIR)/_build/home/ipython
unit jupyter notebooks pages bench chapters: export JUPYTER_CONFIG_DIR := $(CURDIR)/_build/home/jupyter
unit jupyter notebooks pages bench chapters: export MPLCONFIGDIR := $(CURDIR)/_build/home/matplotlib
unit jupyter notebooks pages bench chapters: export OMP_NUM_THREADS := 1

_build/home:
	@mkdir -p $@

test: lint unit jupyter notebooks pages

lint: $(VENV)/.test node_modules/.package-lock.json
	@$(SPENT) lint $(MAKE) --no-print-directory style

style: $(VENV)/.test node_modules/.package-lock.json
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m codespell_lib
	$(NODE) node_modules/.bin/biome check .
	$(NODE) node_modules/.bin/tsc --project .

unit: $(VENV)/.test node_modules/.package-lock.json browser
	$(NODE) $(SPENT) unit $(PY) -m pytest tests --ignore=tests/book --ignore=tests/jupyter -n $(WORKERS) \
		--cov=lecture_utils --cov-fail-under=95 --cov-report=term --cov-report=json:_build/coverage.json

jupyter: $(VENV)/.test node_modules/.package-lock.json browser  # one server, one browser: not in parallel
	$(SPENT) jupyter $(PY) -m pytest tests/jupyter -n 0

notebooks: $(VENV)/.test
	$(SPENT) notebooks $(PY) -m pytest book $(NBVAL) --nbval-sanitize-with=tests/nbval.cfg --nbval-cell-timeout=600 \
		--nbval-current-env -n $(WORKERS) --junit-xml=_build/nbval.xml

pages: book browser
	$(NODE) $(SPENT) pages $(PY) -m pytest tests/book -n $(WORKERS)

bench: book browser
	$(NODE) $(PY) -m tests.bench

# --- for authors -----------------------------------------------------------------------------------

chapters: $(VENV)/.test
	$(PY) book/_tools/chapters.py

cells: | $(VENV)/.ready
	$(PY) book/_tools/cells.py

# Needs the network, and nothing installed: the lock that stands may not fit.
lock: | $(VENV)/.ready
	$(PY) book/_tools/lock.py

bundles: node_modules/.package-lock.json
	$(NODE) $(PY) book/_tools/bundles.py

clean:
	rm -rf $(VENV) node_modules _build .pytest_cache .ruff_cache .coverage .hypothesis
