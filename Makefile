# Two commands do everything: `make run` starts the product, `make test` proves it.
PORT ?= 8000
DATA ?= var
FRESH ?=
RELEASE ?= trixie
TRY ?= make test
export PORT DATA FRESH

PY := .venv/bin/python

.PHONY: help run test interop bench bare check affected coverage setup setup-test requirements resolve messages docs rows clean

run: setup ## start the product with demo people (PORT=8000 SAMPLE_PORT=8001 DATA=var FRESH=1)
	@$(PY) -m config.demo

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

test: setup-test ## linters, types, contracts, the suite on SQLite and PostgreSQL, browser journeys
	@$(PY) -m tests.run

interop: setup-test ## real relying parties against the product (tests/interop/README.md)
	@$(PY) -m tests.run --only interop

bench: setup-test ## measure the real stack against its parts, write var/bench.json
	@$(PY) -m tests.bench

bare: ## try both commands on a bare Debian, as root (RELEASE=trixie TRY="make test")
	@sh tests/bare.sh $(RELEASE) "$(TRY)"

check: setup-test ## only the static checks
	@$(PY) -m tests.run --only checks

affected: setup-test ## the tests of what changed since main (BASE=main)
	@$(PY) -m tests.affected

coverage: setup-test ## lines and branches that the suite runs, by room; none falls below tests/covered.toml
	@$(PY) -m tests.covered

setup:
	@sh requirements/setup.sh run

setup-test:
	@sh requirements/setup.sh test

requirements: ## compile requirements/*.in to hashed *.txt
	@$(PY) -m tests.requirements --write

resolve: setup ## whether requirements/*.txt are still what *.in resolve to (asks the package index)
	@$(PY) -m tests.requirements --resolve

messages: setup ## collect texts into locale/, then translate them and run again
	@$(PY) manage.py catalogue

rows: setup-test ## the rows of the source documents that no test names
	@$(PY) -m tests.cited

docs: setup ## write the generated reference pages
	@$(PY) manage.py reference

clean: ## remove what set-up made (not var/)
	rm -rf .venv .tools config/static/vendor
