# Everything runs from here on a machine with Python 3.11 or newer and make; `make help` lists it.
# Python packages come from locks with hashes into .venv, front-end files from npm's lock with the
# Node of a Python wheel. Stamps carry the lock's checksum, so a changed lock installs again.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
PORT ?= 8000
WORKERS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

BIN := .venv/bin
RUN := $(BIN)/python
STEP := $(PYTHON) tools/step.py
checksum = $(shell cat $(1) | cksum | cut -d' ' -f1)
DEMO := .venv/demo-$(call checksum,requirements/demo.txt pyproject.toml)
DEV := .venv/dev-$(call checksum,requirements/dev.txt requirements/stripe_description.txt pyproject.toml)
PAGES := node_modules/.pages-$(call checksum,package-lock.json)
TOOLS := node_modules/.tools-$(call checksum,package-lock.json)
ASSETS := build/static/manifest.json
DATA ?= ../shared/data
CHECKED := platform tenants tests tools $(wildcard benchmarks) migrations wsgi.py

# Programs here are started often: none shall compile its modules each time anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-system proof soak lint format types imports unit functional \
	bench bench-bids \
	screenshots assets messages verifier lock clean

##@ Try it
demo: $(DEMO) $(ASSETS) ## Start the exchange with three houses at http://localhost:8000 (PORT=)
	@PORT=$(PORT) $(RUN) -m auctionhouse.demo

demo-reset: $(DEMO) ## Forget the demo's data: the next start begins anew
	@$(RUN) -m auctionhouse.demo --reset

##@ Check it
test: lint types imports unit functional ## The whole check

test-system: $(DEV) $(ASSETS) ## The database tests on PostgreSQL 15 and through PgBouncer
	@$(RUN) tools/system_packages.py
	POSTGRES_BINARIES=/usr/lib/postgresql/15/bin $(RUN) -m pytest -n $(WORKERS) -q \
		-m "database and not hypothesis" tests/platform tests/tenants tests/system

proof: $(DEV) ## Replay real auctions whose data may not be kept here (DATA=../shared/data)
	@test -d "$(DATA)" || { echo "There is no folder $(DATA); name it with DATA=" >&2; exit 1; }
	PROOF_DATA=$(abspath $(DATA)) $(RUN) -m pytest -q tests/proof

lint: $(DEV) ## Format and lint rules
	@$(RUN) -m ruff format --check $(CHECKED)
	@$(RUN) -m ruff check $(CHECKED)

format: $(DEV) ## Put the code into its form
	@$(RUN) -m ruff format $(CHECKED)
	@$(RUN) -m ruff check --fix $(CHECKED)

types: $(DEV) $(TOOLS) ## Types of Python (mypy strict) and of the pages' scripts (tsc)
	@$(RUN) -m mypy
	@$(RUN) -m auctionxchange.sandbox.node node_modules/typescript/bin/tsc --project .

imports: $(DEV) ## Who may import whom
	@$(BIN)/lint-imports

unit: $(DEV) $(ASSETS) ## Unit, database and convention tests
	$(RUN) -m pytest -n $(WORKERS) -q --ignore=tests/functional --ignore=tests/system --ignore=tests/proof

functional: $(DEV) $(TOOLS) $(ASSETS) ## Tests in a real browser against running processes
	$(RUN) -m pytest -n 2 --dist loadfile -q tests/functional

bench: $(DEV) $(ASSETS) ## Print the figures of docs/performance.md
	@$(RUN) -m benchmarks

bench-bids: $(DEV) $(ASSETS) ## Bids over HTTP beside pgbench on the same rows
	@$(RUN) -m benchmarks bids_http

soak: $(DEV) $(ASSETS) ## A storm of bids while processes are killed; into docs/reliability.md
	@$(RUN) -m benchmarks soak

##@ Make things
screenshots: $(DEV) $(TOOLS) $(ASSETS) ## Take the pictures of the documentation
	@$(RUN) tools/screenshots.py

assets: $(ASSETS) ## Collect the themes' and libraries' files into build/static

guides: $(DEV) ## Work out the figures of docs/guides/bidding-rules.md
	@$(RUN) tools/guides.py

messages: $(DEV) ## Collect what the interface says into the translation catalogues
	@$(RUN) tools/messages.py

verifier: ## Write the bidders' one-file verifier from the rules and the ledger's format
	@$(PYTHON) tools/make_verifier.py

lock: $(DEV) $(TOOLS) ## Resolve the dependencies anew and write the locks
	@for name in run demo install dev; do $(BIN)/uv pip compile --quiet --universal --upgrade \
		--generate-hashes --no-emit-index-url --python-version 3.11 \
		--output-file requirements/$$name.txt requirements/$$name.in || exit 1; done
	@$(RUN) -m auctionxchange.sandbox.node npm install --package-lock-only

clean: ## Remove what was installed and built; the demo's data stays
	@rm -rf .venv build node_modules

help: ## List these
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Installing

$(RUN):
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/it"; exit 1; }
	@$(STEP) "Making a virtual environment in .venv" $(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(DEMO): | $(RUN)
	@test -e $(DEV) || $(STEP) "Installing Python packages (up to a minute the first time)" \
		$(RUN) tools/install.py requirements/demo.txt
	@test -e $(DEV) || $(STEP) "Installing AuctionXchange" \
		$(RUN) -m pip install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): | $(RUN)
	@$(STEP) "Installing Python packages, tools included (up to a minute the first time)" \
		$(RUN) tools/install.py requirements/dev.txt
	@$(STEP) "Installing Stripe's description of its interface" \
		$(RUN) -m pip install --require-hashes --no-deps -r requirements/stripe_description.txt
	@$(STEP) "Installing AuctionXchange" \
		$(RUN) -m pip install --no-deps --no-build-isolation -e .
	@touch $@

$(PAGES): | $(DEMO)
	@test -e $(TOOLS) || $(STEP) "Installing front-end files" \
		$(RUN) -m auctionxchange.sandbox.node npm ci --omit=dev
	@touch $@

$(TOOLS): | $(DEV)
	@$(STEP) "Installing front-end files, a browser and tools" \
		$(RUN) -m auctionxchange.sandbox.node npm ci
	@touch $@

$(ASSETS): $(PAGES) $(shell find themes -type f) $(wildcard platform/auctionxchange/theming/*.py)
	@$(STEP) "Collecting static files" $(RUN) -m auctionxchange.theming.assets
