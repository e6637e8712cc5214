#!/bin/sh
# Installs the Debian packages that the tests need; silent and quick when they are all there.
set -eu

packages='chromium curl e2fsprogs faketime fish git gpg gpg-agent gpgconf jq libxml2-utils mount openssh-client openssl procps prometheus rsync strace systemd tmux util-linux valgrind zsh'

missing=''
for package in $packages; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "The tests need Debian packages that are not installed. Run: sudo apt-get install --yes$missing" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word a package
install() { apt-get install --yes --no-install-recommends --quiet $missing; }

# The package lists of a fresh machine are empty or old: fetched only when the install fails without.
install || { apt-get update --quiet && install; }
