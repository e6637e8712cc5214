// What of a plan is bound to fail is found before anything moves: the plan is shown in full, what was found below it, and
// `apply` refuses as a whole.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { redact } from '../rig/redact.ts';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';

const NOTE = '#!/bin/sh\necho "$BOOTSTRAP_PRODUCT ${0##*/}" >>"$BOOTSTRAP_ROOT/log"\n';
const CHECK = `#!/bin/sh
{ echo "$1"; stat -c '%n %a' "$1" "\${1%/*}"; } >>"$BOOTSTRAP_ROOT/checked"
grep -n broken "$1" && exit 3
exit 0
`;
const desired = (port: string): string => `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  proxy: {settings: {port: ${port}}}
  web: {version: "2"}
`;

describe.concurrent('a script that may not be run', () => {
  test.for<readonly [why: string, text: string, bits: string, said: string]>([
    ['is not executable', NOTE, '0644', 'it is not executable (0644)'],
    ['has no interpreter', NOTE.replace('/bin/sh', '/no/sh'), '0755', '/no/sh does not exist'],
    ['ends its first line in CR', NOTE.replace('sh\n', 'sh\r\n'), '0755', 'ends in CR'],
  ])('because it %s is found below the whole plan', async ([, text, bits, said], context) => {
    const world = await serverFor(context);
    world.put({ 'etc/bootstrap/upgrade': text, 'desired-state.yaml': desired('2') });
    world.chmod({ 'etc/bootstrap/upgrade': bits });
    const planned = await runCli(world, ['plan']);
    expect(planned).toMatchObject({ exitCode: 78, stderr: '' });
    const [actions = '', found = ''] = planned.stdout.split('\nFound before anything was done:\n');
    expect(actions).toContain('  ~ set      proxy  port 1 -> 2  settings differ  [exact]\n');
    expect(actions).toContain('  ^ upgrade  web    1 -> 2       version differs  [opaque]\n');
    expect(found).toContain(said);
    expect(found).toContain('; fix: ');
    await expectNothingDone(world, 78);
  });
});

describe.concurrent('a config-check', () => {
  test('that refuses the new file is told by plan, and nothing is applied, no other product either', async (context) => {
    const world = await serverFor(context);
    world.put({ 'desired-state.yaml': desired('broken') });
    const planned = await runCli(world, ['plan']);
    expect(planned).toMatchObject({ exitCode: 1, stderr: '' });
    expect(redact(planned.stdout, world.root)).toContain(`
Found before anything was done:
  config-refused: proxy/set: the new config file was refused: ROOT/etc/check {file} failed with exit code 3
    3:port = broken
    fix: correct the settings of proxy; the file in place was not touched

Plan: 2 to do (1 set, 1 upgrade), 0 unchanged.
`);
    await expectNothingDone(world, 1);
  });

  test('that refuses keeps no other product from being applied with --on-failure continue', async (context) => {
    const world = await serverFor(context);
    world.put({ 'desired-state.yaml': desired('broken') });
    const applied = await runCli(world, ['apply', '--yes', '--on-failure', 'continue']);
    expect(applied.stderr).toContain('error: proxy/set: the new config file was refused');
    expect(applied.exitCode).toBe(3);
    expect(world.text('etc/proxy.ini')).toContain('port = 1\n');
    expect(world.text('var/bootstrap/products/proxy/status')).toBe('valid\n');
    expect(world.text('var/bootstrap/products/web/version')).toBe('2\n');
  });

  test('of a plan is given a private copy of the name of the file, which is gone afterwards', async (context) => {
    const world = await serverFor(context);
    world.put({ 'desired-state.yaml': desired('2'), checked: null });
    expect(await runCli(world, ['plan'])).toMatchObject({ exitCode: 0, stderr: '' });
    const [file = '', ...bits] = (world.text('checked') ?? '').trimEnd().split('\n');
    expect(file).toMatch(/\/proxy\.ini$/);
    expect(file.startsWith(world.root)).toBe(false);
    expect(bits).toEqual([`${file} 600`, `${dirname(file)} 700`]);
    expect(existsSync(dirname(file))).toBe(false);
  });

  test('is run for a product that no script brings, also when it is new', async (context) => {
    const world = worldFor(context, {
      'desired-state.yaml': desired('broken').replace('proxy: {', 'proxy: {version: "1", '),
    });
    const planned = await runCli(world, ['plan']);
    expect(planned.stdout).toContain('config-refused: proxy/provision: the new config file');
    expect(planned.exitCode).toBe(1);
    const applied = await runCli(world, ['apply', '--yes']);
    expect(applied.exitCode).toBe(1);
    expect(world.text('var')).toBeNull();
  });

  const checkedBy = (check: string, more = ''): FileTexts => ({
    'etc/bootstrap/bootstrap.ini': `[product: proxy]
config-file = /etc/proxy.ini
config-format = ini
config-check = ${check}
${more}`,
    'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products: {proxy: {version: "1", settings: {port: 1}}}
`,
  });
  test('whose program is not there yet is no finding, and the plan predicts', async (context) => {
    const world = worldFor(context, checkedBy('/no/such/check {file}'));
    const planned = await runCli(world, ['plan']);
    expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
    expect(planned.stdout).not.toContain('Found');
    expect(planned.stdout).toMatch(/provision {2}proxy .* \[predicted\]\n/);
  });

  test('of a product that is upgraded first is left to the program that it then has', async (context) => {
    const upgrade = 'upgrade-script = /etc/bootstrap/upgrade\n';
    const world = worldFor(context, checkedBy('/bin/true {file}', upgrade));
    expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0 });
    world.put({
      ...checkedBy('/bin/false {file}', upgrade),
      'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products: {proxy: {version: "2", settings: {port: 2}}}
`,
    });
    const planned = await runCli(world, ['plan']);
    expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
    expect(planned.stdout).toMatch(/~ set +proxy +port 1 -> 2 .* \[predicted\]\n/);
  });

  test('whose program comes between plan and apply does not make a saved plan stale', async (context) => {
    const world = worldFor(context);
    world.put(checkedBy(`${world.root}/etc/later {file}`));
    expect(await runCli(world, ['plan', '--out', 'plan.json'])).toMatchObject({ exitCode: 0 });
    world.put({ 'etc/later': CHECK });
    const applied = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect(applied.stdout).toMatch(/provision {2}proxy .* \[exact\]\n/);
  });
});

function worldFor({ onTestFinished }: TestContext, files: FileTexts = {}): World {
  const world = createWorld({
    'etc/bootstrap/upgrade': NOTE,
    'etc/check': CHECK,
    'desired-state.yaml': desired('1').replace('"2"', '"1"'),
  });
  onTestFinished(() => world.end());
  // Words of a command line do not stand under --root.
  world.put({
    'etc/bootstrap/bootstrap.ini': `[product: web]
upgrade-script = /etc/bootstrap/upgrade

[product: proxy]
config-file   = /etc/proxy.ini
config-format = ini
config-check  = ${world.root}/etc/check {file}
`,
    ...files,
  });
  return world;
}

/** A server at port 1 and version 1. */
async function serverFor(context: TestContext): Promise<World> {
  const world = worldFor(context);
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0, stderr: '' });
  world.put({ log: '' });
  return world;
}

async function expectNothingDone(world: World, exitCode: number): Promise<void> {
  const status = world.text('var/bootstrap/status.json');
  const applied = await runCli(world, ['apply', '--yes']);
  expect(applied.exitCode).toBe(exitCode);
  expect(applied.stdout).toMatch(/\nEnded failed: 2 not started in .*\n$/);
  expect(world.text('log')).toBe('');
  expect(world.text('etc/proxy.ini')).toContain('port = 1\n');
  expect(world.text('var/bootstrap/products/web/version')).toBe('1\n');
  expect(world.text('var/bootstrap/server-mode')).toBe('idle\n');
  expect(world.text('var/bootstrap/status.json')).toBe(status);
}
