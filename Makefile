# Requires Python 3.10 or later, make, git and a package index. All output goes to .venv and .build, which git ignores.

PYTHON ?= python3
# A version of ansible-core, such as 2.16, instead of the newest release that PYTHON can run. It gets a separate
# environment. If the version has no release yet, its newest pre-release is used.
CORE ?=
# Additional arguments for the tool of a single step, such as `make unit`: ARGS="-k paging".
ARGS ?=
# The interpreters of `make certify`, as commands or paths. Missing interpreters are listed, and their tests are skipped.
PYTHONS ?= python3.9 python3.10 python3.11 python3.12 python3.13 python3.14
# The number of tenants that `make fuzz` evaluates.
CASES ?= 10000
# The version to release.
VERSION ?=

VENV := .venv$(CORE:%=-%)
AWX := .venv-awx
DOCS := .venv-docs
SANDBOX := tests/sandbox $(VENV)
# The sandbox already has the collection in place, so pytest-ansible does not have to create links.
PYTEST := python -m pytest --ansible-unit-inject-only -p no:cacheprovider -n 2
INSTALLED := .build/ansible_collections/cloudbackup/m365/MANIFEST.json
# Includes folders, whose dates change when files are deleted, except docs, which is the name of a target.
SOURCES := $(shell find .ansible-lint *.md galaxy.yml LICENSE changelogs docs meta playbooks plugins roles tests -not -path docs \
	-not -path '*/__pycache__*' -not -path 'tests/output*')
# Keep the output of each parallel step together, if make supports it.
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
step = @printf '\n=== %s ===\n' '$(1)'

.PHONY: help demo test lint style sanity unit contract functional integration docs awx bench fuzz build certify release clean FORCE

help: ## list the targets (default)
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14
	@echo
	@echo 'Variables: PYTHON=python3.12, CORE=2.16 (a version of ansible-core), ARGS="-k paging" (for the tool of one step)'

demo: $(INSTALLED) ## run a compliance gate against simulated tenants
	@$(SANDBOX) env ANSIBLE_COLLECTIONS_PATH="$(CURDIR)/.build" \
		ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false \
		python -m ansible playbook cloudbackup.m365.demo -e "{\"demo_report_dir\": \"$(CURDIR)/.build/demo\"}"

test: $(VENV)/installed ## run all tests
	@$(MAKE) --no-print-directory -j 2 $(SYNC) unit functional sanity integration lint contract

lint: style ## run the linters
	$(call step,mypy)
	@$(SANDBOX) mypy $(foreach part,module_utils plugin_utils action filter lookup,-p ansible_collections.cloudbackup.m365.plugins.$(part))
	$(call step,yamllint)
	@$(SANDBOX) yamllint --strict .
	$(call step,ansible-lint)
	@$(SANDBOX) ansible-lint --offline
	$(call step,antsibull-docs)
	@$(SANDBOX) antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=self \
		--disallow-unknown-collection-refs .
	$(call step,antsibull-changelog)
	@$(SANDBOX) antsibull-changelog lint

style: $(VENV)/installed ## run the fast linter
	$(call step,ruff)
	@$(SANDBOX) ruff check --no-cache .
	@$(SANDBOX) ruff format --no-cache --check .

sanity: $(VENV)/installed ## run ansible-test sanity
	$(call step,ansible-test sanity)
	@$(SANDBOX) python -m ansible test sanity --local --color no --python $$($(VENV)/bin/python -c \
		'import sys; print("%d.%d" % sys.version_info[:2])') $(ARGS)

integration: $(VENV)/installed ## run the modules and roles as tasks, against the simulator
	$(call step,ansible-test integration)
	@$(SANDBOX) python -m ansible test integration --local --color no $(ARGS)

unit: $(VENV)/installed ## run the unit tests (ARGS="--cov plugins" measures their coverage, in twice the time)
	$(call step,unit tests)
	@$(SANDBOX) $(PYTEST) tests/unit $(ARGS)

contract: $(VENV)/installed ## compare documents, schemas and structure with the code
	$(call step,contract tests)
	@$(SANDBOX) $(PYTEST) tests/contract $(ARGS)

functional: $(VENV)/installed ## run playbooks, jobs and examples as users do
	$(call step,functional tests)
	@$(SANDBOX) $(PYTEST) tests/functional $(ARGS)

docs: $(DOCS)/installed ## build the documentation as a website, in .build/docs
	$(call step,antsibull-docs and Sphinx)
	@tests/sandbox $(DOCS) tests/docs/build "$(CURDIR)/.build/docs"
	@echo 'See .build/docs/index.html.'

awx: $(AWX)/installed ## check the AWX files with awx.awx and ansible-builder (downloads 60 MB, Python 3.11 or later)
	$(call step,awx.awx and ansible-builder)
	@tests/sandbox $(AWX) python tests/awx/check.py

bench: $(VENV)/installed ## measure speed and memory, as ratios (ARGS="2 3" selects benchmarks); takes some minutes
	@$(SANDBOX) python tests/benchmark/run.py $(ARGS)

fuzz: $(VENV)/installed ## test decoders, gates and client with 10,000 random answers and tenants (CASES=100000), and with floods
	@$(SANDBOX) $(PYTEST) --hypothesis-profile=fuzz tests/unit/api/test_decoders.py -k "arbitrary or mutated" $(ARGS)
	@$(SANDBOX) $(PYTEST) tests/floods
	@$(SANDBOX) env PYTHONPATH=../../..:roles/simulator/files \
		python -m ansible_collections.cloudbackup.m365.tests.model.run $(CASES)

build: $(INSTALLED) ## build the archive for publication, in .build

certify: $(INSTALLED) ## run the certification checks on the archive, with all supported versions; takes most of an hour
	@$(VENV)/bin/python tests/certify.py $(PYTHONS)

release: $(VENV)/installed ## write the changelog, raise the version, build and tag (VERSION=1.0.0)
	@.ci/release "$(VERSION)"

clean: ## remove all output of make
	rm -rf .venv .venv-* .build

# The demo and the certification use the built and installed collection, as users do.
$(INSTALLED): $(VENV)/installed $(SOURCES)
	$(call step,building and installing the collection)
	@rm -rf .build/ansible_collections .build/*.tar.gz && mkdir -p .build
	@$(SANDBOX) python -m ansible galaxy collection build --output-path "$(CURDIR)/.build"
	@$(SANDBOX) env ANSIBLE_COLLECTIONS_PATH="$(CURDIR)/.build" \
		python -m ansible galaxy collection install --offline "$(CURDIR)"/.build/*.tar.gz
	@touch $@

# If PYTHON is not the Python of the environment, create the environment again.
ifneq ($(shell "$(PYTHON)" -V 2>&1 || :),$(shell $(VENV)/bin/python -V 2>&1 || :))
$(VENV)/installed: FORCE
endif

# pip before 26 finds a pre-release only if no requirement on ansible-core, taken alone, has a matching release.
$(VENV)/installed: tests/requirements.txt
	@"$(PYTHON)" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
		echo '$(PYTHON) is not Python 3.10 or later with venv. Use another one: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(call step,installing the tools into $(VENV))
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(CORE:%=$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=26')
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt \
		$(CORE:%='ansible-core==%.*')
	@touch $@

$(AWX)/installed: tests/awx/requirements.txt
	$(call step,installing awx.awx and ansible-builder into $(AWX))
	@"$(PYTHON)" -m venv --clear $(AWX)
	@$(AWX)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(DOCS)/installed: tests/docs/requirements.txt
	$(call step,installing antsibull-docs and Sphinx into $(DOCS))
	@"$(PYTHON)" -m venv --clear $(DOCS)
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
