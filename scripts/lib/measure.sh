# shellcheck shell=bash
# What benchmarks have in common: measure a program, take medians, print rows. Needs log.sh and WORK, a folder of its own.

# measure FIGURES COMMAND... : run it and append a line "WALL CPU PEAK" (seconds, seconds, KiB) to the file FIGURES.
measure() {
    local figures=$1 wall user system peak
    shift
    command time --quiet --format '%e %U %S %M' --output "$WORK/time" "$@" >"$WORK/output" 2>&1 ||
        { show_log "$WORK/output"; die "failed: $*"; }
    read -r wall user system peak <"$WORK/time"
    awk -v w="$wall" -v u="$user" -v s="$system" -v p="$peak" 'BEGIN { print w, u + s, p }' >>"$figures"
}

# median FIGURES COLUMN : of what measure wrote.
median() {
    awk -v column="$2" '{ print $column }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# maximum FIGURES COLUMN
maximum() { awk -v column="$2" '$column > top { top = $column } END { print top }' "$1"; }

# The processor, for the head of a table.
machine_name() { awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo; }
