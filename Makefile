# The portal's commands; `make help` names them. Everything they bring stays in .local/ and .venv/ (and in uv's and Go's
# own caches).

PYTHON ?= $(shell for name in python3.11 python3; do \
  $$name -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && command -v $$name && break; done)
UV := .local/bootstrap/bin/uv
READY := .venv/.medonline
BIN := .venv/bin
ROUNDS := 5
COMPILE = $(UV) pip compile --generate-hashes --no-emit-index-url --no-annotate --no-header -p 3.11 \
  --no-emit-package medonline-contracts
TWO_AT_A_TIME := --numprocesses 2 --dist loadscope --no-loadscope-reorder
MEASURES := projection rebuild scale latency sign_in calls

export UV_PYTHON_DOWNLOADS := never
export PLAYWRIGHT_BROWSERS_PATH := $(CURDIR)/.local/cache/browsers
ifdef PIP_INDEX_URL # whoever has a mirror has told pip
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

.DEFAULT_GOAL := help
.PHONY: help run test faults bench check static manifests brought tools lock clean

help: ## names the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## brings up the whole portal on this machine and says where it is; Ctrl-C ends it
	@$(BIN)/python -m deploy.local.up

test: $(READY) ## everything: the checks, then all tests on real servers and in a real browser
	@$(MAKE) --no-print-directory --jobs=3 --output-sync=target static tools brought
	$(BIN)/pytest $(TWO_AT_A_TIME) --durations=15

faults: $(READY) ## strikes everything everywhere: hundreds of seeded kills, servers, network, disk; about half an hour
	$(BIN)/pytest tests/faults tests/journeys/test_kills.py -m "long or not long"

bench: $(READY) ## measures it beside what others would use, into docs/benchmarks.md; about an hour (ROUNDS=5)
	@for measure in $(MEASURES); do $(BIN)/python -u -m bench.$$measure --rounds $(ROUNDS) || exit 1; done
	@$(BIN)/python -u -m bench.load
	@$(BIN)/python -m bench.report

check: static ## formats, lint, types, import contracts, unit and property tests; no servers
	$(BIN)/pytest -m "not servers and not portal and not browser and not tools and not long"

static: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m catalogue --check

manifests: $(READY) ## builds the Kubernetes manifests and checks them, against our code too, without a cluster
	@$(BIN)/python -m deploy.kubernetes.check
	@$(BIN)/pytest --quiet tests/kubernetes/test_derived_*.py

brought: $(READY) # what the tests need besides
	@$(BIN)/python -m tests.bring

tools: $(READY) # what checks the manifests, built beside the checks: they use one processor
	@nice $(BIN)/python -m deploy.kubernetes.check bring

lock: $(UV) ## brings requirements.lock, and the image's two out of it, up to date with pyproject.toml
	$(COMPILE) pyproject.toml --group local --group dev -o requirements.lock
	$(COMPILE) pyproject.toml -c requirements.lock -o deploy/images/run.lock
	echo hatchling | $(COMPILE) - -c requirements.lock -o deploy/images/build.lock

clean: ## removes what the other commands made: the portal's data and secrets, downloads, .venv
	@if [ -e .local/lock ] && ! flock -n .local/lock true; then \
	  echo "The portal still runs: press Ctrl-C where it does, then make clean." >&2; exit 1; fi
	@for made in .local .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis; do \
	  if [ -e $$made ]; then echo "removing $$(du -sh $$made | tr '\t' ' ')"; rm -rf $$made; fi; done

$(UV): deploy/local/uv.txt
	@test -n "$(PYTHON)" || \
	  { echo "Python 3.11 is needed: install it (Debian 12: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python lacks its venv module: install it (Debian: apt-get install python3-venv) and try again." >&2; exit 1; }
	@echo "Bringing uv, which brings the rest"
	@$(PYTHON) -m venv --clear .local/bootstrap
	@.local/bootstrap/bin/python -m pip install --disable-pip-version-check --require-hashes -r deploy/local/uv.txt || \
	  { echo "uv could not be downloaded: check the network and your pip settings, then try again." >&2; exit 1; }
	@touch $@

$(READY): $(UV) requirements.lock pyproject.toml contracts/pyproject.toml
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --python $(BIN)/python --require-hashes requirements.lock && \
	  $(UV) pip install --python $(BIN)/python --quiet --no-deps -e contracts -e . || \
	  { echo "The packages could not be downloaded: check the network, then try again." >&2; exit 1; }
	@touch $@
