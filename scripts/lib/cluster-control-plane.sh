# shellcheck shell=bash
# A Kubernetes control plane of plain processes: etcd, API server, controller manager, scheduler.
# Needs log.sh, keys.sh, processes.sh and the variables of scripts/cluster: CLUSTER (state folder), PROGRAMS, ETCD (folders of
# programs) and the ports PORT_*.

CLUSTER_SERVICE_ADDRESSES=10.96.0.0/16
CLUSTER_KUBERNETES_SERVICE=10.96.0.1

# --- keys and credentials -------------------------------------------------------------------------------------------

control_plane_keys() {
    local keys=$CLUSTER/keys
    keys_authority "$keys" "martlet test cluster"
    keys_certificate "$keys" apiserver "/CN=kube-apiserver" \
        "IP:127.0.0.1,IP:$CLUSTER_KUBERNETES_SERVICE,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
    keys_certificate "$keys" apiserver-to-kubelet "/O=system:masters/CN=kube-apiserver-kubelet-client"
    keys_certificate "$keys" controller-manager "/CN=system:kube-controller-manager"
    keys_certificate "$keys" scheduler "/CN=system:kube-scheduler"
    keys_certificate "$keys" certificate-user "/O=system:masters/CN=certificate-user"
    keys_pair "$keys/service-accounts"
    [ -e "$keys/admin.token" ] || keys_secret >"$keys/admin.token"
    [ -e "$keys/reader.token" ] || keys_secret >"$keys/reader.token"
    printf '%s,admin,admin,system:masters\n%s,reader,reader,martlet:readers\n' \
        "$(cat "$keys/admin.token")" "$(cat "$keys/reader.token")" >"$keys/tokens.csv"
}

control_plane_kubeconfigs() {
    kubeconfig_write "$CLUSTER/kubeconfig" admin "$(kubeconfig_token admin)"
    kubeconfig_write "$CLUSTER/reader.kubeconfig" reader "$(kubeconfig_token reader)"
    kubeconfig_write "$CLUSTER/certificate-user.kubeconfig" certificate-user "$(kubeconfig_certificate certificate-user)"
    kubeconfig_write "$CLUSTER/keys/controller-manager.kubeconfig" controller-manager \
        "$(kubeconfig_certificate controller-manager)"
    kubeconfig_write "$CLUSTER/keys/scheduler.kubeconfig" scheduler "$(kubeconfig_certificate scheduler)"
}

kubeconfig_token() { printf 'token: %s\n' "$(cat "$CLUSTER/keys/$1.token")"; }

kubeconfig_certificate() {
    printf 'client-certificate-data: %s\n    client-key-data: %s\n' \
        "$(base64 -w0 "$CLUSTER/keys/$1.crt")" "$(base64 -w0 "$CLUSTER/keys/$1.key")"
}

# kubeconfig_write FILE USER CREDENTIAL-LINES
kubeconfig_write() {
    cat >"$1" <<END
apiVersion: v1
kind: Config
current-context: martlet-test
contexts:
- name: martlet-test
  context: {cluster: martlet-test, user: $2}
clusters:
- name: martlet-test
  cluster:
    server: https://127.0.0.1:$PORT_API
    certificate-authority-data: $(base64 -w0 "$CLUSTER/keys/ca.crt")
users:
- name: $2
  user:
    $3
END
}

# --- the programs ---------------------------------------------------------------------------------------------------

control_plane_up() {
    control_plane_keys
    control_plane_kubeconfigs
    etcd_start
    apiserver_start
    if [ -x "$PROGRAMS/kube-scheduler" ]; then scheduler_start; fi
    if [ -x "$PROGRAMS/kube-controller-manager" ]; then controller_manager_start; fi
    control_plane_reader_rules
    if [ -x "$PROGRAMS/kube-scheduler" ]; then scheduler_await; fi
    if [ -x "$PROGRAMS/kube-controller-manager" ]; then controller_manager_await; fi
}

# Tests may lose the last second of a crash, so etcd need not wait for the disk. The quota has room for several hundred
# thousand objects and their history.
etcd_start() {
    local url=http://127.0.0.1:$PORT_ETCD peers=http://127.0.0.1:$PORT_ETCD_PEERS
    process_start "$CLUSTER" etcd "$ETCD/etcd" --name=martlet --data-dir="$CLUSTER/etcd" --unsafe-no-fsync \
        --quota-backend-bytes=8589934592 --listen-client-urls="$url" --advertise-client-urls="$url" \
        --listen-peer-urls="$peers" --initial-advertise-peer-urls="$peers" --initial-cluster="martlet=$peers" \
        --log-level=warn
    process_await "$CLUSTER" etcd 30 curl --silent --fail --noproxy '*' "$url/health" || die "etcd did not start"
}

# Bound to 127.0.0.1. It advertises the address of the service "kubernetes", since Kubernetes accepts no loopback address
# in Endpoints. Without a controller manager nobody would make the service accounts that admission asks for.
apiserver_start() {
    local keys=$CLUSTER/keys flags
    flags=(
        --bind-address=127.0.0.1 --secure-port="$PORT_API" --advertise-address="$CLUSTER_KUBERNETES_SERVICE"
        --etcd-servers="http://127.0.0.1:$PORT_ETCD"
        --service-cluster-ip-range="$CLUSTER_SERVICE_ADDRESSES"
        --authorization-mode=Node,RBAC --allow-privileged=true --token-auth-file="$keys/tokens.csv"
        --client-ca-file="$keys/ca.crt" --tls-cert-file="$keys/apiserver.crt" --tls-private-key-file="$keys/apiserver.key"
        --service-account-issuer=https://kubernetes.default.svc
        --service-account-key-file="$keys/service-accounts.pub"
        --service-account-signing-key-file="$keys/service-accounts.key"
        --kubelet-client-certificate="$keys/apiserver-to-kubelet.crt"
        --kubelet-client-key="$keys/apiserver-to-kubelet.key" --kubelet-preferred-address-types=Hostname
        --max-requests-inflight="$MAX_INFLIGHT" --max-mutating-requests-inflight="$((MAX_INFLIGHT / 2))"
    )
    [ -x "$PROGRAMS/kube-controller-manager" ] || flags+=(--disable-admission-plugins=ServiceAccount)
    process_start "$CLUSTER" apiserver "$PROGRAMS/kube-apiserver" "${flags[@]}"
    process_await "$CLUSTER" apiserver 60 admin_kubectl get --raw /readyz || die "the API server did not start"
}

# Nodes are given no address ranges: there is one node at most, with a range of its own, and allocating would delay every
# start by ten seconds.
controller_manager_start() {
    local keys=$CLUSTER/keys flags
    flags=(
        --kubeconfig="$keys/controller-manager.kubeconfig" --use-service-account-credentials --leader-elect=false
        --service-account-private-key-file="$keys/service-accounts.key" --root-ca-file="$keys/ca.crt"
        --cluster-signing-cert-file="$keys/ca.crt" --cluster-signing-key-file="$keys/ca.key"
        --allocate-node-cidrs=false
        --bind-address=127.0.0.1 --secure-port="$PORT_CONTROLLER_MANAGER" --cert-dir="$keys/controller-manager"
    )
    flags+=("$(no_insecure_port kube-controller-manager)")
    process_start "$CLUSTER" controller-manager "$PROGRAMS/kube-controller-manager" "${flags[@]}"
}

# Ready means that it works: a new namespace gets its service account.
controller_manager_await() {
    process_await "$CLUSTER" controller-manager 60 \
        admin_kubectl get serviceaccount default --namespace default || die "the controller manager did not start"
}

scheduler_start() {
    local keys=$CLUSTER/keys flags
    flags=(--kubeconfig="$keys/scheduler.kubeconfig" --leader-elect=false
        --bind-address=127.0.0.1 --secure-port="$PORT_SCHEDULER" --cert-dir="$keys/scheduler")
    flags+=("$(no_insecure_port kube-scheduler)")
    process_start "$CLUSTER" scheduler "$PROGRAMS/kube-scheduler" "${flags[@]}"
}

scheduler_await() {
    process_await "$CLUSTER" scheduler 60 \
        curl --silent --fail --insecure --noproxy '*' "https://127.0.0.1:$PORT_SCHEDULER/healthz" ||
        die "the scheduler did not start"
}

# Kubernetes up to 1.22 also listens on a fixed port without TLS unless told not to; later ones do not know the flag.
# Those get a harmless one in its place.
no_insecure_port() {
    case $("$PROGRAMS/$1" --help 2>&1) in
        *"--port int"*) printf -- '--port=0\n' ;;
        *) printf -- '--v=0\n' ;;
    esac
}

admin_kubectl() { "$PROGRAMS/kubectl" --kubeconfig="$CLUSTER/kubeconfig" "$@"; }

# What the user "reader" may do: read some kinds, and be forbidden the rest.
control_plane_reader_rules() {
    admin_kubectl apply -f - >"$CLUSTER/log/reader-rules.log" 2>&1 <<'END' || { show_log "$CLUSTER/log/reader-rules.log"; die "could not set up the user reader"; }
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: martlet-test-reader}
rules:
- apiGroups: [""]
  resources: [namespaces, configmaps, services, pods]
  verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: martlet-test-reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: martlet-test-reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: martlet:readers}
END
}

# In the order of their dependence: nobody is left talking to a server that is gone.
control_plane_down() {
    local part
    for part in scheduler controller-manager apiserver etcd; do
        process_stop "$CLUSTER" "$part"
    done
}
