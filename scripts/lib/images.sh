# shellcheck shell=bash
# Container images without a registry: a root folder is packed as a docker archive, which containerd imports. Needs log.sh.

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
