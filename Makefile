# Every target sets up what it needs: the virtual environment, Pulumi's engine, the local emulator.
# Extra arguments go to the command behind a target: make up ARGS="--diff"

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup up preview refresh destroy outputs pulumi down test test-lowest docs bench check clean

ROOT := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
PYTHON ?=
ARGS ?=

help:
	@echo "make up        declare the backfills of stacks/Pulumi.local.yaml, and launch them on a local DataWorks"
	@echo "make preview   show what an update would do"
	@echo "make refresh   read how the backfills are"
	@echo "make outputs   print the stack's outputs as JSON"
	@echo "make destroy   delete everything in the stack"
	@echo "make pulumi    any other command: make pulumi ARGS=\"stack export\""
	@echo "make down      stop the local DataWorks"
	@echo
	@echo "make test      run all tests                      make test ARGS=\"-k name\""
	@echo "make bench     repeat the measurements            make bench ARGS=\"launching\""
	@echo "make check     lint, format check, type check"
	@echo "make docs      build the documentation's site"
	@echo "make test-lowest   the tests on the oldest versions of what the packages depend on"
	@echo "make clean     stop the local DataWorks; remove .venv and .local"
	@echo
	@echo "Extra arguments: make up ARGS=\"--diff\"   Another Python (3.10 to 3.14): make up PYTHON=python3.12"

setup up preview refresh destroy outputs pulumi down test test-lowest docs bench check clean:
	@cd "$(ROOT)" && python="$$(tools/python "$(PYTHON)")" && \
	PYTHON_ASKED="$(PYTHON)" exec "$$python" -m tools $@ $(ARGS)
