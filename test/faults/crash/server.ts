// A server of three products whose scripts write down when they start and end, and whether another one of their product runs.
import { spawn } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { createWorld, type FileTexts, type World } from '../../rig/world.ts';

const INI = `
[product: db]
upgrade-script = /etc/bootstrap/upgrade
set-script     = /etc/bootstrap/set
mode-script    = /etc/bootstrap/mode
timeout        = 20s

[product: app]
depends-on       = db
provision-script = /etc/bootstrap/provision
upgrade-script   = /etc/bootstrap/upgrade
set-script       = /etc/bootstrap/set
reload-script    = /etc/bootstrap/reload
mode-script      = /etc/bootstrap/mode
config-file      = /etc/app.ini
config-format    = ini
timeout          = 20s

[product: lone]
upgrade-script = /etc/bootstrap/upgrade
remove-script  = /etc/bootstrap/remove
timeout        = 20s
`;

/**
 * One program for all kinds: `app` has a daemon, which runs in production. A file `broken` makes every script fail, `pause` holds
 * the seconds that each one takes. A file `bad/PRODUCT-upgrade-VERSION` makes that script fail, `bad/app-daemon-VERSION` keeps the
 * daemon of that version from running.
 */
const SCRIPT = `#!/bin/sh
cd "$BOOTSTRAP_ROOT" || exit 1
kind=\${0##*/} args=$*
note() { echo "$1 $$ $BOOTSTRAP_RUN_ID $BOOTSTRAP_PRODUCT $kind $args" >>log; }
stop() { [ ! -e run/app.pid ] || kill "$(cat run/app.pid)" 2>/dev/null; rm -f run/app.pid; }
start() {
  [ ! -e "bad/app-daemon-$(cat run/app.version)" ] || return
  setsid sleep 120 </dev/null >/dev/null 2>&1 & echo $! >run/app.pid
}

look() { read -r _ _ state _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ ticks _ 2>/dev/null <"/proc/$1/stat"; }

busy=run/$BOOTSTRAP_PRODUCT.busy
if [ -e $busy ] && read -r pid since <$busy && look "\${pid:-x}"; then
  # A pid that somebody else has by now tells nothing.
  [ "$ticks" != "$since" ] || [ "$state" = Z ] || note overlap
fi
look $$
echo "$$ $ticks" >$busy
note start
[ ! -e pause ] || sleep "$(cat pause)"
[ ! -e broken ] || exit 3
[ ! -e "bad/$BOOTSTRAP_PRODUCT-$kind-$2" ] || exit 3
case "$BOOTSTRAP_PRODUCT $kind" in 'app provision' | 'app upgrade') echo "$2" >run/app.version ;; esac
case "$BOOTSTRAP_PRODUCT $kind $*" in
  'app mode production') [ -e run/app.pid ] || start ;;
  'app mode '*) stop ;;
  'app upgrade '*production) stop; start ;;
esac
echo "$kind of $BOOTSTRAP_PRODUCT"
note end
rm -f $busy
`;

/** What is wished for: which versions, which settings, which mode. */
export interface Wish {
  readonly version: number;
  readonly mode: 'idle' | 'production';
  /** The version of `lone`, that of the others where nothing is said; null: it is to be removed. */
  readonly lone?: number | null;
  readonly onFailure?: 'stop' | 'rollback';
  /** How long the heartbeat of `app` is waited for. */
  readonly deadline?: string;
}

/** The desired state of a wish. */
export function desiredState(wish: Wish): string {
  const { version, mode, lone = version, onFailure = 'stop', deadline = '10s' } = wish;
  return `apiVersion: bootstrap/v1
server: {mode: ${mode}}
policy: {prune: true, onFailure: ${onFailure}}
products:
  db: {version: "${version}", settings: {cache: ${version}}}
  app:
    version: "${version}"
    settings: {web: {port: ${8000 + version}}}
    heartbeat: {process: /run/app.pid, interval: 20ms, deadline: ${deadline}}
${lone === null ? '' : `  lone: {version: "${lone}"}\n`}`;
}

/** A server on which nothing was applied yet. */
export function newServer(wish: Wish, files: FileTexts = {}): World {
  const kinds = ['provision', 'upgrade', 'set', 'reload', 'mode', 'remove'];
  return createWorld({
    'etc/bootstrap/bootstrap.ini': INI,
    ...Object.fromEntries(kinds.map((kind) => [`etc/bootstrap/${kind}`, SCRIPT])),
    'desired-state.yaml': desiredState(wish),
    'run/keep': '',
    ...files,
  });
}

/** A server just like another one, on which nothing was run yet; a daemon of its own, where the other one has one. */
export function freshCopyOf(server: World): World {
  const copy = copyOf(server);
  copy.put({ log: '', 'var/bootstrap/runs': null });
  return copy;
}

/** A server just like another one, with a daemon of its own. */
export function copyOf(server: World): World {
  const copy = createWorld();
  for (const name of readdirSync(server.root))
    cpSync(`${server.root}/${name}`, `${copy.root}/${name}`, { recursive: true });
  if (copy.text('run/app.pid') !== null) {
    const env = { ...process.env, BOOTSTRAP_ROOT: copy.root };
    const daemon = spawn('sleep', ['120'], { env, stdio: 'ignore', detached: true });
    daemon.unref();
    copy.put({ 'run/app.pid': `${daemon.pid}\n` });
  }
  return copy;
}
