# Waldur Booking Desk. `make run` and `make test` need Python 3.11 or newer, make, and the
# package registries; they set up everything else themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
WORKERS ?= auto

.PHONY: run test check format chromium screenshots bench basemap clean help
.DEFAULT_GOAL := help

help:
	@echo "make run          the dashboard at http://localhost:$(PORT)"
	@echo "make test         every test"
	@echo "make check        lint, format and types"
	@echo "make format       puts the code into its format"
	@echo "make screenshots  the pictures in docs/, taken from the running demo"
	@echo "make bench        the figures in docs/performance.md"
	@echo "make basemap      components/static/world.geojson from its source"

run: $(VENV)/.run
	$(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: $(VENV)/.dev chromium
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: $(VENV)/.dev chromium
	$(BIN)/python docs/screenshots.py

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

basemap: $(VENV)/.dev
	$(BIN)/pip install --quiet antimeridian==0.4.9 shapely==2.2.0 pycountry==26.2.16
	$(BIN)/python docs/basemap.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it with PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "Python has no venv here; on Debian install python3-venv."; exit 1; }

$(VENV)/.run: requirements.txt constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(VENV)/.run $@

# A browser of the system; on Debian as root the distribution's; else the one Playwright brings.
chromium: $(VENV)/.dev
	@for name in chromium chromium-browser google-chrome; do \
		command -v $$name >/dev/null 2>&1 && exit 0; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium \
			&& exit 0; \
		$(BIN)/python -m playwright install --with-deps chromium; \
	else $(BIN)/python -m playwright install chromium; fi
