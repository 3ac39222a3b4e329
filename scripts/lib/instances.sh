# shellcheck shell=bash
# What "up" and "down" of a named instance have in common: its folder, its lock, what it remembers. Needs log.sh.

# instance_name_check NAME : names become folder names and command-line words.
instance_name_check() {
    [[ $1 =~ ^[a-z0-9][a-z0-9-]*$ ]] || usage_error "a name has lower-case letters, digits and hyphens, not '$1'"
}

# instance_locked FOLDER COMMAND... : one up or down of an instance at a time. Daemons do not inherit the lock, which is
# descriptor 9 (see process_start). A command that removes the instance removes FOLDER.lock too; whoever waited for that
# file notices and takes the new one.
instance_locked() {
    local folder=$1
    shift
    mkdir -p "${folder%/*}"
    until [ "$folder.lock" -ef /dev/fd/9 ]; do
        exec 9>"$folder.lock"
        flock --nonblock 9 || { say "waiting for another invocation that works on $folder"; flock 9; }
    done
    "$@"
}

# settings_save FOLDER : remember the lines NAME=VALUE of standard input (values quoted for the shell).
settings_save() {
    cat >"$1/settings.new"
    mv "$1/settings.new" "$1/settings"
}

# settings_read FOLDER : have them as variables again.
settings_read() {
    # shellcheck source=/dev/null
    . "$1/settings"
}

# process_report STATE NAME : one line about a daemon; fails if it was started and has ended.
process_report() {
    if process_runs "$1" "$2"; then
        printf '%-20s runs\n' "$2"
    elif [ -e "$1/run/$2.pid" ]; then
        printf '%-20s has ended; see %s\n' "$2" "$1/log/$2.log"
        return 1
    else
        printf '%-20s not started\n' "$2"
    fi
}
