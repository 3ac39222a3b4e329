# shellcheck shell=bash
# A node that runs pods: containerd and kubelet on this machine, and what they need of it. As root.
# Needs log.sh, cache.sh, packages.sh, keys.sh, processes.sh, images.sh, node-volumes.sh, cluster-control-plane.sh, and the variables of
# scripts/cluster: CLUSTER, NAME, PROGRAMS, PORT_*.
#
# What it changes on the machine, and takes back on the way down: a line in /etc/hosts, the bridge martlet0 with a route,
# three rules of iptables, network namespaces and mounts of pods, and the folder of the kubelet.

NODE_NAME=node1
NODE_BRIDGE=martlet0
NODE_ADDRESSES=10.244.0.0/24
NODE_GATEWAY=10.244.0.1
NODE_KUBELET_ROOT=${MARTLET_KUBELET_ROOT:-/var/lib/kubelet}
NODE_KUBELET_MARK=$NODE_KUBELET_ROOT/.made-by-martlet   # the folder is ours to remove

node_up() {
    [ "$(id -u)" = 0 ] || die "--node needs root: it starts containers, mounts volumes and sets up a network bridge"
    [ -x "$PROGRAMS/kubelet" ] || die "--node needs a kubelet, and $PROGRAMS holds none"
    packages_need "${PACKAGES_NODE[@]}"
    node_claim
    node_name_add
    node_network_up
    containerd_start
    containerd_import "$(cache_make pause-image-2 image_pause)/pause.tar"
    kubelet_start
}

# There is one node per machine: name, bridge and folder of the kubelet are fixed. The claim names the cluster that has it.
node_claim() {
    local owner=''
    { read -r owner <"$MARTLET_STATE/node"; } 2>/dev/null || true
    if [ -n "$owner" ] && [ "$owner" != "$NAME" ] && [ -d "$MARTLET_STATE/clusters/$owner" ]; then
        die "the cluster $owner has this machine's node; stop it first: scripts/cluster down --name $owner"
    fi
    if [ -d "$NODE_KUBELET_ROOT" ] && [ ! -e "$NODE_KUBELET_MARK" ]; then
        die "$NODE_KUBELET_ROOT exists already and is not ours; name another folder in MARTLET_KUBELET_ROOT"
    fi
    mkdir -p "$NODE_KUBELET_ROOT"
    touch "$NODE_KUBELET_MARK"
    printf '%s\n' "$NAME" >"$MARTLET_STATE/node"
}

node_is_ours() {
    local owner
    { read -r owner <"$MARTLET_STATE/node"; } 2>/dev/null && [ "$owner" = "$NAME" ]
}

# --- name and network -----------------------------------------------------------------------------------------------

NODE_HOSTS_LINE="127.0.0.1 $NODE_NAME # martlet test cluster"

# The API server finds the kubelet by this name. (The file is written in place: in a container it may be a mount.)
node_name_add() { grep -qxF "$NODE_HOSTS_LINE" /etc/hosts || printf '%s\n' "$NODE_HOSTS_LINE" >>/etc/hosts; }

node_name_remove() {
    local lines
    grep -qxF "$NODE_HOSTS_LINE" /etc/hosts || return 0
    lines=$(grep -vxF "$NODE_HOSTS_LINE" /etc/hosts)
    printf '%s\n' "$lines" >/etc/hosts
}

# Pods hang on a bridge. The address of the service "kubernetes" leads to the API server, from pods and from the machine
# itself; there is no kube-proxy, so no other service address leads anywhere.
node_network_up() {
    local to_api=(-d "$CLUSTER_KUBERNETES_SERVICE" -p tcp --dport 443 -j DNAT --to-destination "127.0.0.1:$PORT_API")
    ip link show "$NODE_BRIDGE" >/dev/null 2>&1 || ip link add "$NODE_BRIDGE" type bridge
    ip address replace "$NODE_GATEWAY/${NODE_ADDRESSES#*/}" dev "$NODE_BRIDGE"
    ip link set "$NODE_BRIDGE" up
    ip route replace "$CLUSTER_SERVICE_ADDRESSES" dev "$NODE_BRIDGE"
    printf 1 >"/proc/sys/net/ipv4/conf/$NODE_BRIDGE/route_localnet"   # else packets from pods to 127.0.0.1 are dropped
    [ -e "$CLUSTER/ip_forward" ] || cat /proc/sys/net/ipv4/ip_forward >"$CLUSTER/ip_forward"   # what it was before us
    printf 1 >/proc/sys/net/ipv4/ip_forward
    node_rule PREROUTING -i "$NODE_BRIDGE" "${to_api[@]}"
    node_rule OUTPUT "${to_api[@]}"
    node_rule POSTROUTING -s "$NODE_ADDRESSES" ! -o "$NODE_BRIDGE" -j MASQUERADE
    mkdir -p "$CLUSTER/cni"
    cat >"$CLUSTER/cni/10-martlet.conflist" <<END
{"cniVersion": "0.4.0", "name": "martlet", "plugins": [
  {"type": "bridge", "bridge": "$NODE_BRIDGE", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$CLUSTER/cni/addresses", "routes": [{"dst": "0.0.0.0/0"}],
            "ranges": [[{"subnet": "$NODE_ADDRESSES", "gateway": "$NODE_GATEWAY"}]]}}]}
END
}

# node_rule CHAIN RULE... : add it unless it is there. The comment marks it as ours, for the way down.
node_rule() {
    local rule=("$@" -m comment --comment martlet-test-cluster)
    iptables -w -t nat -C "${rule[@]}" 2>/dev/null || iptables -w -t nat -A "${rule[@]}"
}

node_network_down() {
    local rule
    iptables-save -t nat 2>/dev/null | sed -n '/martlet-test-cluster/s/^-A /-D /p' | while read -r rule; do
        # shellcheck disable=SC2086 # a rule as iptables-save prints it: words without spaces
        iptables -w -t nat $rule
    done
    ip link delete "$NODE_BRIDGE" 2>/dev/null || true
    [ ! -e "$CLUSTER/ip_forward" ] || cat "$CLUSTER/ip_forward" >/proc/sys/net/ipv4/ip_forward
}

# --- containerd -----------------------------------------------------------------------------------------------------

# restrict_oom_score_adj: where root may not lower it (no CAP_SYS_RESOURCE), no pod would start.
containerd_start() {
    local folder=$CLUSTER/containerd
    mkdir -p "$folder"
    cat >"$folder/config.toml" <<END
version = 2
root = "$folder/root"
state = "$folder/state"
[grpc]
  address = "$folder/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$IMAGE_PAUSE"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$CLUSTER/cni"
END
    # With the usual umask, not ours: the root folders of containers must be open to programs that are not root.
    (umask 022 && process_start "$CLUSTER" containerd containerd --config "$folder/config.toml" --log-level warn)
    process_await "$CLUSTER" containerd 30 containerd_ctr version || die "containerd did not start"
}

# End all containers with their networks, also those of a containerd that died before.
containerd_down() {
    local container networks
    [ -d "$CLUSTER/containerd/root" ] || return 0
    containerd_start
    networks=$(containerd_networks)
    for container in $(containerd_ctr tasks list --quiet); do
        containerd_ctr tasks kill --signal KILL --all "$container" 2>/dev/null || true
    done
    for container in $(containerd_ctr containers list --quiet); do
        await 20 containerd_remove "$container" || say "could not remove the container $container"
    done
    process_stop "$CLUSTER" containerd
    containerd_networks_remove "$networks"
}

# With what the network plug-ins remember of it.
containerd_remove() {
    containerd_ctr tasks delete --force "$1" || true
    containerd_ctr containers delete "$1"
    rm -f /var/lib/cni/results/*-"$1"-*
}

# The network namespace of each pod, one path a line.
containerd_networks() {
    local container
    for container in $(containerd_ctr containers list --quiet); do
        containerd_ctr containers info "$container" |
            jq -r '.Spec.linux.namespaces[]? | select(.type == "network") | .path // empty'
    done | sort -u
}

containerd_networks_remove() {
    local path
    for path in $1; do
        case $path in
            */netns/cni-*) umount -l "$path" 2>/dev/null || true; rm -f "$path" ;;
        esac
    done
}

# --- kubelet --------------------------------------------------------------------------------------------------------

kubelet_start() {
    local keys=$CLUSTER/keys
    keys_certificate "$keys" kubelet "/O=system:nodes/CN=system:node:$NODE_NAME"
    kubeconfig_write "$keys/kubelet.kubeconfig" "system:node:$NODE_NAME" "$(kubeconfig_certificate kubelet)"
    mkdir -p "$CLUSTER/kubelet"
    cat >"$CLUSTER/kubelet/config.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 127.0.0.1
port: $PORT_KUBELET
healthzPort: $PORT_KUBELET_HEALTH
readOnlyPort: 0
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: false}
  x509: {clientCAFile: $keys/ca.crt}
authorization: {mode: AlwaysAllow}
nodeStatusUpdateFrequency: 1s
cgroupDriver: cgroupfs
failSwapOn: false
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100
makeIPTablesUtilChains: false
END
    (umask 022 && process_start "$CLUSTER" kubelet "$PROGRAMS/kubelet" --config="$CLUSTER/kubelet/config.yaml" \
        --kubeconfig="$keys/kubelet.kubeconfig" --cert-dir="$CLUSTER/kubelet" --root-dir="$NODE_KUBELET_ROOT" \
        --hostname-override="$NODE_NAME" --container-runtime=remote \
        --container-runtime-endpoint="unix://$CLUSTER/containerd/containerd.sock")
    process_await "$CLUSTER" kubelet 60 node_is_ready || die "the node did not become ready"
}

node_is_ready() {
    admin_kubectl get node "$NODE_NAME" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' | grep -qx True
}

# --- the way down ---------------------------------------------------------------------------------------------------

# Every step is tried, whatever became of the one before: this is also the way out of a half started node.
node_down() {
    node_is_ours || return 0
    process_stop "$CLUSTER" kubelet
    node_volumes_thaw   # who waits for a frozen file system cannot be killed
    (containerd_down) || say "the containers could not all be ended; see $CLUSTER/log/containerd.log"
    unmount_all "$NODE_KUBELET_ROOT"
    node_volumes_down
    unmount_all "$CLUSTER"
    find /sys/fs/cgroup -depth -type d -path '*/kubepods*' -exec rmdir {} + 2>/dev/null || true
    node_network_down || say "some rules of iptables for the cluster could not be removed"
    node_name_remove || say "could not remove the line of $NODE_NAME from /etc/hosts"
    if [ -e "$NODE_KUBELET_MARK" ]; then rm -rf --one-file-system "$NODE_KUBELET_ROOT"; fi
    rm -f "$MARTLET_STATE/node"
}

# unmount_all FOLDER : what is mounted in it and on it, innermost first; what is busy goes as soon as it no longer is.
unmount_all() {
    local places place
    mapfile -t places < <(findmnt --raw --noheadings --output TARGET | { grep -F "$1" || true; } | tac)
    for place in "${places[@]}"; do
        printf -v place '%b' "$place"   # findmnt writes spaces as \x20
        case $place in
            "$1" | "$1"/*) umount "$place" 2>/dev/null || umount -l "$place" || say "could not unmount $place" ;;
        esac
    done
}
