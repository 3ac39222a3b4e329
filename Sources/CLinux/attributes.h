// Extended attributes of a name in an open folder, never through a symbolic link.
//
// Linux 6.13 has calls for that. Before, the folder is named through /proc, which the last component's `l` calls do not
// leave; that costs some microseconds more. Source: man 7 xattr, man 2 open ("/proc/self/fd").
#ifndef MARTLET_CLINUX_ATTRIBUTES_H
#define MARTLET_CLINUX_ATTRIBUTES_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
    linux_SYS_setxattrat = 463,
    linux_SYS_getxattrat = 464,
    linux_SYS_listxattrat = 465,
    linux_SYS_removexattrat = 466,
    linux_attribute_path = 320
};

struct linux_attribute_value {
    unsigned long long __attribute__((aligned(8))) value;
    unsigned size;
    unsigned flags;
};

/// Whether the kernel lacks the calls, found out once; every thread finds the same.
static inline int *linux_lacks_attribute_calls(void) {
    static int lacks = 0;
    return &lacks;
}

/// Whether `result` says that the newer calls cannot be used: an old kernel, or a sandbox that does not know them.
static inline int linux_is_unknown_call(long result) {
    if (result >= 0 || (errno != ENOSYS && errno != EPERM)) return 0;
    if (errno == ENOSYS) __atomic_store_n(linux_lacks_attribute_calls(), 1, __ATOMIC_RELAXED);
    return 1;
}

static inline int linux_has_attribute_calls(void) {
    return !__atomic_load_n(linux_lacks_attribute_calls(), __ATOMIC_RELAXED);
}

static inline const char *linux_path_through_proc(char path[linux_attribute_path], int folder, const char *name) {
    int length = snprintf(path, linux_attribute_path, "/proc/self/fd/%d/%s", folder, name);
    if (length < linux_attribute_path) return path;
    errno = ENAMETOOLONG;
    return NULL;
}

static inline ssize_t linux_listxattrat(int folder, const char *name, char *list, size_t size) {
    if (linux_has_attribute_calls()) {
        long result = syscall(linux_SYS_listxattrat, folder, name, AT_SYMLINK_NOFOLLOW, list, size);
        if (!linux_is_unknown_call(result)) return result;
    }
    char path[linux_attribute_path];
    return linux_path_through_proc(path, folder, name) ? llistxattr(path, list, size) : -1;
}

static inline ssize_t linux_getxattrat(
    int folder, const char *name, const char *attribute, void *value, size_t size
) {
    if (linux_has_attribute_calls()) {
        struct linux_attribute_value arguments = { (unsigned long long)(size_t)value, (unsigned)size, 0 };
        long result = syscall(
            linux_SYS_getxattrat, folder, name, AT_SYMLINK_NOFOLLOW, attribute, &arguments, sizeof arguments);
        if (!linux_is_unknown_call(result)) return result;
    }
    char path[linux_attribute_path];
    return linux_path_through_proc(path, folder, name) ? lgetxattr(path, attribute, value, size) : -1;
}

static inline int linux_setxattrat(
    int folder, const char *name, const char *attribute, const void *value, size_t size
) {
    if (linux_has_attribute_calls()) {
        struct linux_attribute_value arguments = { (unsigned long long)(size_t)value, (unsigned)size, 0 };
        long result = syscall(
            linux_SYS_setxattrat, folder, name, AT_SYMLINK_NOFOLLOW, attribute, &arguments, sizeof arguments);
        if (!linux_is_unknown_call(result)) return (int)result;
    }
    char path[linux_attribute_path];
    return linux_path_through_proc(path, folder, name) ? lsetxattr(path, attribute, value, size, 0) : -1;
}

static inline int linux_removexattrat(int folder, const char *name, const char *attribute) {
    if (linux_has_attribute_calls()) {
        long result = syscall(linux_SYS_removexattrat, folder, name, AT_SYMLINK_NOFOLLOW, attribute);
        if (!linux_is_unknown_call(result)) return (int)result;
    }
    char path[linux_attribute_path];
    return linux_path_through_proc(path, folder, name) ? lremovexattr(path, attribute) : -1;
}

#endif
