// A server whose scripts and daemons fail as the file `faults` tells them: lines of PRODUCT, KIND, ARGUMENT and what befalls it.
import { createServer, type AddressInfo } from 'node:net';
import { createWorld, type World } from '../rig/world.ts';

/** The products' sections of bootstrap.ini; `{root}` is the server's folder. */
const INI = {
  a: 'upgrade-script = /etc/bootstrap/upgrade\nmode-script = /etc/bootstrap/mode',
  b: 'depends-on = a\nupgrade-script = /etc/bootstrap/upgrade\nmode-script = /etc/bootstrap/mode',
  c: `upgrade-script = /etc/bootstrap/upgrade
reload-script = /etc/bootstrap/reload
config-file = /etc/c.ini
config-format = ini
config-check = {root}/etc/bootstrap/check {file}`,
  t: `reload-script = /etc/bootstrap/reload
config-file = /etc/t.conf
config-format = template
config-template = /etc/bootstrap/t.tmpl`,
  n: 'upgrade-script = /etc/bootstrap/upgrade\nremove-script = /etc/bootstrap/remove',
  m: 'upgrade-script = /etc/bootstrap/upgrade',
} as const;
/** A product of these servers. */
export type Name = keyof typeof INI;

const SCRIPT = `#!/bin/sh
cd "$BOOTSTRAP_ROOT" || exit 1
kind=\${0##*/} p=$BOOTSTRAP_PRODUCT
case $kind in upgrade) at=$2 ;; mode | remove) at=$1 ;; *) at=- ;; esac
case $kind in upgrade) echo "$p upgrade $2 $3" ;; *) echo "$p $kind\${1:+ $1}" ;; esac >>log
echo "$kind of $p"
stop() {
  for pid in run/$p.loop run/$p.pid; do [ ! -e $pid ] || kill "$(cat $pid)" 2>/dev/null; done
  rm -f run/$p.loop run/$p.pid run/$p.beat
}
start() {
  echo "$1" >run/$p.beat
  [ ! -e run/$p.daemon ] || { run/$p.daemon "$1" >/dev/null 2>&1 & }
  [ ! -e run/$p.daemon ] || while [ ! -e run/$p.pid ]; do sleep 0.01; done
}
run=start
while read -r who what arg act; do
  [ "$who" = $p ] || continue
  [ "$what $arg" = "run \${at}" ] && run=$act
  [ "$what" = $kind ] && { [ "$arg" = "$at" ] || [ "$arg" = any ]; } || continue
  case $act in
    fail) echo "$p cannot $kind" >&2; exit 3 ;;
    once) [ -e once ] || { : >once; exit 3; } ;;
    twice) [ -e twice ] || { [ ! -e once ] || : >twice; : >once; exit 3; } ;;
    hang) sleep 20 ;;
    die) kill -KILL $$ ;;
    skip) exit 0 ;;
    kill-engine) [ -e killed ] || { : >killed; kill -KILL $PPID; exit 0; } ;;
    wait) tries=500; until [ -e gate ] || [ $((tries -= 1)) -eq 0 ]; do sleep 0.02; done ;;
  esac
done <faults
case "$kind $3$1" in
  upgrade*)
    echo "$2" >run/$p.version
    case $run in
      start) stop; start "$2" ;;
      none) stop ;;
      sick) stop; start sick ;;
      flap) stop; start flap ;;
      short) stop; start short ;;
      keep-old) ;;
    esac ;;
  'mode production') rm -f run/$p.sick; [ -e run/$p.pid ] || start "$(cat run/$p.version)" ;;
  'mode idle') stop ;;
  'remove '*) stop; rm -f run/$p.version ;;
  reload*) if grep -q sick etc/$p.*; then stop; else start 1; fi ;;
esac
`;
const CHECK = `#!/bin/sh
! grep -q refused "$1"
`;
const SLEEPS = `#!/bin/sh
cd "$BOOTSTRAP_ROOT"
[ "$1" = sick ] && exec sleep 0.01
[ "$1" != flap ] || echo $$ >run/$BOOTSTRAP_PRODUCT.loop
[ "$1" != flap ] || while :; do
  sleep 0.05 & echo $! >run/$BOOTSTRAP_PRODUCT.pid
  wait; rm -f run/$BOOTSTRAP_PRODUCT.pid; sleep 0.05
done
echo $$ >run/$BOOTSTRAP_PRODUCT.pid
[ "$1" = short ] && exec sleep 0.25
exec sleep 60
`;
/** Answers on the port in the file run/P.port: with 200 and the version, 500 where it is sick or falls so, by turns where it flaps. */
const ANSWERS = `#!/usr/bin/perl
use IO::Socket::INET;
chdir $ENV{BOOTSTRAP_ROOT};
my ($p, $v, $n) = ($ENV{BOOTSTRAP_PRODUCT}, $ARGV[0], 0);
open my $f, '<', "run/$p.port"; chomp(my $port = <$f>);
my $s; for (1 .. 200) {
  $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 9, ReuseAddr => 1) and last;
  select undef, undef, undef, 0.01;
}
open $f, '>', "run/$p.pid"; print $f "$$\\n"; close $f;
alarm 60;
$SIG{ALRM} = sub { exit } if $v ne 'short';
if ($v eq 'short') { require Time::HiRes; Time::HiRes::alarm(0.25); }
while (my $c = $s->accept) {
  my $l = <$c>; $n++;
  my $bad = $v eq 'sick' || -e "run/$p.sick" || ($v eq 'flap' && $n % 2);
  print $c $bad ? "HTTP/1.0 500 No\\r\\n\\r\\nsick" : "HTTP/1.0 200 OK\\r\\n\\r\\nversion $v";
  close $c;
}
`;

/** What is asked of a product. */
export type Beat = 'file' | 'process' | 'http' | 'tcp' | 'http+process';

/** What a case's server is like. */
export interface ServerRequest {
  /** Lines added to a product's section. */
  readonly ini: Readonly<Partial<Record<Name, string>>>;
  readonly beats: Readonly<Partial<Record<Name, Beat>>>;
}

/** A server on which nothing was applied yet. */
export interface Server {
  readonly world: World;
  /** The port of each product that has one. */
  readonly ports: Readonly<Partial<Record<Name, number>>>;
}

/** Makes the server; what it leaves running ends with its world. */
export async function newServer({ ini, beats }: ServerRequest): Promise<Server> {
  const world = createWorld({
    'etc/bootstrap/t.tmpl': 'size {{ settings.size }}\n',
    faults: '',
    log: '',
  });
  const sections = Object.entries(INI).map(
    ([name, text]) => `[product: ${name}]\n${text}\n${ini[name as Name] ?? ''}\n`,
  );
  const kinds = ['upgrade', 'mode', 'reload', 'remove'];
  world.put({
    'etc/bootstrap/bootstrap.ini': sections.join('\n').replaceAll('{root}', world.root),
    ...Object.fromEntries(kinds.map((kind) => [`etc/bootstrap/${kind}`, SCRIPT])),
    'etc/bootstrap/check': CHECK,
    'run/keep': '',
  });
  const ports: Partial<Record<Name, number>> = {};
  for (const [name, beat] of Object.entries(beats)) {
    if (beat === 'file') continue;
    const isNet = beat !== 'process';
    if (isNet) ports[name as Name] = await freePort();
    world.put({
      [`run/${name}.daemon`]: isNet ? ANSWERS : SLEEPS,
      ...(isNet ? { [`run/${name}.port`]: `${ports[name as Name]}\n` } : {}),
    });
  }
  return { world, ports };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
