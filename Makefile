# Two commands to know: `make run` and `make test`. `make help` lists the rest.
SHELL        := /bin/sh
# One way of compiling for all but the race detector, which needs a C compiler: another would compile everything again.
export CGO_ENABLED := 0
OAPI_CODEGEN := go tool -modfile=internal/tools/oapi-codegen/go.mod oapi-codegen
SQLC         := CGO_ENABLED=0 go tool -modfile=internal/tools/sqlc/go.mod sqlc
GOLANGCI     := CGO_ENABLED=0 go tool -modfile=internal/tools/golangci-lint/go.mod golangci-lint
GOVULNCHECK  := go tool -modfile=internal/tools/govulncheck/go.mod govulncheck
# Where version control cannot be read, as by root in another user's clone, nothing is stamped.
export GOFLAGS += $(shell git rev-parse HEAD >/dev/null 2>&1 || echo -buildvcs=false)
GOTESTSUM    := go tool -modfile=internal/tools/gotestsum/go.mod gotestsum --format pkgname --format-hide-empty-pkg
WITH_PG      := go run ./internal/postgres/pgtest/withpg --
TIMES         = go run -C internal/tools/times . -dir "$(CURDIR)" -name $@ -report bin/times-$@.txt $(if $(KEEP),-keep) --

.PHONY: help
help: ## list what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

.PHONY: run
run: build ## start a complete shop on http://localhost:3000
	@exec bin/cartwright dev

.PHONY: build
build: ## build bin/cartwright
	@sh internal/tools/build.sh bin/cartwright ./cmd/cartwright

.PHONY: test
test: test-tools ## run every test, each on a database of its own
	@echo "compiling the tests; the first time takes some minutes"
	@$(WITH_PG) $(TIMES) $(GOTESTSUM) -- -timeout 20m ./...

.PHONY: race
race: test-tools ## run every test with the race detector
	@command -v $${CC:-cc} >/dev/null || { echo "make race: the race detector needs a C compiler; on Debian: apt-get install gcc libc6-dev" >&2; exit 1; }
	@echo "compiling the tests; the first time takes some minutes"
	@$(WITH_PG) $(TIMES) env CGO_ENABLED=1 $(GOTESTSUM) -- -race -vet=off -timeout 40m ./...

.PHONY: test-tools
test-tools:
	@go test -C internal/tools/bundle ./...
	@go test -C internal/tools/times ./...

.PHONY: generate
generate: ## write openapi/openapi.yaml, openapi.json and gen/ from openapi/src, sql/ and migrations/
	rm -rf gen
	go run -C internal/tools/bundle . "$(CURDIR)/openapi/src/root.yaml" "$(CURDIR)/openapi/openapi.yaml" "$(CURDIR)/openapi/openapi.json"
	mkdir -p gen/oapi gen/client
	$(OAPI_CODEGEN) -config oapi-codegen.yaml openapi/openapi.yaml
	$(OAPI_CODEGEN) -config openapi/oapi-codegen.client.yaml openapi/openapi.yaml
	$(SQLC) generate

.PHONY: verify
verify: fresh tidy lint-spec lint vet-sql vulnerabilities ## prove that generated code is fresh and everything is lint-free

.PHONY: fresh
fresh: ## fail when generated code differs from its sources, or is not under version control
	@sh internal/tools/fresh.sh

.PHONY: tidy
tidy: ## fail when go.mod does not say what is imported
	go mod tidy -diff

.PHONY: lint
lint: ## lint the Go code; the import map is part of it
	$(GOLANGCI) run ./...

.PHONY: lint-spec
lint-spec: internal/e2e/node_modules ## lint the published spec
	cd internal/e2e && npm run --silent lint

.PHONY: vet-sql
vet-sql: ## prepare every query on a migrated database
	$(WITH_PG) sh -c 'DATABASE_URL="$$CARTWRIGHT_TEST_DATABASE_URL" go run ./cmd/cartwright migrate up >/dev/null \
		&& SQLC_DATABASE_URL="$$CARTWRIGHT_TEST_DATABASE_URL" $(SQLC) vet'

.PHONY: vulnerabilities
vulnerabilities: ## look for known vulnerabilities, where their database can be reached
	@sh internal/tools/vulnerabilities.sh "$(GOVULNCHECK)"

.PHONY: e2e
e2e: build internal/e2e/node_modules ## walk a running shop with a TypeScript client, Prism and Chromium
	@sh internal/e2e/run.sh bin/cartwright

.PHONY: bench
bench: build ## measure the shop beside pgbench: SCALE=1m for a million products, SHORT=1 for gross faults only
	@go run ./internal/bench $(if $(SCALE),-scale $(SCALE)) $(if $(SHORT),-short) bin/cartwright
	@$(WITH_PG) go test -tags measure -run Measure -count=1 -v ./internal/app

.PHONY: torture
torture: ## kill, stop, cut and starve a shop and examine its books: SHORT=1 for two minutes, SEED=n for the same again, ONLY=stages
	@go run ./internal/torture $(if $(SHORT),-short) $(if $(SEED),-seed $(SEED)) $(if $(ONLY),-only $(ONLY))

.PHONY: mutants
mutants: ## switch off what protects money and stock, one protection at a time, and see a test fail: ONLY=regexp for some
	@$(WITH_PG) go run ./internal/mutants $(if $(ONLY),-only "$(ONLY)")

.PHONY: docs-ui
docs-ui: ## fetch the release of the docs page that its manifest names
	internal/api/docsui/vendor.sh

internal/e2e/node_modules: internal/e2e/package-lock.json
	cd internal/e2e && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
