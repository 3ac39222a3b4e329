# shellcheck shell=bash
# Kubernetes' programs, built once from Debian's source package, kept in the cache.
# Debian ships only kubectl as a binary, but its source package holds everything, dependencies vendored.
# Needs log.sh, cache.sh, packages.sh.

KUBERNETES_VERSION=1.20.2
KUBERNETES_PROGRAMS=(kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl)

# kubernetes_build : print the folder that holds the programs; build them first if they are not there.
kubernetes_build() { cache_make "kubernetes-$KUBERNETES_VERSION" kubernetes_build_into; }

kubernetes_build_into() {
    local target=$1 work=$1/build
    say "building Kubernetes $KUBERNETES_VERSION from Debian's source package: once, about 7 minutes on 2 cores"
    packages_need "${PACKAGES_KUBERNETES_BUILD[@]}"
    mkdir "$work"
    kubernetes_fetch_source "$work"
    kubernetes_mend_source "$work/source"
    kubernetes_compile "$work" || { show_log "$work/make.log"; die "Kubernetes did not build"; }
    (cd "$work/source/_output/local/go/bin" && install -m 755 "${KUBERNETES_PROGRAMS[@]}" "$target")
    chmod -R u+w "$work"
    rm -rf "$work"
}

# Source packages need deb-src lines. They are written into a list of our own, with the mirrors that this machine
# already uses for binary packages, so that the system's own configuration stays as it is.
kubernetes_fetch_source() {
    local work=$1 apt
    kubernetes_source_lists >"$work/sources.list"
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache"
    apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=)
    say "fetching the source package"
    "${apt[@]}" update
    (cd "$work" && "${apt[@]}" --download-only source kubernetes)
    dpkg-source --no-check -x "$work"/kubernetes_*.dsc "$work/source" >"$work/unpack.log" 2>&1
}

# One deb-src line for each of Debian's own suites that this machine is configured with. (Who publishes a suite is known
# only once its lists were fetched.)
kubernetes_source_lists() {
    local lists
    lists=$(debian_suites)
    if [ -z "$lists" ]; then
        apt-get -qq update >&2 || say "some package lists could not be fetched; going on with the others"
        lists=$(debian_suites)
    fi
    [ -n "$lists" ] || die "found no Debian mirror among the package sources of this machine"
    printf '%s\n' "$lists"
}

debian_suites() {
    # shellcheck disable=SC2016 # apt-get's variables, not the shell's
    apt-get indextargets --format '$(ORIGIN)|deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        sed -n 's/^Debian|//p' | sort -u
}

# The vendored reflect2 1.0.1 crashes in any program built by Go 1.18 or later once it decodes JSON under load;
# Debian's package holds a later one.
kubernetes_mend_source() {
    local vendored=vendor/github.com/modern-go/reflect2
    rm -rf "${1:?}/$vendored"
    cp -rL "/usr/share/gocode/src/${vendored#vendor/}" "$1/$vendored"
}

# make, not go build: it generates the OpenAPI package first. The cache of Go stays in the work folder, to vanish with it.
kubernetes_compile() {
    local work=$1
    say "compiling; the compiler's output goes to $work/make.log"
    (
        cd "$work/source" || exit
        export GO111MODULE=off CGO_ENABLED=0 GOCACHE=$work/gocache GOPATH=$work/gopath
        export KUBE_GIT_VERSION=v$KUBERNETES_VERSION KUBE_GIT_COMMIT=x KUBE_GIT_TREE_STATE=clean
        export KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20
        nice -n 10 make WHAT="${KUBERNETES_PROGRAMS[*]/#/cmd/}"
    ) >"$work/make.log" 2>&1
}
