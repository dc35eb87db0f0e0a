# The two commands of a newcomer are `make run` and `make test`; `make help` lists the others.
# Words for the targets come as variables: make run PORT=8001, make rehearsal FOLDER="paper of 2026" OUT=out/2026

PYTHON ?= python3
export PORT ARGS FOLDER OUT CMD
.DEFAULT_GOAL := help
.PHONY: help run test rehearsal shell manage messages lint format engines engines-stop lock clean

# The launcher stays the one process between make and the portal, so that a signal reaches it.
define devstack
@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or later, or name one: make PYTHON=/path/to/python3 ..." >&2; exit 2; }; \
exec "$(PYTHON)" portal/devstack
endef

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

run: ## set everything up and run the portal with a live demo (PORT=8000)
	$(devstack) run

test: ## set everything up and run the linters and every test (ARGS= for pytest)
	$(devstack) test

rehearsal: ## take a whole selection from paper to honours (FOLDER=fixtures/sample OUT=out/rehearsal)
	$(devstack) rehearsal

shell: ## a Django shell on the demo's database
	$(devstack) manage shell

manage: ## any management command (CMD="verify_audit")
	$(devstack) manage

messages: ## collect what is to be translated and compile the catalogues
	$(devstack) manage messages

lint: ## ruff and the import contracts
	$(devstack) lint

format: ## let ruff put the code in order
	$(devstack) format

engines: ## run PostgreSQL and Valkey alone, in the foreground, and print their addresses
	$(devstack) engines

engines-stop: ## end engines that were left in the background
	$(devstack) engines stop

lock: ## write both requirement locks anew (needs uv)
	$(devstack) lock

clean: ## remove the environment, the packages and the demo's data
	$(devstack) clean
