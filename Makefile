# Everything a developer does. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
WITH_CLUSTER := eval "$$(hack/cluster env)" &&
export PYBAMM_DISABLE_TELEMETRY := true
export PYTHONPATH := hack

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-20s %s\n", $$1, $$2}'

.PHONY: demo
demo: deploy ## Set everything up, run two simulations, show them, leave results and a plot under out/
	$(WITH_CLUSTER) $(PYTHON) -m devtools.demo

.PHONY: test
test: lint deploy s3-server rabbitmq browser ## All checks and tests, including the end-to-end ones on the real cluster
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/unit tests/reference tests/docs --numprocesses auto
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/page tests/e2e --reruns 1 -r aR

.PHONY: test-unit
test-unit: setup s3-server ## The quick tests; no cluster
	$(PYTHON) -m pytest tests/unit --numprocesses auto

.PHONY: test-reference
test-reference: setup ## Numbers against PyBaMM and known facts, and the examples of the guides; no cluster
	$(PYTHON) -m pytest tests/reference tests/docs --numprocesses auto

.PHONY: test-pythons
test-pythons: setup s3-server ## The quick tests on each supported Python; reports those that are not installed
	hack/test-pythons

.PHONY: faults
faults: deploy ## A thousand simulations on shared runners, while operator, bridge and runners are killed; 300 in a queue
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/faults/test_shared_runners.py -s
	$(WITH_CLUSTER) QUEUE_RUNS=300 $(PYTHON) -m pytest tests/e2e/runs/test_job_queue.py

.PHONY: faults-bridge-away
faults-bridge-away: deploy ## 20 runs that end while the bridge is away for six minutes
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/faults/test_bridge_away.py -s

.PHONY: faults-full-node
faults-full-node: deploy ## 30 runs on a full node, with and without a restart of the bridge
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/faults/test_full_node.py -s

.PHONY: faults-sweeps
faults-sweeps: deploy ## A sweep of 20,000 points, while children, pods, operator and bridge are killed
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/faults/test_sweeps.py -s

.PHONY: faults-many-points
faults-many-points: deploy browser ## A sweep of 100,000 points, and half of them fail: status, operator and bridge do not grow, the page stays quick
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/faults/test_many_points.py -s

.PHONY: faults-fairness
faults-fairness: deploy ## A tenant's runs and callbacks, next to 400 callbacks that hang and 1,000 objects of another
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/faults/test_fairness.py -s

.PHONY: faults-namespaces
faults-namespaces: deploy ## One of three watched namespaces is deleted for three minutes, and created again
	$(WITH_CLUSTER) FAULTS_AWAY_SECONDS=180 $(PYTHON) -m pytest tests/e2e/test_watch_namespaces.py -s

.PHONY: faults-restored
faults-restored: deploy ## The local cluster is put back to a snapshot of ten minutes before: no result is removed
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/faults/test_restored.py -s

.PHONY: faults-upgrade
faults-upgrade: deploy ## Operator and bridge of this version and of commit OLD (HEAD~1), in all pairs, with 50 runs
	release=$$(hack/old-release $(or $(OLD),HEAD~1)) && eval "$$release" && \
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/faults/test_upgrade.py -s

.PHONY: faults-two-releases
faults-two-releases: deploy s3-server ## A second release with a namespace in common, then in the same bucket
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/faults/test_two_releases.py -s

.PHONY: test-process
test-process: deploy s3-server rabbitmq browser ## The end-to-end tests that do not look at Jobs or pods, on shared runners
	$(WITH_CLUSTER) E2E_ISOLATION=Process $(PYTHON) -m pytest tests/e2e/bridge tests/e2e/clients tests/e2e/page \
	  $(addprefix tests/e2e/runs/test_,bad_input.py callback.py config_maps.py examples.py physics.py)

.PHONY: kueue
kueue: deploy ## run.queueName with a real Kueue, compiled from source, installed for the time of the tests
	hack/services/kueue install
	trap 'hack/services/kueue remove' EXIT && $(WITH_CLUSTER) $(PYTHON) -m pytest tests/kueue -s

.PHONY: hostile
hostile: deploy ## A thousand hostile inputs and 200 hostile connections, and what others notice of them
	$(WITH_CLUSTER) $(PYTHON) -m pytest tests/hostile -s

.PHONY: bench
bench: deploy bench-cold-start bench-sweep ## Time from kubectl apply to the result, compared with a bare Job; sweeps; table and PNG under out/
	$(WITH_CLUSTER) $(PYTHON) -m bench.latency
	$(WITH_CLUSTER) $(PYTHON) -m bench.shared
	$(WITH_CLUSTER) $(PYTHON) -m bench.cluster.sweep

.PHONY: bench-cold-start
bench-cold-start: setup ## Time from the start of `batterysim run` to its result, compared with a PyBaMM script
	$(PYTHON) -m bench.cold_start

.PHONY: bench-sweep
bench-sweep: setup ## Rate of a sweep, compared with a plain loop of PyBaMM over a model that is built once
	$(PYTHON) -m bench.sweep

.PHONY: many-points
many-points: setup ## Memory of the process that watches a sweep of 100,000 points, where half of them fail; minutes
	$(PYTHON) -m evidence.many_points

.PHONY: bench-pod-cpu
bench-pod-cpu: setup ## CPU time of a runner's process, from its start to the uploaded result; no cluster
	$(PYTHON) -m bench.pod_cpu

.PHONY: bench-sizes
bench-sizes: setup ## Sizes of images and installations, and times of imports, next to commit OLD
	$(WITH_CLUSTER) $(PYTHON) -m bench.sizes $(or $(OLD),a6ce47f) $(if $(NO_IMAGES),,--images)

.PHONY: typical-changes
typical-changes: setup ## Which files seven typical changes touch, as mypy sees it
	$(WITH_CLUSTER) $(PYTHON) -m evidence.typical_changes

# Within the image: with BLAS, which the image's CasADi lacks, PyBaMM's splines have other last bits.
COMPARED := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/batterysim
.PHONY: compiled-campaign
compiled-campaign: images ## Compare each compiled simulation with PyBaMM for 50 random inputs; hours (decision 040)
	@mkdir -p "$(COMPARED)"
	$(WITH_CLUSTER) docker run --rm --user "$$(id -u):$$(id -g)" \
		--env PYTHONPATH=/app:/hack --env XDG_CACHE_HOME=/cache \
		--volume "$(CURDIR)/hack:/hack:ro" --volume "$(COMPARED):/cache/batterysim" \
		"batterysim-runner:$${TAG:-dev}" python -W ignore -m evidence.compiled /opt/batterysim-compiled $(KINDS)

.PHONY: tolerances
tolerances: setup ## Effect of the solver's tolerances on a drive cycle (decision 002)
	$(PYTHON) -m evidence.tolerances

.PHONY: lint
lint: setup ## Format, lint, types, import rules, words, shell scripts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTHON) -m prose.check
	.venv/bin/shellcheck -x hack/cluster hack/images hack/deploy hack/services/s3-server hack/services/kueue hack/services/rabbitmq hack/services/browser hack/setup hack/test-pythons hack/old-release .ci/run $$(find hack -name '*.sh')

.PHONY: generate
generate: setup ## Write the generated files: CRDs, tables from PyBaMM, and pages of cells, failures and functions
	$(PYTHON) -m batterysim.crd crds
	mkdir -p helm/batterysim/files/crds && cp crds/*.yaml helm/batterysim/files/crds/
	$(PYTHON) -m generate.parameter_sets data/batterysim_data/parameter_sets
	$(PYTHON) -W ignore -m generate.parameter_functions data/batterysim_data/parameter_functions.json
	$(PYTHON) -W ignore -m generate.model_options data/batterysim_data/model_options.json
	$(PYTHON) -m generate.cell_page docs/cells.md
	$(PYTHON) -m generate.preset_page docs/cell-presets.md
	$(PYTHON) -m generate.drive_cycle_table docs/protocols.md
	$(PYTHON) -m generate.failure_page docs/failures.md
	$(PYTHON) -m generate.function_page docs/cell-functions.md
	$(PYTHON) -W ignore -m generate.variable_names data/batterysim_data/variables.json

.PHONY: docs-waiting
docs-waiting: deploy browser ## Write what a cluster says when runs do not start into docs/waiting.md
	$(WITH_CLUSTER) WRITE_WAITING_TABLE=1 $(PYTHON) -m pytest tests/e2e/admission/test_admission.py -k docs

.PHONY: setup
setup:
	@hack/setup

.PHONY: s3-server
s3-server:
	@hack/services/s3-server install >/dev/null

.PHONY: browser
browser:
	@hack/services/browser install >/dev/null

.PHONY: rabbitmq
rabbitmq:
	@hack/services/rabbitmq install >/dev/null

.PHONY: images
images: ## Build both container images
	$(WITH_CLUSTER) hack/images build

.PHONY: deploy
deploy: setup cluster-up images ## Install this checkout into the cluster
	@hack/deploy

.PHONY: cluster-up
cluster-up: ## Use your cluster if it answers, else start a local one (kind)
	@hack/cluster up

.PHONY: cluster-down
cluster-down: ## Delete the local cluster, if it is ours
	@hack/cluster down
