/* floor MANIFEST BYTES ROOT [apply]: what no program can pass. The desired bytes are known beforehand, nothing is parsed.
   MANIFEST has a line `PATH<tab>LENGTH` a file, BYTES what they are to hold, one after the other.
   Each file is opened, asked for its size and mode, read and compared; `apply` writes it beside itself, syncs it and renames it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *whole(const char *path) {
  struct stat found;
  int file = open(path, O_RDONLY);
  if (file < 0 || fstat(file, &found) != 0) {
    perror(path);
    exit(1);
  }
  char *bytes = malloc(found.st_size + 1);
  ssize_t length = 0, count;
  while ((count = read(file, bytes + length, found.st_size - length)) > 0) length += count;
  bytes[length] = 0;
  close(file);
  return bytes;
}

static int holds(int root, const char *path, const char *wanted, size_t length) {
  static char buffer[1 << 24];
  struct stat found;
  int file = openat(root, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  int same = fstat(file, &found) == 0 && (size_t)found.st_size == length && length <= sizeof buffer &&
             read(file, buffer, length) == (ssize_t)length && memcmp(buffer, wanted, length) == 0;
  close(file);
  return same;
}

static int create(int root, char *path) {
  int file = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file >= 0 || errno != ENOENT) return file;
  for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdirat(root, path, 0755);
    *slash = '/';
  }
  return openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

static void put(int root, const char *path, const char *wanted, size_t length) {
  char temp[4096];
  snprintf(temp, sizeof temp, "%s.tmp", path);
  int file = create(root, temp);
  if (file < 0 || write(file, wanted, length) != (ssize_t)length || fsync(file) != 0 || close(file) != 0 ||
      renameat(root, temp, root, path) != 0) {
    perror(path);
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int apply = argc > 4 && strcmp(argv[4], "apply") == 0, changed = 0;
  char *line = whole(argv[1]), *wanted = whole(argv[2]);
  if (apply) mkdir(argv[3], 0755);
  int root = open(argv[3], O_RDONLY | O_DIRECTORY);
  if (root < 0) {
    perror(argv[3]);
    return 1;
  }
  while (*line) {
    char *tab = strchr(line, '\t'), *end = strchr(tab, '\n');
    *tab = *end = 0;
    size_t length = strtoul(tab + 1, NULL, 10);
    if (!holds(root, line, wanted, length)) {
      changed++;
      if (apply) put(root, line, wanted, length);
    }
    wanted += length;
    line = end + 1;
  }
  printf("%d changed\n", changed);
  return 0;
}
