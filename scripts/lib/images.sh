# shellcheck shell=bash
# Container images without a registry: a root folder is packed as a docker archive, which containerd imports.
# Needs log.sh, and CLUSTER (state folder) for the containerd of the node.

# image_pack ROOT-FOLDER IMAGE FILE PROGRAM [ARGUMENT...] : the archive FILE with the image IMAGE (name:tag), one layer.
image_pack() {
    local root=$1 image=$2 file=$3 work layer command
    shift 3
    command=$(json_list "$@")
    work=$(mktemp -d)
    tar --create --numeric-owner --directory "$root" --file "$work/layer.tar" .
    layer=$(sha256sum "$work/layer.tar")
    printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":%s,"Env":["PATH=%s"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$(dpkg --print-architecture)" "$command" /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        "${layer%% *}" >"$work/config.json"
    printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$image" >"$work/manifest.json"
    tar --create --numeric-owner --directory "$work" --file "$file" manifest.json config.json layer.tar
    rm -rf "$work"
}

containerd_ctr() { ctr --address "$CLUSTER/containerd/containerd.sock" --namespace k8s.io "$@"; }

# containerd_import FILE : bring an image from a docker archive, for pods with imagePullPolicy: Never.
containerd_import() { containerd_ctr images import "$1" >/dev/null; }

# json_list WORD... : the words as a JSON list of strings. (Words without quotes, backslashes and control characters.)
json_list() {
    local list
    list=$(printf ',"%s"' "$@")
    printf '[%s]\n' "${list#,}"
}

# image_pause FOLDER : write FOLDER/pause.tar, the image IMAGE_PAUSE: a program that waits to be ended and buries orphans.
# Every pod has one; a pod made of nothing else is the smallest thing that runs. With --once it ends at once, as init
# containers must.
IMAGE_PAUSE=localhost/martlet-pause:1

image_pause() {
    local folder=$1
    packages_need gcc libc6-dev
    mkdir "$folder/root"
    gcc -static -Os -s -x c -o "$folder/root/pause" - <<'END'
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int number) { (void)number; _exit(0); }
static void bury(int number) { (void)number; while (waitpid(-1, 0, WNOHANG) > 0) {} }

int main(int count, char **words) {
    if (count > 1 && !strcmp(words[1], "--once")) return 0;
    signal(SIGINT, end);
    signal(SIGTERM, end);
    signal(SIGCHLD, bury);
    for (;;) pause();
}
END
    image_pack "$folder/root" "$IMAGE_PAUSE" "$folder/pause.tar" /pause
    rm -r "$folder/root"
}

# image_martlet PROGRAM FILE : the image IMAGE_MARTLET, the built program without its symbols, with the libraries that it loads,
# Debian's list of authorities and a folder /tmp; nothing else. Prints the size of what is in it, in bytes.
IMAGE_MARTLET=localhost/martlet:test

# (In parentheses: the mask of this function alone. Programs that are not root use what is in the image.)
image_martlet() (
    umask 022
    local program=$1 file=$2 root library
    root=$(mktemp -d)
    chmod 755 "$root"
    mkdir -p "$root"/{usr/local/bin,etc/ssl/certs,lib64,lib/x86_64-linux-gnu,proc,sys,dev}
    mkdir -m 1777 "$root/tmp"
    strip -o "$root/usr/local/bin/martlet" "$program"
    chmod 755 "$root/usr/local/bin/martlet"
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
    # Wherever they lie here, there they are in the folder that the loader looks in last.
    ldd "$program" | sed -n 's|.* => \(/[^ ]*\) .*|\1|p' | while read -r library; do
        cp -L "$library" "$root/lib/x86_64-linux-gnu/"
    done
    image_pack "$root" "$IMAGE_MARTLET" "$file" /usr/local/bin/martlet
    du --summarize --bytes "$root" | cut -f 1
    rm -rf "$root"
)
