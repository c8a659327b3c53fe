# SPDX-License-Identifier: AGPL-3.0-or-later
# What a newcomer types. `make` alone lists it.

VENV := .venv
MUTANTS := var/mutants/venv
PY := $(VENV)/bin/python
PEERS := var/bench-venv
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)
export DJANGO_SETTINGS_MODULE := config.settings

.DEFAULT_GOAL := help
.PHONY: help run test test-faults mutants lint format types messages bench-tally pictures rules-docs packages dev-packages peer-packages

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "make run understands PORT=8000 HOST=0.0.0.0 DEMO=0 PB=election.pb DATABASE_URL=... REDIS_URL=... VAR_DIR=..."

run: packages ## Serve Folkmoot with a demo town on http://localhost:8000 (Ctrl-C stops it, the data stays)
	@DEMO="$${DEMO:-1}" $(PY) manage.py serve $${PB:+--import-pb "$$PB"}

test: dev-packages ## Run the whole test suite on a real PostgreSQL; ARGS="tests/voting -x" narrows it
	@$(PY) -m pytest -p no:cacheprovider $(or $(ARGS),-n 3 --dist loadfile --no-loadscope-reorder)

mutants: dev-packages ## Change the counting engine in small ways and see which no test notices; ARGS="ties borda --tries 40"
	@test -x $(MUTANTS)/bin/python || { $(PY) -m venv $(MUTANTS) && $(MUTANTS)/bin/pip install --quiet --disable-pip-version-check cosmic-ray==8.7.0; }
	@PYTHONPATH="$$($(PY) -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')" \
		nice -n 10 $(MUTANTS)/bin/python -m tests.voting.tally.mutants $(ARGS)

test-faults: dev-packages ## Kill processes again and again and look for lost data (minutes)
	@$(PY) -m pytest -m faults $(ARGS)

lint: dev-packages ## Check style
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@find templates -name '*.html' -exec $(VENV)/bin/djade --target-version 5.2 --check {} +

format: dev-packages ## Correct style
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .
	@find templates -name '*.html' -exec $(VENV)/bin/djade --target-version 5.2 {} +

types: dev-packages ## Check types
	@$(PY) -m mypy .

messages: dev-packages ## Collect visible sentences for translators and compile what they wrote (needs gettext)
	@$(PY) manage.py makemessages --all --no-obsolete --add-location file --ignore "var/*" --ignore "node_modules/*" --ignore "tests/*"
	@$(PY) manage.py compilemessages --verbosity 0 --ignore "$(VENV)/*"

bench-%: dev-packages ## Run one benchmark of benchmarks/, as in `make bench-live`
	@$(PY) -m benchmarks.$*

bench-tally: dev-packages ## Compare the counting engine with six others; ARGS="--only wieliczka" narrows it
	@$(if $(findstring --without-peers,$(ARGS))$(findstring --help,$(ARGS)),:,$(MAKE) --no-print-directory VENV=$(PEERS) peer-packages)
	@$(PY) -m benchmarks.tally --peers $(PEERS)/bin/python $(ARGS)

pictures: dev-packages ## Take the pictures of the docs: of the town from a demo that runs on PORT, of an evening from its test
	@$(PY) -m docs.pictures
	@PICTURES=1 $(PY) -m pytest -q tests/browser/test_whole_meeting.py

rules-docs: dev-packages ## Write the pages about counting rules in docs/rules/ from the engine
	@$(PY) -m docs.rule_pages

packages:
	@$(call install,requirements.lock,about 250 MB)
	@cmp -s requirements.lock $(VENV)/requirements.lock || cp requirements.lock $(VENV)/

dev-packages:
	@$(call install,requirements-dev.lock,about 650 MB)
	@for lock in requirements.lock requirements-dev.lock; do cmp -s $$lock $(VENV)/$$lock || cp $$lock $(VENV)/; done

peer-packages:
	@( $(call install,requirements-bench.lock,about 2 GB) ) || { \
		echo "The peers are optional. To measure ours alone: make bench-tally ARGS=--without-peers" >&2; exit 1; }
	@cmp -s requirements-bench.lock $(VENV)/requirements-bench.lock || cp requirements-bench.lock $(VENV)/

# $(1) the lock file, $(2) how much. Nothing happens when what it names is installed already.
define install
	if cmp -s $(1) $(VENV)/$(1) && $(PY) -c '' 2>/dev/null; then exit 0; fi; \
	for python in $(PYTHONS); do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Folkmoot needs Python 3.11 or newer: install it, or say where it is, as in: make run PYTHON=/opt/python3.12/bin/python3" >&2; exit 1; \
	fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "This Python cannot make virtual environments: install its venv module (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; \
	fi; \
	if ! $(PY) -m pip --version >/dev/null 2>&1; then \
		echo "Making $(VENV) with $$($$found --version) ..."; \
		$$found -m venv --clear $(VENV) || exit 1; \
	fi; \
	echo "Installing the packages of $(1) ($(2), once; a minute or two) ..."; \
	$(PY) -m pip install --disable-pip-version-check --no-input --require-hashes --only-binary :all: --requirement $(1) || { \
		echo "The packages could not be installed: look at the lines above, check the network and the free disk space ($(2)), then try again." >&2; exit 1; }
endef
