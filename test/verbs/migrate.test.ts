// An installation of the old tool is taken over: planning what migrate writes shows no change.
import { describe, expect, test } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { DESIRED, OLD_TREE, worldFor } from './control-plane.ts';

const CENTOS = 'var/bootstrap/products/centos';
const INSTALLATION = {
  ...OLD_TREE,
  'etc/bootstrap/bootstrap.ini': `[bootstrap]
bootstrap-version: 1
server-type: gateway
server-mode: unprovisioned

[product: gateway]
upgrade-script: /etc/bootstrap/upgrade
mode-script: /etc/bootstrap/mode

[product: centos]
upgrade-script: /etc/bootstrap/upgrade
mode-script: /etc/bootstrap/mode

[product: haproxy]
upgrade-script: /etc/bootstrap/upgrade
`,
  [`${CENTOS}/version`]: '',
  [`${CENTOS}/repository`]: '',
  [`${CENTOS}/status`]: '',
  [`${CENTOS}/lastmessage`]: '',
  'var/bootstrap/products/haproxy/version': '1.4.24\n',
  'var/bootstrap/products/haproxy/status': 'valid\n',
};

describe('migrate', () => {
  test('writes what the old tool left, and planning that shows no change', async (context) => {
    const world = worldFor(context, INSTALLATION);
    const path = `${world.root}/${DESIRED}`;
    expect(await runCli(world, ['migrate'])).toEqual({
      exitCode: 0,
      stdout: `Wrote ${path}.\nNext: look with bootstrap plan -f ${path}\n`,
      stderr: '',
    });
    expect(world.text(DESIRED)?.split('\n').slice(1).join('\n')).toBe(
      `# Taken over from what the old tool left on this server; the old tool's verbs edit it, and so may you.
# What runs, checks and watches the products stands in /etc/bootstrap/bootstrap.ini alone.
apiVersion: bootstrap/v1

server:
  mode: production

products:
  centos: {}

  gateway:
    version: "1.0"
    repository: trunk

  haproxy:
    version: "1.4.24"
`,
    );
    const before = world.list();
    expect(await runCli(world, ['plan'])).toEqual({
      exitCode: 0,
      stdout: `No changes. The server matches ${path}.\n`,
      stderr: '',
    });
    expect(await runCli(world, ['apply'])).toMatchObject({ exitCode: 0 });
    expect(world.text('log')).toBeNull();
    expect(world.list().filter((file) => !before.includes(file))).not.toContain('log');
  });

  test('writes over nothing unless it is told to, and to stdout where it is asked', async (context) => {
    const world = worldFor(context, { ...INSTALLATION, [DESIRED]: '# mine\n' });
    expect(await runCli(world, ['migrate'])).toMatchObject({ exitCode: 1, stdout: '' });
    const printed = await runCli(world, ['migrate', '-o', '-']);
    expect(printed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text(DESIRED)).toBe('# mine\n');
    expect(await runCli(world, ['migrate', '--force', '--quiet'])).toMatchObject({
      exitCode: 0,
      stdout: '',
    });
    expect(world.text(DESIRED)).toBe(printed.stdout);
  });

  test('says how to tell that haproxy and deepfiler serve, where monit and an init script know', async (context) => {
    const world = worldFor(context, {
      ...INSTALLATION,
      'etc/monit/monitrc': 'set httpd port 2812\n',
      'etc/init.d/deepfiler': '#!/bin/sh\ncase $1 in status) exit 0 ;; esac\n',
      'etc/init.d/centos': '#!/bin/sh\necho no such word >&2\nexit 2\n',
    });
    const { stdout } = await runCli(world, ['migrate', '-o', '-']);
    const asked = stdout.split('\n').filter((line) => /exec:|monit:/.test(line));
    expect(asked).toEqual([
      `      exec: [${world.root}/etc/init.d/deepfiler, status]  # as the old tool asked: its init script says so, exit 0`,
      '      monit: haproxy  # as the old tool asked: monit watches it',
    ]);
  });

  test('leaves a heartbeat of bootstrap.ini as it is', async (context) => {
    const ini = '[product: haproxy]\nheartbeat: http://127.0.0.1:1/healthz\n';
    const world = worldFor(context, {
      ...INSTALLATION,
      'etc/bootstrap/bootstrap.ini': ini,
      'etc/monit/monitrc': '',
    });
    const { stdout } = await runCli(world, ['migrate', '-o', '-']);
    expect(stdout).not.toContain('heartbeat');
  });

  test('of what cannot be read says so, and a verb then takes nothing over', async (context) => {
    const version = 'var/bootstrap/products/haproxy/version';
    const world = worldFor(context, { ...INSTALLATION, [version]: '' });
    const migrated = await runCli(world, ['migrate', '-o', '-']);
    expect(migrated.exitCode).toBe(1);
    expect(migrated.stderr).toContain(`${world.root}/${version} is empty`);
    const verb = await runCli(world, ['product.set', 'gateway', 'version', '2.0']);
    expect(verb).toMatchObject({ exitCode: 1, stdout: '' });
    expect(verb.stderr).toMatch(/^invalid-operation: .*haproxy\/version is empty/);
    expect(world.text(DESIRED)).toBeNull();
  });
});
