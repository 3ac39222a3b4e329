# shellcheck shell=bash
# Free ports of 127.0.0.1, claimed so that two invocations at the same time do not take the same. Needs log.sh.
#
# A claim is a file STATE-ROOT/ports/PORT that names its owner's folder; it ends when that folder is gone.
# Ports come from 12000 to 21999: below those that the kernel gives to outgoing connections, also after the 10,000 that
# SeaweedFS adds for its gRPC ports, and outside Kubernetes' node ports.

MARTLET_STATE=${MARTLET_STATE:-/var/tmp/martlet}

# ports_claim FOLDER NAME... : print one line NAME=PORT for each name. FOLDER must exist already.
ports_claim() {
    local folder=$1 name port
    shift
    mkdir -p "$MARTLET_STATE/ports"
    (
        flock 8
        for name in "$@"; do
            port=$(ports_next_free)
            printf '%s\n' "$folder" >"$MARTLET_STATE/ports/$port"
            printf '%s=%s\n' "$name" "$port"
        done
    ) 8>"$MARTLET_STATE/ports/lock"
}

# ports_release FOLDER : give back what the folder claimed.
ports_release() {
    local claim owner
    for claim in "$MARTLET_STATE"/ports/[0-9]*; do
        [ -e "$claim" ] || continue
        read -r owner <"$claim" || true
        [ "$owner" != "$1" ] || rm -f "$claim"
    done
}

ports_next_free() {
    local port tries
    for ((tries = 0; tries < 2000; tries++)); do
        port=$((12000 + RANDOM % 10000))
        if ports_unclaimed "$port" && ports_silent "$port" && ports_silent $((port + 10000)); then
            printf '%s\n' "$port"
            return
        fi
    done
    die "found no free port between 12000 and 21999"
}

ports_unclaimed() {
    local owner
    { read -r owner <"$MARTLET_STATE/ports/$1"; } 2>/dev/null || return 0
    [ ! -d "$owner" ]
}

# Nobody has the port open, in either family. (Read from the kernel: connecting would disturb whoever listens.)
ports_silent() {
    local hex
    printf -v hex '%04X' "$1"
    ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "^ *[0-9]*: [0-9A-F]*:$hex "
}
