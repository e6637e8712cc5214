// The scripts of a gateway as the old tool shipped them, with a SysV service that really runs.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCli, type Ran } from '../rig/cli.ts';
import type { World } from '../rig/world.ts';
import { worldFor } from './control-plane.ts';

const TEST_MS_MAX = 120_000;

// start-stop-daemon(8) does the work, as in any init script of its time.
const DEEPFILER = `#!/bin/sh
pidfile=$BOOTSTRAP_ROOT/run/deepfiler.pid
daemon="start-stop-daemon --pidfile $pidfile"
case $1 in
  start) $daemon --start --oknodo --background --make-pidfile --exec /bin/sleep -- 600 ;;
  stop) $daemon --stop --oknodo --retry 5 --remove-pidfile ;;
  status) $daemon --status ;;
  *) echo "usage: $0 start|stop|status" >&2; exit 2 ;;
esac >/dev/null
`;
const SERVICE = `#!/bin/sh
exec "$BOOTSTRAP_ROOT/etc/init.d/$1" "$2"
`;
const TELL = `
if [[ $MODE == production ]]; then
  service deepfiler start
elif [[ $MODE == idle ]]; then
  service deepfiler stop
fi
`;

function gateway(context: Parameters<typeof worldFor>[0]): World {
  const world = worldFor(context, {
    'etc/bootstrap/upgrade-gateway': `#!/bin/bash
REPOSITORY=$1
VERSION=$2
MODE=$3
echo "$REPOSITORY $VERSION" >"$BOOTSTRAP_ROOT/installed"
${TELL}`,
    'etc/bootstrap/mode-gateway': `#!/bin/bash\nMODE=$1\n${TELL}`,
    'etc/init.d/deepfiler': DEEPFILER,
    'sbin/service': SERVICE,
    'run/.keep': '',
  });
  world.put({
    'etc/bootstrap/bootstrap.ini': `[bootstrap]
bootstrap-version: 1
server-type: gateway
path: ${world.root}/sbin:/usr/sbin:/usr/bin:/sbin:/bin

[product: gateway]
upgrade-script: /etc/bootstrap/upgrade-gateway
mode-script: /etc/bootstrap/mode-gateway
`,
  });
  return world;
}

test(
  'a gateway is provisioned, put to work, upgraded while it works, and stopped; its heartbeat says so each time',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const world = gateway(context);
    const verb = async (words: string): Promise<Ran> => await runCli(world, words.split(' '));
    const beat = async (): Promise<string> => (await verb('heartbeat.get')).stdout.trim();
    const silent = { exitCode: 0, stdout: '', stderr: '' };

    expect(await beat()).toBe('0');
    expect(await verb('product.set gateway version TRUNK/gateway-5.1')).toEqual(silent);
    expect(await verb('product.set gateway repository TRUNK/STOREDIQ')).toEqual(silent);
    expect(await verb('server.provision')).toEqual(silent);
    expect(world.text('installed')).toBe('TRUNK/STOREDIQ TRUNK/gateway-5.1\n');
    expect([pidOf(world), await beat()]).toEqual([undefined, '0']);

    expect(await verb('server.mode production')).toEqual(silent);
    const pid = pidOf(world);
    expect(pid).toBeDefined();
    expect(await beat()).toBe('1');

    expect(await verb('product.upgrade gateway TRUNK/gateway-5.2')).toEqual(silent);
    expect(world.text('installed')).toBe('TRUNK/STOREDIQ TRUNK/gateway-5.2\n');
    expect([pidOf(world), await beat()]).toEqual([pid, '1']);

    expect(await verb('server.mode idle')).toEqual(silent);
    expect([pidOf(world), await beat()]).toEqual([undefined, '0']);
  },
);

/** Of the service, where it runs. */
function pidOf(world: World): string | undefined {
  const pid = world.text('run/deepfiler.pid')?.trim();
  if (pid === undefined) return undefined;
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/bin/sleep') ? pid : undefined;
}
