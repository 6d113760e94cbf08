# What each command does: CONTRIBUTING.md. Needs make, sh and Python 3.11 or newer; PYTHON=... chooses one.
PYTHON ?= $(shell for python in .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$python; break; }; done)
KEEP ?= 1
VENV_PYTHON = .venv/bin/python
STEPS = sanity lowest integration molecule readme playbooks reliability package docs ansible_lint units types pages lint changelog

.PHONY: venv test test-reliability $(STEPS) demo demo-stop format schemas pins policies test-versions benchmark benchmark-embedded-aws clean

venv:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with ensurepip found (on Debian: apt install python3-venv)." \
		"Choose one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) tooling/environment.py

test: venv
	@$(VENV_PYTHON) tooling/check.py

$(STEPS): venv
	@$(VENV_PYTHON) tooling/check.py $@

# All cases of tests/reliability, of which `make test` tries one in sixty; takes an hour or more.
test-reliability: venv
	@RELIABILITY_SAMPLE=1 $(VENV_PYTHON) tooling/check.py reliability

# The lowest and the highest supported versions of ansible-core and amazon.aws.
test-versions: venv
	@$(VENV_PYTHON) tooling/versions.py

demo: venv
	@$(VENV_PYTHON) tooling/demo.py start --keep $(KEEP)

demo-stop: venv
	@$(VENV_PYTHON) tooling/demo.py stop

format: venv
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# Make docs/schema of the roles' argument specifications again.
schemas: venv
	@$(VENV_PYTHON) tooling/schemas.py

# Applications with this collection, with existing modules, and by hand; takes hours. ARGUMENTS="--only removal --latency 80" is one question.
benchmark: venv
	@$(VENV_PYTHON) -m benchmarks.fleet $(ARGUMENTS)

# What strictness costs beside plain moto, and that the goals for it are met.
benchmark-embedded-aws: venv
	@$(VENV_PYTHON) benchmarks/embedded_aws.py

# Resolve tooling/*.in afresh, with the hashes of all files that the registry has.
COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --generate-hashes --custom-compile-command "make pins"
pins: venv
	$(COMPILE) --upgrade --override tooling/overrides.txt --output-file tooling/requirements.txt tooling/requirements.in
	$(COMPILE) --upgrade --output-file tooling/uv.txt tooling/uv.in
	$(COMPILE) --no-deps --output-file tooling/collections.txt tooling/collections.in
	$(COMPILE) --no-deps --output-file tooling/lowest.txt tooling/lowest.in

# docs/policies, from the calls of the playbooks.
policies: venv
	@$(VENV_PYTHON) -m tests.reliability.permissions

clean: $(if $(wildcard .build/demo/embedded_aws.pid),demo-stop)
	rm -rf .venv .build
