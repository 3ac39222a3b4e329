# shellcheck shell=bash
# Daemons: start with a pid file and a log, wait for a condition, stop by what was recorded. Needs log.sh.
#
# A daemon NAME of the state folder STATE has two files: STATE/run/NAME.pid ("PID START-TIME") and STATE/log/NAME.log.
# The start time tells the process from a later one that was given the same number.

# process_start STATE NAME COMMAND... : start it in a session of its own, unless it runs already.
process_start() {
    local state=$1 name=$2
    shift 2
    process_runs "$state" "$name" && return 0
    mkdir -p "$state/run" "$state/log"
    # Descriptor 9 is the lock of whoever starts us; the daemon must not keep it.
    setsid "$@" >>"$state/log/$name.log" 2>&1 </dev/null 9>&- &
    printf '%s %s\n' "$!" "$(process_birth "$!")" >"$state/run/$name.pid"
}

# process_birth PID : when it started, in ticks since boot; empty if it is gone. (The name, in parentheses, may hold spaces.)
process_birth() {
    local line
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
    # shellcheck disable=SC2086 # splitting is the point
    set -- ${line##*) }
    [ "$1" = Z ] || printf '%s\n' "${20}"
}

# process_runs STATE NAME : does the recorded process still live?
process_runs() {
    local pid birth
    { read -r pid birth <"$1/run/$2.pid"; } 2>/dev/null || return 1
    [ -n "$birth" ] && [ "$(process_birth "$pid")" = "$birth" ]
}

# process_await STATE NAME SECONDS CONDITION... : until the condition holds; fails when the daemon dies or time is up.
process_await() {
    local state=$1 name=$2 deadline=$((SECONDS + $3))
    shift 3
    until "$@" >/dev/null 2>&1; do
        if ! process_runs "$state" "$name"; then
            say "$name ended while starting"
        elif [ "$SECONDS" -ge "$deadline" ]; then
            say "$name runs, but is not ready in time (waited for: $*)"
        else
            sleep 0.1
            continue
        fi
        show_log "$state/log/$name.log"
        return 1
    done
}

# await SECONDS CONDITION... : the same for a condition without a daemon of ours.
await() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# process_stop STATE NAME [SECONDS] : ask it and its children to end, insist after the given time (10 s); with 0 kill them
# at once, for those whose data is thrown away. Nothing recorded: nothing done.
process_stop() {
    local state=$1 name=$2 patience=${3:-10} pid
    if process_runs "$state" "$name"; then
        read -r pid _ <"$state/run/$name.pid"
        if [ "$patience" = 0 ] || ! process_ask_to_end "$pid" "$patience"; then
            [ "$patience" = 0 ] || say "$name did not end in $patience s; killing it"
            kill -KILL -- "-$pid" 2>/dev/null || true
            await 10 process_session_gone "$pid" || say "$name (process $pid) cannot be killed"
        fi
    fi
    rm -f "$state/run/$name.pid"
}

process_ask_to_end() {
    kill -TERM -- "-$1" 2>/dev/null || true
    await "$2" process_session_gone "$1"
}

# No live process is left in the session that it began. (Zombies wait for their parent, which is not our business.)
process_session_gone() { [[ ! "$(ps -o stat= -g "$1" 2>/dev/null)" =~ (^|$'\n')[^Z] ]]; }
