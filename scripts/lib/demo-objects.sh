# shellcheck shell=bash
# Fill a cluster with the objects of demo.d, a small RADAR-base. Needs log.sh, packages.sh.

# demo_objects_apply KUBECTL... : the words are the kubectl to use, with its --kubeconfig. May be repeated.
demo_objects_apply() {
    local folder file
    folder=$(dirname "${BASH_SOURCE[0]}")/../demo.d
    packages_need python3
    for file in "$folder"/*.yaml; do
        demo_objects_quietly "$@" apply -f "$file"
        case $file in
            *-definitions.yaml) demo_objects_quietly "$@" wait --for=condition=Established --timeout=30s -f "$file" ;;
        esac
    done
    for file in "$folder"/status/*.json; do
        demo_objects_status "$file" "$@"
    done
}

# demo_objects_delete KUBECTL... : the disaster: deletes what demo_objects_apply made, and waits until it is gone.
demo_objects_delete() {
    local folder file
    folder=$(dirname "${BASH_SOURCE[0]}")/../demo.d
    # Nobody runs the controllers that would take their finalizers off.
    demo_objects_quietly "$@" patch -f "$folder/80-custom-resources.yaml" --type=merge -p '{"metadata":{"finalizers":null}}'
    for file in $(printf '%s\n' "$folder"/*.yaml | sort --reverse); do
        demo_objects_quietly "$@" delete -f "$file" --ignore-not-found --wait --timeout=120s
    done
    # What controllers made of it goes a little later.
    for _ in $(seq 60); do
        [ -n "$("$@" get pods,replicasets --all-namespaces --output name --field-selector metadata.namespace!=kube-system)" ] ||
            return 0
        sleep 1
    done
    die "pods or replica sets are still there a minute after their deletion"
}

# kubectl says a line for every object; only a failure is worth them.
demo_objects_quietly() {
    local output
    output=$("$@" 2>&1) || { printf '%s\n' "$output" >&2; die "failed: $*"; }
}

# The status of an object, as its controller would write it: through the status subresource, which apply leaves alone.
# (By Python, since jq would change whole numbers above 2^53.)
demo_objects_status() {
    local file=$1 path object
    shift
    path=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["path"])' "$file")
    object=$("$@" get --raw "$path")
    python3 -c 'import json, sys
object = json.load(sys.stdin)
object["status"] = json.load(open(sys.argv[1]))["status"]
json.dump(object, sys.stdout)' "$file" <<<"$object" |
        demo_objects_quietly "$@" replace --raw "$path/status" -f -
}
