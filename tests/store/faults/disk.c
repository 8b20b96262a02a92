/* Between a program and the disk: fails one call, or records all of them.

   Loaded with LD_PRELOAD. Only files in the folder that DISK_FOLDER names are watched; of all
   others, every call goes through as it is.

   Failing: disk_arm(nth, error, sticky, part, reading) lets the nth watched call from now on fail with
   `error`, all later ones too if `sticky`; with `part` a failing write first writes half of its
   bytes and says so, and the call after it fails. Calls that change nothing are watched only with
   `reading`. disk_calls() counts the watched calls since.

   Recording: with DISK_RECORD set, each watched call is appended to that file when it is done, in
   the order in which the calls took effect, over all processes: a lock is held around call and
   record. What a power loss leaves is made from the record.

   Watched files are never really synchronized: nothing here loses power.

       kind (1 byte), length of path (2), offset (8), length of data (8), path, data */

#define _GNU_SOURCE
#define _LARGEFILE64_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char *folder;
static size_t folder_length;
static int record = -1;
static volatile int *lock;

static long calls, fail_at;
static int fail_with, fail_sticky, fail_part, fail_reading;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("DISK_RECORD");
    folder = getenv("DISK_FOLDER");
    folder_length = folder ? strlen(folder) : 0;
    if (!path) return;
    record = REAL(open64)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    /* Of one interpreter and all it forks: the memory is shared, and no name is needed for it. */
    lock = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (record < 0 || lock == MAP_FAILED) _exit(99);
}

void disk_arm(long nth, int error, int sticky, int part, int reading) {
    calls = 0;
    fail_at = nth;
    fail_with = error;
    fail_sticky = sticky;
    fail_part = part;
    fail_reading = reading;
}

long disk_calls(void) { return calls; }

static int watched(const char *path) {
    return folder && strncmp(path, folder, folder_length) == 0 && path[folder_length] == '/';
}

/* The path behind a descriptor, or NULL if it is not watched. The shared memory of SQLite is no
   part of what survives a power loss, so it is not recorded. */
static const char *path_of(int fd, char *path) {
    char link[40];
    if (!folder) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return NULL;
    path[length] = 0;
    return watched(path) || strcmp(path, folder) == 0 ? path : NULL;
}

static void enter(void) {
    if (lock)
        while (__sync_lock_test_and_set(lock, 1)) sched_yield();
}

static void leave(void) {
    if (lock) __sync_lock_release(lock);
}

static void note(char kind, const char *path, int64_t offset, const void *data, int64_t length) {
    if (record < 0) return;
    size_t end = strlen(path);
    if (end > 4 && strcmp(path + end - 4, "-shm") == 0) return;
    int error = errno;
    uint16_t path_length = (uint16_t)end;
    struct iovec parts[] = {
        {&kind, 1}, {&path_length, 2}, {&offset, 8}, {&length, 8},
        {(void *)path, end}, {(void *)data, data ? (size_t)length : 0},
    };
    ssize_t whole = 19 + (ssize_t)end + (data ? length : 0);
    if (writev(record, parts, 6) != whole) _exit(98);
    errno = error;
}

/* Whether this call is to fail; errno says how. */
static int fails(void) {
    if (!fail_at) return 0;
    calls++;
    if (calls < fail_at || (calls > fail_at && !fail_sticky)) return 0;
    errno = fail_with;
    return 1;
}

static int reading_fails(void) { return fail_reading && fails(); }

static ssize_t write_at(int fd, const void *data, size_t length, off64_t offset, int placed) {
    char room[PATH_MAX];
    const char *path = path_of(fd, room);
    if (path && fails()) {
        if (!fail_part || calls != fail_at || length < 2) return -1;
        length /= 2; /* a short write; what comes after it fails */
        fail_part = 0;
        fail_at++;
    }
    if (path) enter();
    ssize_t done = placed ? REAL(pwrite64)(fd, data, length, offset) : REAL(write)(fd, data, length);
    if (path && done > 0) {
        if (!placed) offset = lseek64(fd, 0, SEEK_CUR) - done;
        note('w', path, offset, data, done);
    }
    if (path) leave();
    return done;
}

ssize_t write(int fd, const void *data, size_t length) { return write_at(fd, data, length, 0, 0); }

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    return write_at(fd, data, length, offset, 1);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    return write_at(fd, data, length, offset, 1);
}

ssize_t pread64(int fd, void *data, size_t length, off64_t offset) {
    char room[PATH_MAX];
    if (path_of(fd, room) && reading_fails()) return -1;
    return REAL(pread64)(fd, data, length, offset);
}

int ftruncate64(int fd, off64_t length) {
    char room[PATH_MAX];
    const char *path = path_of(fd, room);
    if (path && fails()) return -1;
    if (path) enter();
    int result = REAL(ftruncate64)(fd, length);
    if (path && result == 0) note('t', path, length, NULL, 0);
    if (path) leave();
    return result;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int synchronize(int fd, int (*real)(int)) {
    char room[PATH_MAX];
    const char *path = path_of(fd, room);
    if (path && fails()) return -1;
    if (!path) return real(fd);
    enter();
    note('s', path, 0, NULL, 0);
    leave();
    return 0;
}

int fsync(int fd) { return synchronize(fd, REAL(fsync)); }

int fdatasync(int fd) { return synchronize(fd, REAL(fdatasync)); }

int unlink(const char *path) {
    int ours = watched(path);
    if (ours && fails()) return -1;
    if (ours) enter();
    int result = REAL(unlink)(path);
    if (ours && result == 0) note('u', path, 0, NULL, 0);
    if (ours) leave();
    return result;
}

static int open_file(const char *path, int flags, mode_t mode) {
    int ours = watched(path);
    if (ours && (flags & O_CREAT ? fails() : reading_fails())) return -1;
    if (ours) enter();
    int created = ours && (flags & O_CREAT) && access(path, F_OK) != 0;
    int fd = REAL(open64)(path, flags, mode);
    if (created && fd >= 0) note('c', path, 0, NULL, 0);
    if (ours) leave();
    return fd;
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return open_file(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return open_file(path, flags, mode);
}
