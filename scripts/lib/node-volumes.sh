# shellcheck shell=bash
# The disks of the node: real file systems in files, mounted through loop devices. "scripts/cluster down" takes them away.
# Needs log.sh, ports.sh (MARTLET_STATE).
#
# Their paths do not tell which cluster has the node: a volume of the lost cluster and of the new one have the same path,
# as on a machine that is set up anew.

NODE_VOLUMES=$MARTLET_STATE/node-volumes

# node_volume_make NAME MIB : mount a new, empty ext4 of that size, unless it is mounted already.
node_volume_make() {
    local place=$NODE_VOLUMES/$1
    ! mountpoint --quiet "$place" || return 0
    mkdir -p "$place"
    rm -f "$place.img"
    truncate --size "$2M" "$place.img"
    mkfs.ext4 -q -F "$place.img"
    mount -o loop "$place.img" "$place"
}

# node_folder_make NAME : a folder of the machine itself that anybody may write to, as K3s makes them.
node_folder_make() {
    mkdir -p "$NODE_VOLUMES/$1"
    chmod 777 "$NODE_VOLUMES/$1"
}

# Whoever froze them is gone or going.
node_volumes_thaw() {
    local place
    node_volumes_mounted | while read -r place; do
        ! fsfreeze --unfreeze "$place" 2>/dev/null || say "$place was frozen; thawed it"
    done
}

node_volumes_mounted() { findmnt --raw --noheadings --output TARGET | { grep "^$NODE_VOLUMES/" || true; }; }

node_volumes_down() {
    local device
    node_volumes_thaw
    unmount_all "$NODE_VOLUMES"
    # Each device goes by itself with its last mount; one that is still there had none.
    losetup --list --noheadings --output NAME,BACK-FILE | { grep -F " $NODE_VOLUMES/" || true; } |
        while read -r device _; do losetup --detach "$device"; done
    rm -rf --one-file-system "$NODE_VOLUMES"
}
