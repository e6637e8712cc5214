#!/bin/sh
# systemd.sh, run in a double of this machine (../examples/machine.sh): Debian's systemd as process 1 of name spaces of its own. It has the
# double's files, a network of nothing but loopback, and of Debian's units only the journal and the targets below: what a boot does
# to /tmp, to devices and to the kernel's settings is left out, for no double is deep enough for that. Writes its pid, as the double sees it, to
# /run/systemd.pid; ends with everything in it when that process does, and takes its control groups with it.
set -eu

# The double's /sys is empty. Anywhere else, what follows would take the units of the machine itself.
[ -z "$(ls -A /sys)" ] || {
  echo "$0: not in a double of this machine" >&2
  exit 1
}

if [ "${1-}" != inside ]; then
  groups=/run/cgroup # the whole machine's: the double has no /sys
  mkdir -p "$groups"
  mount -t cgroup2 cgroup2 "$groups"
  mine=$(sed -n 's/^0:://p' /proc/self/cgroup)
  own=$(mktemp -d "$groups${mine%/}/bootstrap-systemd-XXXXXX")
  echo 0 >"$own/cgroup.procs"
  unshare --mount --pid --cgroup --uts --ipc --net --fork --kill-child sh "$0" inside || true
  echo 0 >"$groups$mine/cgroup.procs"
  find "$own" -depth -type d -exec rmdir {} +
  exit
fi

read -r pid rest </proc/self/stat # /proc still is the double's
echo "$pid" >/run/pid && mv /run/pid /run/systemd.pid

mount -t proc proc /proc
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -t sysfs -o ro sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup

mount -t tmpfs -o mode=0755 dev /mnt
for name in full null random tty urandom zero; do
  : >"/mnt/$name"
  mount --bind "/dev/$name" "/mnt/$name"
done
mkdir /mnt/pts /mnt/shm
ln -s /proc/self/fd /mnt/fd
mount --move /mnt /dev

mount -t tmpfs -o mode=0755 run /run
units=/run/units
mkdir -p "$units/sysinit.target.wants" /run/nothing
(
  cd /usr/lib/systemd/system
  cp basic.target local-fs.target multi-user.target network.target network-online.target paths.target shutdown.target slices.target \
    sockets.target swap.target sysinit.target time-sync.target timers.target umount.target \
    systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket "$units"
)
ln -s ../systemd-journald.service "$units/sysinit.target.wants/"
mount --bind "$units" /usr/lib/systemd/system
# They make units of what else the machine has: its disks, and scripts in /etc/init.d.
mount --bind /run/nothing /usr/lib/systemd/system-generators
find /etc/systemd/system -mindepth 1 -maxdepth 1 ! -name 'bootstrap-*' -exec rm -rf {} +
rm -rf /var/log/journal

# As systemd does it where it is not told of a container: what one process mounts is there for the others.
mount --make-rshared /
exec env -i container=other PATH="$PATH" /lib/systemd/systemd --system --unit=multi-user.target
