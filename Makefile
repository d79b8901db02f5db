# Driftsklar: everything a developer or an administrator types. `make` alone tells what there is.

# The first Python that is 3.11 or newer and can make an environment; PYTHON=… chooses another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
COMPILE := $(BIN)/uv pip compile --quiet --system-certs --no-emit-index-url --no-header --generate-hashes \
	--universal --python-version 3.11 $(if $(UPGRADE),--upgrade)
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
ifneq ($(CHROMIUM),)
export CHROMIUM
endif
# many short processes run our code: each would compile it anew where this is set
export PYTHONDONTWRITEBYTECODE :=
ifdef THOROUGH
export THOROUGH
endif

.DEFAULT_GOAL := help
.PHONY: help demo up test scale lint lock bench migration

help: ## Tell what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
	|| sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1  \2/p' $(MAKEFILE_LIST)

demo: $(VENV)/installed ## A year with a shelter and two benches (ONCE=1: stop then; PREFECT_PORT, VAR_DIR)
	$(BIN)/driftsklar demo $(if $(ONCE),--once) $(if $(PREFECT_PORT),--prefect-port $(PREFECT_PORT)) \
	$(if $(VAR_DIR),--var-dir "$(VAR_DIR)")

up: $(VENV)/installed ## Run it on this machine until Ctrl-C (PREFECT_PORT)
	$(BIN)/driftsklar up $(if $(PREFECT_PORT),--prefect-port $(PREFECT_PORT))

test: $(VENV)/installed-dev ## The tests, on SQLite and PostgreSQL (THOROUGH=1: all of them; ARGS: more for pytest)
	@[ -n "$(CHROMIUM)" ] || printf '%s\n' \
	'*************************************************************************' \
	'*** Chromium was not found: the browser tests are SKIPPED. Install it ***' \
	'*** (Debian: apt-get install chromium) or set CHROMIUM to its path.   ***' \
	'*************************************************************************'
	$(BIN)/pytest -n 3 --no-loadscope-reorder $(ARGS)

scale: $(VENV)/installed-dev ## A year on several machines, two of them killed (needs redis-server, nginx, prefect-redis)
	$(BIN)/pytest tests/scale $(ARGS)

lint: $(VENV)/installed-dev ## Style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: $(VENV)/installed-dev ## Write the locks anew from pyproject.toml (UPGRADE=1: to the newest versions)
	$(COMPILE) --extra build pyproject.toml -o requirements.lock
	$(COMPILE) --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

bench: $(VENV)/installed-dev ## Measure ours, the limit and the peers in turn (ARGS="--quick")
	$(BIN)/python -m benchmarks $(ARGS)

migration: $(VENV)/installed-dev ## Write a migration from the tables (MESSAGE="what changes")
	@[ -n "$(MESSAGE)" ] || { echo 'make migration MESSAGE="what changes"' >&2; exit 2; }
	folder=$$(mktemp -d) && export DRIFTSKLAR_DATABASE_URL="sqlite:///$$folder/empty.db" \
	&& number=$$(printf '%04d' $$(($$(ls migrations/versions/*.py | wc -l) + 1))) \
	&& $(BIN)/alembic upgrade head \
	&& $(BIN)/alembic revision --autogenerate --rev-id $$number -m "$(MESSAGE)"; \
	status=$$?; rm -r "$$folder"; exit $$status

# The locks say what is installed, hash by hash; ourselves without asking any registry. What pip says is kept, and shown
# when it failed; meanwhile one reads how far it is.
LOG := $(VENV)/install.log
define INSTALL
	@echo "Installing what $(1) names, this once; it takes some minutes ($(LOG) has the details)."
	@begun=$$(date +%s); packages=$$(grep -c '^[A-Za-z0-9].*==' $(1)); \
	{ { $(PIP) install --root-user-action=ignore --require-hashes -r $(1) \
	&& $(PIP) install --root-user-action=ignore --quiet --no-deps --no-build-isolation --no-index -e .; } 2>&1 \
	&& echo '## installed'; } | tee $(LOG) | awk -v packages=$$packages \
	'/^Collecting / { if (++n % 20 == 0) { printf "  %d of %d fetched\n", n, packages; fflush() } } \
	/^Installing collected/ { print "  unpacking them"; fflush() }'; \
	[ "$$(tail -n 1 $(LOG))" = '## installed' ] || { cat $(LOG) >&2; exit 1; }; \
	echo "Installed in $$(($$(date +%s) - begun)) s."
endef

# Prefect's empty tables, which each new house takes a copy of
FIRST_DATABASE = @echo "Making Prefect's tables, this once." && $(BIN)/python -m flows.engine.first_database

$(VENV)/installed: requirements.lock pyproject.toml | $(BIN)/python
	$(call INSTALL,requirements.lock)
	$(FIRST_DATABASE)
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(call INSTALL,requirements-dev.lock)
	$(FIRST_DATABASE)
	@touch $@ $(VENV)/installed

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo 'Python 3.11 or newer with venv is needed (Debian: apt-get install' \
	'python3-venv), or PYTHON=/path/to/python.' >&2; exit 2; }
	@echo "Making an environment for it in $(VENV)."
	@$(PYTHON) -m venv $(VENV)
