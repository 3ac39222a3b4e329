// Linux calls that Swift's Glibc module does not show.
#include <sys/xattr.h>
