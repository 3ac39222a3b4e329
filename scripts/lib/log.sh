# shellcheck shell=bash
# Words for the person who waits: everything goes to stderr, so that stdout stays free for results.

shopt -s inherit_errexit   # a failure inside $(...) stops the script too

LOG_PROGRAM=${0##*/}

# say WORDS... : what is being done, and why it takes long when it does.
say() { printf '%s: %s\n' "$LOG_PROGRAM" "$*" >&2; }

# die WORDS... : say it and stop with exit code 1.
die() { say "$*"; exit 1; }

# usage_error WORDS... : the command line was wrong; exit code 2.
usage_error() { say "$* (see --help)"; exit 2; }

# show_log FILE [LINES] : the end of a log, indented, for the message about what failed.
show_log() {
    local file=$1 lines=${2:-25}
    if [ -s "$file" ]; then
        say "the last lines of $file:"
        tail -n "$lines" -- "$file" | sed 's/^/    /' >&2
    else
        say "$file is empty or was never written"
    fi
}

# phase NAME COMMAND... : run the command and say how long it took; its exit code is passed on.
# The command runs as a condition, so errexit is off inside it: give it a program, not a function with steps.
phase() {
    local name=$1 begun=$SECONDS code=0
    shift
    say "$name ..."
    "$@" || code=$?
    if [ "$code" = 0 ]; then
        say "$name: done in $((SECONDS - begun)) s"
    else
        say "$name: failed with exit code $code after $((SECONDS - begun)) s"
    fi
    return "$code"
}
