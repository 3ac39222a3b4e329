# shellcheck shell=bash
# Debian packages by name, installed only when missing. Needs log.sh.

# What each part of the project needs, in one place.
PACKAGES_SWIFT=(libisal-dev libsqlite3-dev libzstd-dev zlib1g-dev)
PACKAGES_LINT=(shellcheck)
PACKAGES_REFEREES=(restic)
PACKAGES_SERVERS=(curl openssl procps)
PACKAGES_CLUSTER=(curl openssl procps)
PACKAGES_BENCHMARK=(time python3)
PACKAGES_NODE=(containerd runc containernetworking-plugins iptables iproute2 util-linux conntrack socat jq)
PACKAGES_STAGE=(binutils ca-certificates e2fsprogs)
PACKAGES_KUBERNETES_BUILD=(golang-go golang-github-modern-go-reflect2-dev dpkg-dev make rsync jq)

# packages_need NAME... : install those Debian packages that are missing. Takes no time if none is.
packages_need() {
    local missing=()
    mapfile -t missing < <(packages_missing "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || die "these Debian packages are missing, and only root can install them: ${missing[*]}"
    say "installing Debian packages: ${missing[*]}"
    packages_install "${missing[@]}"
}

packages_missing() {
    local name
    for name in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s\n' "$name"
    done
}

# The package lists are fetched only when they do not know a wanted package, or know it in a version that is gone.
packages_install() {
    local output
    packages_apt_install "$@" >/dev/null 2>&1 && return 0
    say "fetching Debian's package lists first"
    apt-get -qq update >&2 || say "some package lists could not be fetched; going on with the others"
    output=$(packages_apt_install "$@" 2>&1) || { printf '%s\n' "$output" >&2; die "could not install: $*"; }
}

# Waits for another apt instead of failing. RUNLEVEL=1: services of new packages are not started, nobody asked for them.
packages_apt_install() {
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -o DPkg::Lock::Timeout=600 -qq -y --no-install-recommends \
        install "$@" </dev/null
}
