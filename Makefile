# One command surface. `make` alone lists it.

VENV := .venv
BIN := $(VENV)/bin
# The first that is new enough and not too new; set it yourself to use another: make PYTHON=/path/to/python demo
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $(name))))
# pip is pinned here: it is what reads constraints.txt, and dependency groups need 25.1.
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --progress-bar off
PIP_VERSION := 25.3
# The checkout of https://github.com/Open-EO/openeo-test-suite that openeo-suite runs.
OPENEO_TEST_SUITE ?= ../openeo-test-suite
# The checkout of https://github.com/ESA-APEx/apex_algorithms that apex-suite runs.
APEX_ALGORITHMS ?= ../apex_algorithms
# The benchmarks that bench runs in turn; each tells its figures as benchmarks/lines.py writes them.
BENCHMARKS := openeo_graphs cube_memory cube_writers object_storage catalog_validation
# What tests of services take from npm; npm itself comes with the wheel of Node.
NPM := tests/service/github
# A copied or moved checkout brings a .venv whose programs still point to the old place: it is made anew.
MADE_IN := $(shell cat $(VENV)/checkout 2>/dev/null)
ifneq ($(MADE_IN),)
ifneq ($(MADE_IN),$(CURDIR))
MOVED := FORCE
endif
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo serve check test service containers bench lint types imports openeo-suite apex-suite cwl-suite format findings constraints clean FORCE

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/installed-demo ## set everything up, run the main job, show where the results are
	@$(BIN)/python -m demo

serve: $(VENV)/installed-demo ## set everything up, leave server and worker running for the UI
	@$(BIN)/python -m demo serve

check: lint types imports test service ## set everything up, run lint, types, import rules and all tests

test: $(VENV)/installed-check ## run the tests that need no service
	$(BIN)/pytest -q -n 3 --no-loadscope-reorder

service: $(VENV)/installed-check $(NPM)/node_modules/installed | containers ## run the tests that need a service: Prefect, GitHub's API
	$(BIN)/pytest -q -m service -n 2 --no-loadscope-reorder

containers: ## as root, install what tests of containers need; they skip where it cannot be had
	@test "$$(id -u)" != 0 || { $(call needs,podman --version && buildah --version && runc --version,podman,podman \
	buildah runc); } || true

cwl-suite: $(VENV)/installed-check ## run the conformance tests of CWL v1.2, from the folder beside this one or CWL_SUITE
	$(BIN)/python tests/conformance/cwl_suite.py --without-images --failing 4 $(CWL_SUITE_OPTIONS)

bench: $(VENV)/installed-check ## measure cubes, openEO graphs and the catalog's verdict beside their peers; a line for each figure
	@$(PIP) -c constraints.txt --group bench
	@$(foreach name,$(BENCHMARKS),echo "benchmarks.$(name)" && $(BIN)/python -m benchmarks.$(name) &&) true

lint: $(VENV)/installed-check ## check format and lint rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/installed-check ## check types
	$(BIN)/mypy

imports: $(VENV)/installed-check ## check who may import whom
	$(BIN)/lint-imports

openeo-suite: ## run the public openEO test suite from its checkout (OPENEO_TEST_SUITE=…); REPORT=1 writes docs/conformance.md
	@test -d '$(OPENEO_TEST_SUITE)/src/openeo_test_suite' || { echo "The openEO test suite is not at\
	 $(OPENEO_TEST_SUITE). docs/conformance.md says how to check it out; OPENEO_TEST_SUITE=… names another place." >&2; exit 2; }
	@$(MAKE) --no-print-directory $(VENV)/installed-openeo-suite
	@$(BIN)/python tests/conformance/openeo_suite/suite_run.py '$(OPENEO_TEST_SUITE)' $(if $(REPORT),--report docs/conformance.md) $(OPTIONS)

apex-suite: $(VENV)/installed-check ## run the real graphs of ESA-APEx from their checkout (APEX_ALGORITHMS=…; GRAPHS='a b' only some)
	@PYTHONPATH=tests $(BIN)/python -m conformance.apex_suite '$(APEX_ALGORITHMS)' $(GRAPHS)

findings: $(VENV)/installed-check ## write docs/findings.md from the declared codes
	$(BIN)/earthcode-platform findings --output docs/findings.md

format: $(VENV)/installed-check ## format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

constraints: $(VENV)/installed-check ## write constraints.txt anew; UPGRADE=--upgrade takes the newest versions
	@$(PIP) uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --group dev --group openeo-suite --group bench --no-annotate --no-header \
		--quiet $(UPGRADE) --output-file constraints.txt pyproject.toml

clean: ## remove .venv and caches; what runs left in .earthcode stays
	rm -rf $(VENV) $(NPM)/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/installed-demo: pyproject.toml constraints.txt $(MOVED) | $(BIN)/python
	@began=$$(date +%s) && echo "installing what constraints.txt names, for the demo …" && \
	$(PIP) pip==$(PIP_VERSION) && $(PIP) -c constraints.txt -e '.[examples]' && \
	echo '$(CURDIR)' > $(VENV)/checkout && touch $@ && echo "installed in $$(($$(date +%s) - began)) s"

$(VENV)/installed-check: pyproject.toml constraints.txt $(MOVED) | $(BIN)/python
	@began=$$(date +%s) && echo "installing what constraints.txt names, for development …" && \
	$(PIP) pip==$(PIP_VERSION) && $(PIP) -c constraints.txt -e '.[all]' --group dev && \
	echo '$(CURDIR)' > $(VENV)/checkout && touch $(VENV)/installed-demo $@ && \
	echo "installed in $$(($$(date +%s) - began)) s"

$(VENV)/installed-openeo-suite: $(VENV)/installed-check
	@echo "installing what constraints.txt names, for the openEO test suite …" && \
	$(PIP) -c constraints.txt --group openeo-suite && touch $@

# Of GitHub's descriptions only that of github.com is used; without the others it is 87 MB instead of 459.
$(NPM)/node_modules/installed: $(NPM)/package.json | $(VENV)/installed-check
	@began=$$(date +%s) && echo "installing what $< names …" && \
	$(BIN)/npm install --prefix $(NPM) --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error \
	--fetch-retries=2 --fetch-retry-maxtimeout=10000 && \
	find $(NPM)/node_modules/@octokit/openapi/generated -type f ! -name api.github.com.json -delete && \
	touch $@ && echo "installed in $$(($$(date +%s) - began)) s"

$(BIN)/python: $(MOVED)
	@test -n '$(PYTHON)' || { echo "No Python 3.11, 3.12 or 3.13 here. Install one (Debian, Ubuntu: apt-get install\
	 python3), or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(call needs,git --version,git,git)
	@$(call needs,$(PYTHON) -c 'import ensurepip',the Python module venv,$(shell $(or $(PYTHON),false) -c \
	'import sys; print("python%d.%d-venv" % sys.version_info[:2])' 2>/dev/null))
	@$(PYTHON) -m venv --clear $(VENV)

# $(call needs,<command that works if it is there>,<what it is>,<its Debian package>)
define needs
$(1) >/dev/null 2>&1 || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	echo "installing the package $(3) …" && apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(3) >/dev/null; } || \
	{ echo "$(2) is missing. Install it first (Debian, Ubuntu: sudo apt-get install $(3))." >&2; exit 1; }
endef
