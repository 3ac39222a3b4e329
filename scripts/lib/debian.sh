# shellcheck shell=bash
# Programs of newer Debian suites, each in a folder of its own in the cache: nothing of the system is upgraded or changed.
# Needs log.sh, cache.sh.

# debian_program SUITE PACKAGE PROGRAM : print the path of PROGRAM (a path inside the package) of that suite's package.
debian_program() {
    local suite=$1 package=$2 program=$3
    printf '%s/%s\n' "$(cache_make "debian-$suite-$package" debian_unpack "$suite" "$package" "$program")" "$program"
}

# Arguments: suite, package, a program that it must hold, then the folder to fill. The package alone is unpacked, without
# what it depends on: for programs that are one static file.
debian_unpack() {
    local suite=$1 package=$2 program=$3 folder=$4
    say "unpacking $package of Debian $suite"
    mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/apt/empty"
    debian_source "$suite" >"$folder/apt/sources.list"
    debian_apt "$folder" -qq update
    (cd "$folder/apt" && debian_apt "$folder" -qq download "$package")
    dpkg-deb --extract "$folder/apt/$package"_*.deb "$folder"
    [ -x "$folder/$program" ] || die "the package $package of Debian $suite does not hold $program"
    rm -rf "$folder/apt"
}

# A line of sources.list for SUITE, from the place that the system's own packages come from, checked with Debian's keys.
debian_source() {
    local release place
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # shellcheck disable=SC2016 # apt replaces these, not the shell
    place=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v release="$release" '$1 == release && $2 == "main" { print $3; exit }')
    [ -n "$place" ] || die "the system's own package sources name no Debian '$release main'"
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$place" "$1"
}

# apt-get with lists, state and sources of FOLDER alone. It knows of no installed package, and needs no root.
debian_apt() {
    local folder=$1/apt
    shift
    apt-get -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts="$folder/empty" \
        -o Dir::Etc::preferencesparts="$folder/empty" -o Dir::State::lists="$folder/lists" \
        -o Dir::State::status=/dev/null -o Dir::Cache="$folder" -o Acquire::Languages=none -o APT::Sandbox::User=root \
        -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false "$@"
}
