#!/bin/sh
# machine.sh CHECKOUT NODE, run by `unshare --mount --pid --fork --kill-child`: makes a throw-away double of this
# machine, on which packages may come and go. It has this machine's files (what is written goes to memory), devices and network;
# its processes and its /run are its own. Says `ready PID`, its first process as seen from
# outside, and ends with everything in it when its stdin does.
set -eu
checkout=$1 node=$2
folder=/sys # always there, and missed by nobody in this name space
root=$folder/root
# This shell, which in the end is that process; /proc still is the real machine's.
read -r pid rest </proc/self/stat

mount -t tmpfs -o mode=0755 machine "$folder"
mkdir "$folder/upper" "$folder/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" machine "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
# Without /run/systemd no package asks the real systemd for anything.
mount -t tmpfs -o mode=0755 machine "$root/run"
mkdir -p "$root/run/lock" "$root/tmp"
chmod 1777 "$root/run/lock" "$root/tmp"

# An overlay shows one file system only: what these tests need is bound, as it may be mounted from elsewhere.
bind() {
  mkdir -p "$root$1"
  mount --bind "$1" "$root$1"
}
bind "$checkout"
[ -x "$root$node" ] || bind "${node%/bin/node}"

# Often a link into /run.
resolver=$(cat /etc/resolv.conf)
rm -f "$root/etc/resolv.conf"
printf '%s\n' "$resolver" >"$root/etc/resolv.conf"
# The index of manual pages: nobody reads them here, and it takes dpkg 15 s.
rm -f "$root/var/lib/man-db/auto-update"

# This becomes the machine's process 1, which gets the orphans: ignoring SIGCHLD has the kernel bury them (dash cannot).
exec chroot "$root" perl -e 'chdir "/"; $SIG{CHLD} = "IGNORE"; $| = 1; print "ready @ARGV\n"; 1 while <STDIN>' "$pid"
