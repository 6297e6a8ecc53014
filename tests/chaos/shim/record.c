/*
 * Preloaded into a program under test: writes down every change that it makes below MEYAR_SHIM_DIR
 * and every byte that passes its sockets, in the order in which it happens, into MEYAR_SHIM_LOG;
 * and makes the calls that MEYAR_SHIM_FAULTS names fail. A process that goes through many runs says
 * what holds for the next one by opening a path that begins with CONTROL.
 *
 * A record is: type (1 byte), 3 bytes 0, file or socket (u32), offset (u64), length (u32), 4 bytes 0,
 * then `length` bytes. Types: O made (bytes: path), W write, T truncate (offset: new size), S sync,
 * F failed sync, U unlink (bytes: path), N rename (bytes: from NUL to), D folder synced,
 * > bytes sent on a socket, < bytes received, X socket closed.
 * Shared-memory files (-shm) are left out: SQLite makes them anew after every crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096
#define NOTHING 0
#define SOCKET 0xffffffffu
#define FOLDER 0xfffffffeu
#define CONTROL "/meyar-shim/"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char dir[PATH_MAX];
static size_t dir_length;
static int log_fd = -1;
static uint32_t known[FDS]; /* what a descriptor is: a file's number, SOCKET, FOLDER or NOTHING */
static uint32_t next_file = 1;
static int stdout_too; /* MEYAR_SHIM_STDOUT: standard output counts as a socket */

/* Faults: the calls of one kind from number `first` on, `count` of them, fail with `code`. */
/* w write, s sync, t truncate, a all of these; r read; o what a read-only file system refuses */
static char fault_kind;
static long fault_first, fault_count, calls;
static int fault_code; /* 0: half of the bytes are written; -1: counted only */
static char fault_only[64]; /* part of the path, or empty */
static char told[PATH_MAX]; /* where the number of calls so far is written when a fault happens */

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)

static void put(const void *bytes, size_t length) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = dlsym(RTLD_NEXT, "write");
  const char *at = bytes;
  while (length > 0) {
    ssize_t n = real(log_fd, at, length);
    if (n <= 0) abort();
    at += n;
    length -= n;
  }
}

static void note(char type, uint32_t what, uint64_t offset, const void *bytes, uint32_t length) {
  if (log_fd < 0) return;
  unsigned char head[24] = {0};
  head[0] = type;
  memcpy(head + 4, &what, 4);
  memcpy(head + 8, &offset, 8);
  memcpy(head + 16, &length, 4);
  put(head, sizeof head);
  if (length > 0) put(bytes, length);
}

__attribute__((constructor)) static void begin(void) {
  const char *d = getenv("MEYAR_SHIM_DIR"), *l = getenv("MEYAR_SHIM_LOG");
  const char *f = getenv("MEYAR_SHIM_FAULTS"), *t = getenv("MEYAR_SHIM_TOLD");
  if (!d) return;
  stdout_too = getenv("MEYAR_SHIM_STDOUT") != NULL;
  strncpy(dir, d, sizeof dir - 1);
  dir_length = strlen(dir);
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  if (l) log_fd = fcntl(real(l, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), F_DUPFD_CLOEXEC, 3000);
  if (t) strncpy(told, t, sizeof told - 1);
  if (f) sscanf(f, "%c:%ld:%ld:%d:%63s", &fault_kind, &fault_first, &fault_count, &fault_code, fault_only);
}

/* Lines behind CONTROL: folder, recording, where faults are told, faults; none: all of it ends. */
static void controlled(const char *path) {
  int (*real_close)(int) = dlsym(RTLD_NEXT, "close");
  int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  char text[4 * PATH_MAX], *line[4], *rest = text;
  snprintf(text, sizeof text, "%s", path + strlen(CONTROL));
  for (int i = 0; i < 4; i++) line[i] = rest ? strsep(&rest, "\n") : "";
  pthread_mutex_lock(&lock);
  if (log_fd >= 0) real_close(log_fd);
  log_fd = -1;
  memset(known, 0, sizeof known);
  next_file = 1;
  calls = 0;
  fault_kind = 0;
  snprintf(dir, sizeof dir, "%s", line[0]);
  dir_length = strlen(dir);
  snprintf(told, sizeof told, "%s", line[2]);
  if (line[1][0]) {
    int fd = real_open(line[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3000);
    real_close(fd);
  }
  if (line[3][0])
    sscanf(line[3], "%c:%ld:%ld:%d:%63s", &fault_kind, &fault_first, &fault_count, &fault_code, fault_only);
  pthread_mutex_unlock(&lock);
}

static int ours(const char *path) {
  if (dir_length == 0 || strncmp(path, dir, dir_length) != 0) return 0;
  if (path[dir_length] != '/' && path[dir_length] != 0) return 0;
  size_t length = strlen(path);
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

static const char *whole(int at, const char *path, char *room) {
  if (path[0] == '/') return path;
  char link[64], base[PATH_MAX];
  ssize_t n = 0;
  if (at == AT_FDCWD) {
    if (!getcwd(base, sizeof base)) return path;
  } else {
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    n = readlink(link, base, sizeof base - 1);
    if (n <= 0) return path;
    base[n] = 0;
  }
  snprintf(room, PATH_MAX, "%.2000s/%.2000s", base, path);
  return room;
}

/* Whether this call is one that shall fail; counts it. */
static int faulty_path(const char *path) {
  /* The lock beside the database is never durable, and never needs to be. */
  if (!strstr(path, fault_only) || strstr(path, ".lock")) return 0;
  calls++;
  int hit = calls >= fault_first && calls < fault_first + fault_count;
  if (hit && told[0]) {
    static int (*real)(const char *, int, ...);
    if (!real) real = dlsym(RTLD_NEXT, "open");
    int out = real(told, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", calls - fault_first + 1);
    ssize_t (*w)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    if (out >= 0 && w(out, text, n) < 0) abort();
    int (*c)(int) = dlsym(RTLD_NEXT, "close");
    c(out);
  }
  return hit && fault_code != -1;
}

static int faulty(char kind, int fd) {
  int meant = fault_kind == kind || (fault_kind == 'a' && kind != 'r') ||
              (fault_kind == 'o' && (kind == 'w' || kind == 't'));
  if (fault_kind == 0 || !meant) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return faulty_path(path);
}

/* What a read-only file system refuses besides: to open for writing, to remove, to rename. */
static int refused(const char *path) { return fault_kind == 'o' && ours(path) && faulty_path(path); }

static void opened(int fd, const char *given, int at, int flags) {
  if (fd < 0 || fd >= FDS) return;
  char room[PATH_MAX];
  const char *path = whole(at, given, room);
  known[fd] = NOTHING;
  if (!ours(path)) return;
  struct stat s;
  if (fstat(fd, &s) != 0) return;
  if (S_ISDIR(s.st_mode)) known[fd] = FOLDER;
  else if (S_ISREG(s.st_mode)) {
    known[fd] = next_file++;
    uint32_t fresh = (flags & O_TRUNC) != 0;
    note('O', known[fd], fresh, path, strlen(path));
  }
}

static int opening(const char *name, int at, const char *path, int flags, mode_t mode) {
  static int (*real)(int, const char *, int, ...);
  (void)name;
  if (!real) real = dlsym(RTLD_NEXT, "openat");
  char room[PATH_MAX];
  if (strncmp(path, CONTROL, strlen(CONTROL)) == 0) {
    controlled(path);
    errno = ENOENT;
    return -1;
  }
  if (dir_length == 0 || !ours(whole(at, path, room))) {
    int fd = real(at, path, flags, mode);
    if (fd >= 0 && fd < FDS) known[fd] = NOTHING;
    return fd;
  }
  pthread_mutex_lock(&lock);
  int no = (flags & O_ACCMODE) != O_RDONLY && refused(whole(at, path, room));
  int fd = no ? -1 : real(at, path, flags, mode);
  int error = no ? fault_code : errno;
  opened(fd, path, at, flags);
  pthread_mutex_unlock(&lock);
  errno = error;
  return fd;
}

#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list v; va_start(v, flags); mode = va_arg(v, mode_t); va_end(v); }
int open(const char *path, int flags, ...) { MODE(flags) return opening("open", AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opening("open64", AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return opening("openat", at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return opening("openat64", at, path, flags | O_LARGEFILE, mode); }

int close(int fd) {
  REAL(close);
  if (fd >= 0 && fd < FDS && known[fd] != NOTHING) {
    pthread_mutex_lock(&lock);
    if (known[fd] == SOCKET) note('X', fd, 0, NULL, 0);
    known[fd] = NOTHING;
    pthread_mutex_unlock(&lock);
  }
  return real(fd);
}

static int is_file(int fd) { return fd >= 0 && fd < FDS && known[fd] != NOTHING && known[fd] < FOLDER; }

static int is_socket(int fd) {
  if (log_fd < 0 || fd < 0 || fd >= FDS || fd == log_fd) return 0;
  if (fd == 1 && stdout_too) return 1;
  if (known[fd] == SOCKET) return 1;
  if (known[fd] != NOTHING) return 0;
  int error = errno, type;
  socklen_t n = sizeof type;
  struct sockaddr_storage peer;
  socklen_t p = sizeof peer;
  int yes = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_STREAM &&
            getpeername(fd, (struct sockaddr *)&peer, &p) == 0 && peer.ss_family != AF_UNIX;
  if (yes) known[fd] = SOCKET;
  errno = error;
  return yes;
}

static ssize_t placed(int fd, const void *bytes, size_t length, off64_t offset, int seek) {
  static ssize_t (*at_place)(int, const void *, size_t, off64_t);
  static ssize_t (*at_end)(int, const void *, size_t);
  if (!at_place) at_place = dlsym(RTLD_NEXT, "pwrite64");
  if (!at_end) at_end = dlsym(RTLD_NEXT, "write");
  pthread_mutex_lock(&lock);
  if (seek) {
    struct stat s;
    int append = fcntl(fd, F_GETFL) & O_APPEND;
    offset = append && fstat(fd, &s) == 0 ? s.st_size : lseek(fd, 0, SEEK_CUR);
    /* Node closes files past the C library: the number belongs to a pipe by now. */
    if (offset < 0) {
      known[fd] = NOTHING;
      pthread_mutex_unlock(&lock);
      return at_end(fd, bytes, length);
    }
  }
  int hit = faulty('w', fd);
  if (hit && fault_code != 0) {
    pthread_mutex_unlock(&lock);
    errno = fault_code;
    return -1;
  }
  if (hit) length = length / 2;
  ssize_t n = seek ? at_end(fd, bytes, length) : at_place(fd, bytes, length, offset);
  int error = errno;
  if (n > 0) note('W', known[fd], offset, bytes, n);
  pthread_mutex_unlock(&lock);
  errno = error;
  return n;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  REAL(pwrite64);
  return is_file(fd) ? placed(fd, bytes, length, offset, 0) : real(fd, bytes, length, offset);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
  REAL(write);
  if (is_file(fd)) return placed(fd, bytes, length, 0, 1);
  if (!is_socket(fd)) return real(fd, bytes, length);
  /* Noted before it leaves: what is acknowledged here must already be durable. */
  pthread_mutex_lock(&lock);
  ssize_t n = real(fd, bytes, length);
  int error = errno;
  if (n > 0) note('>', fd, 0, bytes, n);
  pthread_mutex_unlock(&lock);
  errno = error;
  return n;
}

static ssize_t gathered(int fd, const struct iovec *v, int count, ssize_t n, char type) {
  size_t left = n;
  for (int i = 0; i < count && left > 0; i++) {
    size_t part = v[i].iov_len < left ? v[i].iov_len : left;
    note(type, fd, 0, v[i].iov_base, part);
    left -= part;
  }
  return n;
}

ssize_t writev(int fd, const struct iovec *v, int count) {
  REAL(writev);
  if (is_file(fd)) {
    ssize_t sum = 0;
    for (int i = 0; i < count; i++) {
      ssize_t n = placed(fd, v[i].iov_base, v[i].iov_len, 0, 1);
      if (n < 0) return sum > 0 ? sum : -1;
      sum += n;
      if ((size_t)n < v[i].iov_len) break;
    }
    return sum;
  }
  if (!is_socket(fd)) return real(fd, v, count);
  pthread_mutex_lock(&lock);
  ssize_t n = real(fd, v, count);
  int error = errno;
  if (n > 0) gathered(fd, v, count, n, '>');
  pthread_mutex_unlock(&lock);
  errno = error;
  return n;
}

static int unreadable(int fd) {
  if (fault_kind != 'r' || !is_file(fd)) return 0;
  pthread_mutex_lock(&lock);
  int hit = faulty('r', fd);
  pthread_mutex_unlock(&lock);
  if (hit) errno = fault_code;
  return hit;
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) {
  REAL(pread64);
  return unreadable(fd) ? -1 : real(fd, bytes, length, offset);
}
ssize_t pread(int fd, void *bytes, size_t length, off_t offset) { return pread64(fd, bytes, length, offset); }

ssize_t read(int fd, void *bytes, size_t length) {
  REAL(read);
  if (unreadable(fd)) return -1;
  ssize_t n = real(fd, bytes, length);
  if (n <= 0 || !is_socket(fd)) return n;
  int error = errno;
  pthread_mutex_lock(&lock);
  note('<', fd, 0, bytes, n);
  pthread_mutex_unlock(&lock);
  errno = error;
  return n;
}

int ftruncate64(int fd, off64_t size) {
  REAL(ftruncate64);
  if (!is_file(fd)) return real(fd, size);
  pthread_mutex_lock(&lock);
  int hit = faulty('t', fd);
  int done = hit ? -1 : real(fd, size);
  int error = hit ? (fault_code ? fault_code : EIO) : errno;
  if (done == 0) note('T', known[fd], size, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd, int (*real)(int)) {
  if (fd < 0 || fd >= FDS || known[fd] == NOTHING || known[fd] == SOCKET) return real(fd);
  pthread_mutex_lock(&lock);
  int hit = known[fd] != FOLDER && faulty('s', fd);
  int done = hit ? -1 : real(fd);
  int error = hit ? (fault_code ? fault_code : EIO) : errno;
  if (known[fd] == FOLDER) note('D', 0, 0, NULL, 0);
  else note(done == 0 ? 'S' : 'F', known[fd], 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}
int fsync(int fd) { REAL(fsync); return synced(fd, real); }
int fdatasync(int fd) { REAL(fdatasync); return synced(fd, real); }

int unlink(const char *path) {
  REAL(unlink);
  char room[PATH_MAX];
  const char *p = whole(AT_FDCWD, path, room);
  pthread_mutex_lock(&lock);
  int no = refused(p);
  int done = no ? -1 : real(path);
  int error = no ? fault_code : errno;
  if (done == 0 && ours(p)) note('U', 0, 0, p, strlen(p));
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

int rename(const char *from, const char *to) {
  REAL(rename);
  char a[PATH_MAX], b[PATH_MAX], both[2 * PATH_MAX];
  const char *f = whole(AT_FDCWD, from, a), *t = whole(AT_FDCWD, to, b);
  pthread_mutex_lock(&lock);
  int no = refused(t);
  int done = no ? -1 : real(from, to);
  int error = no ? fault_code : errno;
  if (done == 0 && (ours(f) || ours(t))) {
    size_t n = strlen(f) + 1, m = strlen(t);
    memcpy(both, f, n);
    memcpy(both + n, t, m);
    note('N', 0, 0, both, n + m);
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}
