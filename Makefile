# The commands of a contributor, the same here and in CI. `make` alone lists them.
# ARGS is passed on: make test ARGS='tests/unit -k reply', make demo ARGS=--fast

ARGS ?=
CODE := maild $(wildcard tests bench soak fuzz)
STAMP := .venv/.stamp

CORPUS ?= ../shared/corpus

# Images of containers often set it. Then each Python that a test starts compiles all libraries anew, 2 seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo run test check format bench score soak fuzz services lock clean

help:  ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "make %-9s %s\n", $$1, $$2 }'

setup: $(STAMP)  ## Make .venv from the lock, with the command .venv/bin/maild (needs Python 3.11+ and pip).

# Quick when nothing changed: the lock and the project file decide.
$(STAMP): requirements-dev.txt pyproject.toml scripts/setup.sh scripts/uv.txt
	@sh scripts/setup.sh

demo: setup  ## Play the demo: mails come in, tickets and answers come out; nothing leaves this machine.
	@.venv/bin/maild demo $(ARGS)

run: setup  ## Run the daemon in the foreground (ARGS='--config FILE').
	@.venv/bin/maild run $(ARGS)

test: setup  ## Run the tests on all cores; as root on Debian, first install the missing test servers.
	@sh scripts/services.sh --if-root
	@.venv/bin/pytest --numprocesses auto $(ARGS)

check: setup  ## Run the static checks: format, lint, types, who may import whom (no tests: see test).
	.venv/bin/ruff format --check --quiet $(CODE)
	.venv/bin/ruff check --quiet $(CODE)
	@.venv/bin/mypy $(CODE) & types=$$!; .venv/bin/lint-imports --no-logo; imports=$$?; wait $$types && exit $$imports

score: setup  ## Score what is understood of real mails with known answers, where CORPUS has them.
	@sh scripts/score.sh $(CORPUS) $(ARGS)

format: setup  ## Format the code and mend what ruff can mend safely.
	@.venv/bin/ruff format $(CODE)
	@.venv/bin/ruff check --fix $(CODE)

bench: setup  ## Measure every row against its target, 25 minutes (ARGS=--quick, --full, '--row imap'; -h lists).
	@.venv/bin/python -m bench $(ARGS)

soak: setup  ## Run under load and faults for 30 minutes (ARGS='--minutes 2', '--seed 7', '--matrix'); status 1 on a break.
	@.venv/bin/python -m soak $(ARGS)

fuzz: setup  ## Throw broken mails at all that reads them, for 30 minutes (ARGS='--minutes 2 --target parser').
	@.venv/bin/python -m fuzz $(ARGS)

services:  ## As root on Debian or Ubuntu, install Dovecot, Redis and PostgreSQL for the tests; start none.
	@sh scripts/services.sh

lock: setup  ## Renew the hashed lock files from pyproject.toml (UPGRADE=1: take the newest versions).
	@UPGRADE=$(UPGRADE) sh scripts/lock.sh

clean:  ## Remove everything that make made.
	rm -rf .venv .tools dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .fuzz
	find maild tests -name __pycache__ -type d -prune -exec rm -rf {} +
