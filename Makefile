# Everything works on a machine where nothing was done before; a second run reuses the first.
#   make demo   make test   make quick   make check   make asan   make tsan   make fuzz   make proof   make wheel

PYTHON ?= python3
VENV   := .venv
BIN    := $(CURDIR)/$(VENV)/bin
STAMP  := $(VENV)/.georgia-ready
WERROR := $(if $(CI),ON,OFF)
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --retries 5
SOURCES := $(shell find cpp cmake -type f) CMakeLists.txt pyproject.toml
# cmake and ninja of the virtual environment come first.
export PATH := $(BIN):$(PATH)

.PHONY: demo test quick check cpp-test python-test docs stub format asan tsan fuzz proof wheel setup clean

demo: setup
	$(BIN)/georgia demo

test: check cpp-test python-test docs asan tsan

setup: $(STAMP)

$(VENV)/.tools: pyproject.toml
	@scripts/system-packages
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "georgia: installing what the build needs into $(VENV)"
	@$(INSTALL) --upgrade "pip>=25.1"
	@$(INSTALL) torch==2.13.0 "scikit-build-core>=0.11" "pybind11>=3.0.4,<3.1" \
		nlohmann-json==3.12.0 "cmake>=3.26" ninja
	@$(INSTALL) --group dev
	@touch $@

$(STAMP): $(VENV)/.tools $(SOURCES)
	@echo "georgia: building (OpenCV once for this user, then the core: some minutes)"
	@$(INSTALL) --editable . --no-build-isolation --verbose \
		-Ccmake.define.GEORGIA_TESTS=ON -Ccmake.define.GEORGIA_WERROR=$(WERROR) \
		> $(VENV)/build.log 2>&1 || { tail -n 60 $(VENV)/build.log; exit 1; }
	@grep -h "georgia: .*not found" $(VENV)/build.log || true
	@touch $@

# The loop of a working day: nearly three minutes when built; one is the aim.
quick: setup
	ctest --test-dir build/editable --output-on-failure -R plain
	$(BIN)/pytest -q -m "not slow" --doctest-modules tests python/georgia -x

check: setup
	$(BIN)/clang-format --dry-run -Werror $$(find cpp -name '*.cpp' -o -name '*.h')
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/layering_test.py
	scripts/stub --check

cpp-test: setup
	ctest --test-dir build/editable --output-on-failure

python-test: setup
	$(BIN)/pytest --durations=15 --doctest-modules tests python/georgia

# Warnings are errors; then the examples in pages and docstrings are run.
docs: setup
	$(BIN)/sphinx-build -q -a -W --keep-going -b html docs build/docs
	$(BIN)/sphinx-build -q -W --keep-going -b doctest docs build/docs-doctest

asan: setup
	cmake --preset asan -DPython_EXECUTABLE=$(BIN)/python > /dev/null
	cmake --build --preset asan
	ASAN_OPTIONS=detect_leaks=1 ctest --preset asan

tsan: setup
	cmake --preset tsan -DPython_EXECUTABLE=$(BIN)/python > /dev/null
	cmake --build --preset tsan
	ctest --preset tsan

# Needs clang; inputs that were found are kept in build/fuzz.
FUZZ_SECONDS ?= 60
fuzz: setup
	@command -v clang++ > /dev/null || { echo "make fuzz needs clang++ (apt-get install clang)"; exit 1; }
	mkdir -p build/fuzz/found
	clang++ -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -Icpp/include -Icpp/src \
		-isystem $$($(BIN)/python -c "import nlohmann_json as n, pathlib; print(pathlib.Path(n.__file__).parent / 'include')") \
		cpp/fuzz/safetensors_header_fuzz.cpp cpp/src/nn/safetensors_header.cpp cpp/src/base/error.cpp \
		-o build/fuzz/safetensors_header
	build/fuzz/safetensors_header -dict=cpp/fuzz/safetensors_header.dict -max_len=4096 \
		-max_total_time=$(FUZZ_SECONDS) build/fuzz/found cpp/fuzz/corpus/safetensors_header

# What takes too long for every day: training to an accuracy, memory over 100 epochs, every page of
# docs/ copied into a terminal.
proof: setup
	$(BIN)/python -m benchmarks.proof
	GEORGIA_PROOF=1 $(BIN)/pytest -q -s tests/test_proofs.py tests/test_docs.py

# Lets pip's isolated build prove itself, then tries the wheel in an empty environment.
wheel: setup
	scripts/try-wheel

stub: setup
	scripts/stub

format: setup
	$(BIN)/clang-format -i $$(find cpp -name '*.cpp' -o -name '*.h')
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

clean:
	rm -rf build dist $(VENV)
