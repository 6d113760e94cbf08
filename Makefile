# What each command does: CONTRIBUTING.md. Needs make, sh, git and Python 3.11 or newer; PYTHON=... chooses one.
PYTHON ?= $(shell for python in .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$python; break; }; done)
VENV_PYTHON = .venv/bin/python

.PHONY: venv clean

venv:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with ensurepip found (on Debian: apt install python3-venv)." \
		"Choose one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) tooling/environment.py

clean:
	rm -rf .venv .build
