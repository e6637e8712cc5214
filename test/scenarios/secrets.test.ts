import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli, startCli, type Ran } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

const CANARY = 'Canary+/"7 f00';
const SECOND_CANARY = 'second=Canary=42';

const SCRIPT = `#!/bin/sh
secret=$(cat | sed -n 's/.*"key":"\\(.*\\)"},"ch.*/\\1/p')
echo "plain: $secret"
cat "$BOOTSTRAP_ROOT/run/secrets/key"
base64 < "$BOOTSTRAP_ROOT/run/secrets/key"
printf %s "$(cut -c 1-6 "$BOOTSTRAP_ROOT/run/secrets/key")"
cut -c 7- "$BOOTSTRAP_ROOT/run/secrets/key" >&1
echo "$BOOTSTRAP_PRODUCT was told" > "$BOOTSTRAP_ROOT/told"
ps -ef >> "$BOOTSTRAP_ROOT/processes"
`;

const INI = `[bootstrap]
server-type: gateway
[product: gateway]
config-file = /etc/gateway.ini
config-format = ini
set-script = /etc/bootstrap/set-gateway
probe-script = /etc/bootstrap/probe-gateway
[product: haproxy]
config-file = /etc/haproxy.cfg
config-format = template
config-template = /etc/bootstrap/haproxy.tmpl
config-check = /bin/cat {file}
`;

function desired(gateway: string, haproxy: string): string {
  return `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  gateway: {version: "1", settings: {port: 1, tls: {key: ${gateway}}}}
  haproxy: {version: "1", settings: {maxconn: 10, password: ${haproxy}}}
`;
}

const FROM_FILE = '{fromFile: /run/secrets/key}';
const FROM_ENV = '{fromEnv: HAPROXY_PASSWORD}';
const ENV = { HAPROXY_PASSWORD: SECOND_CANARY };

let world: World;

beforeEach(() => {
  world = createWorld({
    'etc/bootstrap/bootstrap.ini': INI,
    'etc/bootstrap/set-gateway': SCRIPT,
    'etc/bootstrap/probe-gateway': `#!/bin/sh
[ -e "$BOOTSTRAP_ROOT/told" ] || exit 3
printf '{"version":"1"}'
cat "$BOOTSTRAP_ROOT/run/secrets/key" >&2
`,
    'etc/bootstrap/haproxy.tmpl':
      'maxconn {{ settings.maxconn }}\npassword {{ settings.password }}\n',
    'run/secrets/key': `${CANARY}\n`,
    'desired-state.yaml': desired(FROM_FILE, FROM_ENV),
  });
  world.chmod({ 'run/secrets/key': '0600' });
});

afterEach(() => {
  world.end();
});

async function apply(...flags: readonly string[]): Promise<Ran> {
  return await runCli(world, ['apply', '--yes', ...flags], ENV);
}

/** Every file of the world but those that are meant to hold secrets, by what of a canary stands in it. */
function leaks(texts: Readonly<Record<string, string>>): readonly string[] {
  const encoded = Buffer.from(CANARY).toString('base64').slice(0, 12);
  const canaries = [CANARY, SECOND_CANARY, JSON.stringify(CANARY).slice(1, -1), encoded];
  return Object.entries(texts).flatMap(([where, text]) =>
    canaries.filter((canary) => text.includes(canary)).map((canary) => `${where}: ${canary}`),
  );
}

const MEANT: ReadonlySet<string> = new Set([
  'etc/gateway.ini',
  'etc/haproxy.cfg',
  'run/secrets/key',
]);

function writtenFiles(): Readonly<Record<string, string>> {
  const files = world.list().filter((path) => !MEANT.has(path));
  return Object.fromEntries(files.map((path) => [path, world.text(path) ?? '']));
}

describe('a secret is where it is meant to be, and nowhere else', () => {
  test('through plan, apply, status and drift, as text and as JSON', async () => {
    const outputs: Record<string, string> = {};
    const run = async (name: string, ...args: readonly string[]): Promise<number | null> => {
      const { exitCode, stdout, stderr } = await runCli(world, args, ENV);
      outputs[name] = stdout + stderr;
      return exitCode;
    };
    expect(await run('plan', 'plan', '-v')).toBe(0);
    expect(await run('apply', 'apply', '--yes', '-v')).toBe(0);
    expect(world.text('told'), 'the set-script was run').not.toBeNull();
    expect(world.text('etc/gateway.ini')).toContain(`key = ${CANARY}`);
    expect(world.text('etc/haproxy.cfg')).toBe(`maxconn 10\npassword ${SECOND_CANARY}\n`);
    expect(await run('no-op', 'apply')).toBe(0);
    expect(outputs['no-op']).toContain('No changes.');
    world.put({ 'etc/haproxy.cfg': `maxconn 10\npassword ${SECOND_CANARY}2\n` });
    expect(await run('drift', 'plan', '-v', '--detailed-exitcode')).toBe(2);
    expect(await run('drift json', 'plan', '--format', 'json')).toBe(0);
    expect(await run('status', 'status', '--format', 'json')).toBe(0);
    expect(await run('events', 'apply', '--yes', '--format', 'json')).toBe(0);
    expect(leaks({ ...outputs, ...writtenFiles() })).toEqual([]);
  });

  test('when the scripts and checks that see it fail', async () => {
    world.put({
      'etc/bootstrap/set-gateway': `${SCRIPT}exit 1\n`,
      'etc/bootstrap/bootstrap.ini': INI.replace('/bin/cat {file}', '/bin/sh -e {file}'),
    });
    const { exitCode, stdout, stderr } = await apply('-v', '--on-failure', 'continue');
    expect(exitCode).toBe(4);
    expect(leaks({ stdout, stderr, ...writtenFiles() })).toEqual([]);
  });

  test('in the process list, while a script runs', async () => {
    world.put({
      'etc/bootstrap/set-gateway': `#!/bin/sh\ncat > /dev/null\ntouch "$BOOTSTRAP_ROOT/told"\nread -r _ < "$BOOTSTRAP_ROOT/go" || :\n`,
      'go.sh': '#!/bin/sh\nmkfifo "$1"\n',
    });
    const { spawnSync } = await import('node:child_process');
    spawnSync(join(world.root, 'go.sh'), [join(world.root, 'go')]);
    const running = startCli(world, ['apply', '--yes'], ENV);
    await expect.poll(() => world.text('told'), { timeout: 10_000 }).not.toBeNull();
    const lines = commandLines();
    spawnSync('/bin/sh', ['-c', `echo > ${join(world.root, 'go')}`]);
    expect((await running.ended).exitCode).toBe(0);
    expect(leaks({ processes: lines })).toEqual([]);
  });
});

// The environment too, of every process but our own command line, which was given one of them that way.
function commandLines(): string {
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

describe('a secret that changes', () => {
  test('is written again, shown without its value', async () => {
    await apply();
    world.put({ 'run/secrets/key': 'new-Canary\n' });
    world.chmod({ 'run/secrets/key': '0600' });
    const plan = await runCli(world, ['plan'], ENV);
    expect(plan.stdout).toContain('tls.key (secret) -> (secret fromFile /run/secrets/key)');
    expect(plan.stdout).not.toContain('Canary');
    expect((await apply()).exitCode).toBe(0);
    expect(world.text('etc/gateway.ini')).toContain('key = new-Canary');
    expect((await runCli(world, ['plan', '--detailed-exitcode'], ENV)).exitCode).toBe(0);
  });

  test('shows no value when the reference is taken away', async () => {
    await apply();
    world.put({ 'desired-state.yaml': desired('"-"', FROM_ENV) });
    const { stdout } = await runCli(world, ['plan', '-v'], ENV);
    expect(stdout).toContain('tls.key (secret) -> ');
    expect(leaks({ stdout })).toEqual([]);
  });
});

describe('a secret that cannot be had', () => {
  test.each([
    ['is not there', { 'run/secrets/key': null }, undefined, 'there is no such secret'],
    ['can be read by everybody', {}, '0604', 'chmod o-r'],
    ['has a line break in an ini file', { 'run/secrets/key': 'a\nb\n' }, '0600', 'line'],
  ])('because it %s, is named, and nothing is done about it', async (_, files, bits, why) => {
    world.put(files);
    if (bits !== undefined) world.chmod({ 'run/secrets/key': bits });
    const { exitCode, stdout, stderr } = await apply();
    expect(exitCode).toBe(1);
    expect(stdout + stderr).toContain('(secret fromFile /run/secrets/key)');
    expect(stdout + stderr).toContain(why);
    expect(world.text('etc/gateway.ini')).toBeNull();
  });

  test('because the template changes it, is refused', async () => {
    world.put({ 'etc/bootstrap/haproxy.tmpl': 'p {{ settings.password | upcase }}\n' });
    const { exitCode, stderr } = await apply();
    expect(exitCode).toBe(78);
    expect(stderr).toContain('the template changes or tests a secret');
  });

  test.each([
    '{fromFile: run/key}',
    '{fromFile: /a, fromEnv: B}',
    '{fromEnv: "a b"}',
    '{fromCredential: ../x}',
    '{fromFile: /a, also: 1}',
  ])('because %s is no reference, is refused with its place', async (reference) => {
    world.put({ 'desired-state.yaml': desired(reference, FROM_ENV) });
    const { exitCode, stderr } = await runCli(world, ['validate'], ENV);
    expect(exitCode).toBe(65);
    expect(stderr).toMatch(/desired-state\.yaml:4:\d+: error\[bad-secret-reference\]/);
  });
});
