/* Preloaded into a process, this stands before every call by which it changes a file system, SQLite's included.
   It counts them, and lets the one with a given number end the process or fail. See faults.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { COUNT = 0, KILL = -1, TEAR = -2 }; /* other kinds are an errno */

static int armed, steps, fatal, kind, again;
static char names[1 << 16];

void faults_arm(int step, int what, int from_then_on) {
    steps = 0, fatal = step, kind = what, again = from_then_on, names[0] = 0, armed = 1;
}

const char *faults_disarm(void) {
    armed = 0;
    return names;
}

static void end(void) { kill(getpid(), SIGKILL); }

/* 0: go on; 1: go on with half of it, then end; 2: fail with errno set. */
static int step(const char *name) {
    if (!armed) return 0;
    steps++;
    if (strlen(names) + strlen(name) + 2 < sizeof names) strcat(strcat(names, name), " ");
    if (kind == COUNT || !(steps == fatal || (again && steps > fatal))) return 0;
    if (kind == KILL) end();
    if (kind == TEAR) return 1;
    errno = kind;
    return 2;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRAP(type, name, parameters, arguments)      \
    type name parameters {                           \
        int fault = step(#name);                     \
        if (fault == 2) return -1;                   \
        type result = REAL(name) arguments;          \
        if (fault == 1) end();                       \
        return result;                               \
    }

#define WRAP_WRITE(name, parameters, whole, half)    \
    ssize_t name parameters {                        \
        int fault = fd > 2 ? step(#name) : 0;        \
        if (fault == 2) return -1;                   \
        ssize_t result = fault ? REAL(name) half : REAL(name) whole; \
        if (fault == 1) end();                       \
        return result;                               \
    }

#define WRAP_OPEN(name, first, given)                \
    int name first {                                 \
        mode_t mode = 0;                             \
        if (flags & O_CREAT) {                       \
            va_list more;                            \
            va_start(more, flags);                   \
            mode = va_arg(more, mode_t);             \
            va_end(more);                            \
        }                                            \
        int fault = flags & (O_CREAT | O_TRUNC) ? step(#name) : 0; \
        if (fault == 2) return -1;                   \
        int result = REAL(name) given;               \
        if (fault == 1) end();                       \
        return result;                               \
    }

WRAP_WRITE(write, (int fd, const void *data, size_t size), (fd, data, size), (fd, data, size / 2))
WRAP_WRITE(pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), (fd, data, size / 2, at))
WRAP_WRITE(pwrite64, (int fd, const void *data, size_t size, loff_t at), (fd, data, size, at), (fd, data, size / 2, at))
WRAP_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
WRAP_OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
WRAP(int, ftruncate, (int fd, off_t size), (fd, size))
WRAP(int, ftruncate64, (int fd, loff_t size), (fd, size))
WRAP(int, fallocate, (int fd, int how, off_t at, off_t size), (fd, how, at, size))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, fdatasync, (int fd), (fd))
WRAP(int, chmod, (const char *path, mode_t mode), (path, mode))
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, fchmodat, (int folder, const char *path, mode_t mode, int flags), (folder, path, mode, flags))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
WRAP(int, rename, (const char *from, const char *to), (from, to))
WRAP(int, renameat, (int one, const char *from, int other, const char *to), (one, from, other, to))
WRAP(int, link, (const char *from, const char *to), (from, to))
WRAP(int, symlink, (const char *from, const char *to), (from, to))
WRAP(int, unlink, (const char *path), (path))
WRAP(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
WRAP(int, rmdir, (const char *path), (path))
