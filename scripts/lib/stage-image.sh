# shellcheck shell=bash
# The image of the stage's programs: PostgreSQL 15, Redis, fsfreeze, a shell, and the scripts of scripts/stage.d/image.
# Needs log.sh, cache.sh, debian.sh, images.sh, and SCRIPTS.

IMAGE_STAGE=localhost/martlet-stage:1
STAGE_PACKAGES=(bash coreutils findutils grep sed util-linux procps postgresql-15 redis-server)

# stage_image : print the path of its archive; made if there is none of this content.
stage_image() {
    local key
    key=$( { declare -f stage_image_into stage_image_unpack stage_image_trim stage_image_users image_pack
             printf '%s\n' "${STAGE_PACKAGES[@]}"
             cat "$SCRIPTS"/stage.d/image/*; } | sha256sum)
    printf '%s/stage.tar\n' "$(cache_make "stage-image-${key:0:12}" stage_image_into)"
}

# Arguments: the folder to fill.
stage_image_into() {
    local folder=$1 root=$1/root
    umask 022
    say "making the image $IMAGE_STAGE: once, a minute"
    mkdir -p "$root"
    stage_image_unpack "$folder" "$root"
    stage_image_trim "$root"
    stage_image_users "$root"
    install -m 755 "$SCRIPTS"/stage.d/image/* "$root/usr/local/bin/"
    image_pack "$root" "$IMAGE_STAGE" "$folder/stage.tar" /bin/bash
    rm -rf "$root" "$folder/apt"
}

# The packages and all they depend on are unpacked, not installed: no script of theirs runs, nothing is mounted. What such
# scripts would have set up, and these programs need, is in stage_image_users.
stage_image_unpack() {
    local folder=$1 root=$2 package
    mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/apt/empty"
    debian_source "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" >"$folder/apt/sources.list"
    debian_apt "$folder" -qq update
    debian_apt "$folder" -qq -y --no-install-recommends --download-only install "${STAGE_PACKAGES[@]}"
    for package in "$folder"/apt/archives/*.deb; do
        dpkg-deb --extract "$package" "$root"
    done
}

# What the stage's programs never open. (PostgreSQL loads LLVM for its just-in-time compiler alone, which is switched off.)
stage_image_trim() {
    rm -rf "$1"/usr/share/{doc,man,info,i18n,locale,perl,perl5} "$1"/usr/lib/x86_64-linux-gnu/{perl,perl-base,perl5} \
        "$1"/usr/lib/*/libLLVM* "$1"/usr/lib/postgresql/15/lib/bitcode "$1"/usr/lib/postgresql/15/lib/llvmjit* \
        "$1"/usr/lib/{systemd,udev,gcc} "$1"/var/lib/dpkg
}

stage_image_users() {
    mkdir -p "$1"/{etc,usr/local/bin,proc,sys,dev,root,tmp,run/postgresql}
    ln -sf bash "$1/bin/sh"
    chmod 1777 "$1/tmp" "$1/run/postgresql"
    printf '%s\n' root:x:0:0:root:/root:/bin/bash postgres:x:1001:1001::/:/bin/bash redis:x:999:999::/:/bin/bash >"$1/etc/passwd"
    printf '%s\n' root:x:0: postgres:x:1001: redis:x:999: >"$1/etc/group"
}
