# shellcheck shell=bash
# A folder for things that are slow to make and never change: programs built from source, virtual environments.
# Needs log.sh.

MARTLET_CACHE=${MARTLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet}

# cache_make NAME COMMAND... : print the folder NAME of the cache; make it first if it is not there.
#
# COMMAND is called with one more argument, an empty folder to fill. That folder keeps its path for ever (virtual
# environments contain their own path); what makes it valid is a symbolic link NAME that is put in place last. So an
# interrupted build leaves no half result, and whoever holds the lock next removes what it left.
# Several invocations may run at once: one builds, the others wait for it.
cache_make() {
    local name=$1 place=$MARTLET_CACHE/$1
    shift
    if [ ! -e "$place/" ]; then
        mkdir -p "$MARTLET_CACHE/locks"
        # In a subshell: the lock ends with it, whatever happens.
        (
            flock --nonblock 9 || { say "waiting: somebody else is making $name"; flock 9; }
            [ -e "$place/" ] || cache_fill "$name" "$@"
        ) 9>"$MARTLET_CACHE/locks/$name"
    fi
    readlink -f "$place"
}

# The part of cache_make that runs under the lock.
cache_fill() {
    local name=$1 fresh
    shift
    rm -rf "${MARTLET_CACHE:?}/$name" "$MARTLET_CACHE/$name".made-*
    fresh=$(mktemp -d "$MARTLET_CACHE/$name.made-XXXXXX")
    chmod 755 "$fresh"
    # shellcheck disable=SC2064 # the value of today is meant
    trap "rm -rf '$fresh'" EXIT
    "$@" "$fresh" >&2
    ln -s "${fresh##*/}" "$MARTLET_CACHE/$name"
    trap - EXIT
}
