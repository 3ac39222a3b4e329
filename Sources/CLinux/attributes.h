// Extended attributes of a name in an open folder, never through a symbolic link.
//
// Linux 6.13 has calls for that. Before, the folder is named through /proc, which the last component's `l` calls do not
// leave; that costs some microseconds more. Source: man 7 xattr, man 2 open ("/proc/self/fd").
#ifndef MARTLET_CLINUX_ATTRIBUTES_H
#define MARTLET_CLINUX_ATTRIBUTES_H

#include <stddef.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

// Not <unistd.h>, <errno.h> and others of Glibc's module: what they define would be seen twice.
extern long syscall(long number, ...);
extern int *__errno_location(void);

enum {
    linux_SYS_setxattrat = 463,
    linux_SYS_getxattrat = 464,
    linux_SYS_listxattrat = 465,
    linux_SYS_removexattrat = 466,
    linux_attribute_path = 320,
    linux_AT_SYMLINK_NOFOLLOW = 0x100,
    linux_EPERM = 1,
    linux_ENAMETOOLONG = 36,
    linux_ENOSYS = 38
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
    int error = *__errno_location();
    if (result >= 0 || (error != linux_ENOSYS && error != linux_EPERM)) return 0;
    if (error == linux_ENOSYS) __atomic_store_n(linux_lacks_attribute_calls(), 1, __ATOMIC_RELAXED);
    return 1;
}

static inline int linux_has_attribute_calls(void) {
    return !__atomic_load_n(linux_lacks_attribute_calls(), __ATOMIC_RELAXED);
}

/// Writes `/proc/self/fd/FOLDER/NAME`; NULL if the name is longer than names are.
static inline const char *linux_path_through_proc(char path[linux_attribute_path], int folder, const char *name) {
    static const char prefix[] = "/proc/self/fd/";
    char digits[12];
    size_t length = 0, count = 0;
    while (prefix[length]) { path[length] = prefix[length]; length++; }
    do { digits[count++] = (char)('0' + folder % 10); folder /= 10; } while (folder > 0);
    while (count > 0) path[length++] = digits[--count];
    path[length++] = '/';
    while (*name && length < linux_attribute_path - 1) path[length++] = *name++;
    path[length] = 0;
    if (!*name) return path;
    *__errno_location() = linux_ENAMETOOLONG;
    return NULL;
}

static inline ssize_t linux_listxattrat(int folder, const char *name, char *list, size_t size) {
    if (linux_has_attribute_calls()) {
        long result = syscall(linux_SYS_listxattrat, folder, name, linux_AT_SYMLINK_NOFOLLOW, list, size);
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
            linux_SYS_getxattrat, folder, name, linux_AT_SYMLINK_NOFOLLOW, attribute, &arguments, sizeof arguments);
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
            linux_SYS_setxattrat, folder, name, linux_AT_SYMLINK_NOFOLLOW, attribute, &arguments, sizeof arguments);
        if (!linux_is_unknown_call(result)) return (int)result;
    }
    char path[linux_attribute_path];
    return linux_path_through_proc(path, folder, name) ? lsetxattr(path, attribute, value, size, 0) : -1;
}

static inline int linux_removexattrat(int folder, const char *name, const char *attribute) {
    if (linux_has_attribute_calls()) {
        long result = syscall(linux_SYS_removexattrat, folder, name, linux_AT_SYMLINK_NOFOLLOW, attribute);
        if (!linux_is_unknown_call(result)) return (int)result;
    }
    char path[linux_attribute_path];
    return linux_path_through_proc(path, folder, name) ? lremovexattr(path, attribute) : -1;
}

#endif
