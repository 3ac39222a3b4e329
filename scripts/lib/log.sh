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

# phase NAME COMMAND... : say what is done and how long it took. A failure ends the script, as everywhere; PHASE then
# still tells where.
phase() {
    local begun=$SECONDS
    PHASE=$1
    shift
    say "$PHASE ..."
    "$@"
    say "$PHASE: $((SECONDS - begun)) s"
    PHASE=
}
