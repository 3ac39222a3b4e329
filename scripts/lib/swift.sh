# shellcheck shell=bash
# How the Swift package is checked, built and tested: the one place for its flags. Needs log.sh; run in the package's folder.

# Tests run on what users get, and everything is compiled once: there is one configuration.
SWIFT_FLAGS=(--configuration release)

# swift_lint : layout and style, by the toolchain's own formatter.
swift_lint() {
    local paths=() path
    for path in Package.swift Sources Tests Benchmarks; do
        [ ! -e "$path" ] || paths+=("$path")
    done
    swift format lint --strict --recursive --parallel "${paths[@]}"
}

# swift_build_all : the program and the tests.
swift_build_all() { swift build "${SWIFT_FLAGS[@]}" --build-tests "$@"; }

# swift_build_program : the program alone.
swift_build_program() { swift build "${SWIFT_FLAGS[@]}" --product martlet "$@" >&2; }

# swift_test ARGUMENT... : in a session of its own, so that its helpers end with it; replaces the shell it is called in.
swift_test() { exec setsid swift test "${SWIFT_FLAGS[@]}" --skip-build "$@"; }
