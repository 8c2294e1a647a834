# Two commands are enough: `make run` and `make test`. Each installs what it
# needs and is missing, and does again only what has changed.

.DEFAULT_GOAL := help
SHELL         := /bin/bash
GO            ?= go
GOLANGCI_LINT := 2.15.0

# A working copy that git does not trust (another user's) can be built all the same.
export GOFLAGS := $(GOFLAGS) $(shell git rev-parse HEAD >/dev/null 2>&1 || echo -buildvcs=false)

# What the built web apps depend on.
WEB_SOURCES = $(shell find web dashboards packages services/console/openapi.yaml package.json package-lock.json \
	-type d \( -name node_modules -o -name dist \) -prune -o -type f ! -name '*.tsbuildinfo' -print 2>/dev/null)

.PHONY: help
help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## install what is missing, build, and open the demonstration shop
	@scripts/setup run
	@$(MAKE) --no-print-directory build
	@exec bin/aisle -demo

.PHONY: test
test: ## install what is missing, and check everything
	@scripts/setup test
	@scripts/check

.PHONY: setup
setup: ## install what running, building and testing need
	@scripts/setup test

.PHONY: build
build: web go ## build the web apps, bin/aisle and bin/aisle-vision

.PHONY: go
go: .cache/web
	@echo "==> building bin/aisle and bin/aisle-vision"
	@$(GO) build -o bin/aisle ./services/aisle
	@$(GO) build -tags gocv -o bin/aisle-vision ./services/vision

.PHONY: web
web: .cache/web ## build the three web apps

.cache/web: $(WEB_SOURCES)
	@echo "==> building the web apps"
	@npm run --silent build
	@mkdir -p .cache && touch $@

.PHONY: lint
lint: .cache/bin/golangci-lint-$(GOLANGCI_LINT) ## check the Go code's style
	@$< run

.cache/bin/golangci-lint-$(GOLANGCI_LINT):
	@echo "==> building golangci-lint $(GOLANGCI_LINT) (a minute, once)"
	@GOBIN=$(CURDIR)/.cache/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_LINT)
	@mv .cache/bin/golangci-lint $@

.PHONY: bench
bench: build ## measure event to decision, and events a second, in the box and on real servers
	@bin/aisle bench
	@OPENCV_FOR_THREADS_NUM=1 bin/aisle-vision bench
	@AISLE_SERVERS="kafka redis" scripts/servers/with.sh sh -c \
		'bin/aisle bench -stream "kafka://$${AISLE_TEST_KAFKA:?no Kafka here}" -state "$${AISLE_TEST_REDIS:?no Redis here}"'

.PHONY: compare
compare: ## compare the decider with watermill-kafka and a small Flink job, in one run, on real servers
	@scripts/compare/run.sh

.PHONY: eval-logs eval-identity eval-ble eval-rank eval-snowplow
eval-snowplow: ## measure the page views, sessions and users of a recorded web site
eval-logs: ## measure how logs, tables and dates that nobody has described are read
eval-identity: ## measure how records of the same person are found
eval-rank: ## measure how offers are ordered, chosen and judged, on data of others
eval-ble: ## measure how near positions and zones are to the truth
eval-logs eval-identity eval-ble eval-rank eval-snowplow: eval-%:
	@$(GO) run ./services/aisle eval $*

.PHONY: eval-faces
eval-faces: ## measure how well faces are known, and that strangers stay strangers
	@$(GO) run -tags gocv ./services/vision eval

.PHONY: screenshots
screenshots: build ## draw every page of the three apps and what opens on it, in both themes, into .cache/screenshots
	@npm run --silent --workspace e2e screenshots

.PHONY: lighthouse
lighthouse: build ## ask Lighthouse of each app; fails below 95 in performance or accessibility
	@node e2e/lighthouse.mjs

.PHONY: clean
clean: ## remove what was built; what was installed and the data stay
	@rm -rf bin .cache/web test-results playwright-report
	@find web dashboards packages services -type d -name dist -not -path '*/node_modules/*' -prune -exec rm -rf {} +
