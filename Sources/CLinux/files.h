// Calls and constants on files that Glibc's headers show only to GNU sources, which Swift's Glibc module is not.
#ifndef MARTLET_CLINUX_FILES_H
#define MARTLET_CLINUX_FILES_H

#include <linux/falloc.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

// Not <unistd.h>, nor others of Glibc's module: what they define would be seen twice.
extern long syscall(long number, ...);

enum {
    linux_O_NOATIME = 01000000,
    // 0 where it is not known: then everything goes through the page cache.
#if defined(__x86_64__)
    linux_O_DIRECT = 040000,
#elif defined(__aarch64__)
    linux_O_DIRECT = 0200000,
#else
    linux_O_DIRECT = 0,
#endif
    linux_O_PATH = 010000000,
    linux_AT_EMPTY_PATH = 0x1000,
    linux_SEEK_DATA = 3,
    linux_SEEK_HOLE = 4
};

/// Fills `buffer` with records of `struct linux_dirent64`. Source: man 2 getdents.
static inline long linux_getdents64(int folder, void *buffer, size_t size) {
    return syscall(SYS_getdents64, folder, buffer, size);
}

/// Opens `path` beneath `folder`; the kernel refuses every symbolic link on the way, `..` that leaves, and mounts' magic
/// links. Linux 5.6; ENOSYS before, EPERM under some seccomp profiles. Source: man 2 openat2.
static inline int linux_open_beneath(int folder, const char *path, int flags, unsigned mode) {
    struct open_how how = {
        .flags = (unsigned long long)(unsigned)flags,
        .mode = mode,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
    };
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

/// Allocates the blocks of the first `size` bytes. Source: man 2 fallocate.
static inline int linux_allocate(int file, long long size) {
    return (int)syscall(SYS_fallocate, file, 0, 0LL, size);
}

/// Makes a hole; the size stays. Source: man 2 fallocate.
static inline int linux_punch_hole(int file, long long offset, long long size) {
    return (int)syscall(SYS_fallocate, file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size);
}

/// How many pages of `size` bytes from `offset` on are in the page cache; -1 where the kernel does not say (before Linux 6.5,
/// or a file of another user). Source: man 2 cachestat.
static inline long long linux_cached_pages(int file, unsigned long long offset, unsigned long long size) {
    unsigned long long range[2] = { offset, size }, found[5] = { 0 };
    // SYS_cachestat, which has this number everywhere.
    return syscall(451, file, range, found, 0) == 0 ? (long long)found[0] : -1;
}

static inline unsigned linux_major(unsigned long long device) { return gnu_dev_major(device); }
static inline unsigned linux_minor(unsigned long long device) { return gnu_dev_minor(device); }
static inline unsigned long long linux_device(unsigned major, unsigned minor) { return gnu_dev_makedev(major, minor); }

#endif
