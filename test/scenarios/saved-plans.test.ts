// A saved plan is carried out once, and only while everything it rests on is as it was. Rows of the failure list that
// concern planning (failures seen in other tools), and the tests that inject them:
//   same plan file twice on a virgin host         here: "is refused a second time, also on a virgin server"
//   no-op apply between plan and apply            here: "is still good after an apply that found nothing to do"
//   script, ini, fact or file edited in between   here: "is refused when … moved, and names it"
//   edited, cut or foreign plan file              saved-plan-files.test.ts: "is refused as …"
//   plan shown when stale, used, on a broken host saved-plan-files.test.ts: "show …"
//   failed half-way, then gone on with            resume.test.ts
//   protected product removed from the YAML       pruning.yaml: "a protected product outlives its block …"
//   secret in setting, check output, plan file    plan-secrets.test.ts: "no byte of a plan …"
//   ESC, BEL, CR in product version or settings   control-characters.test.ts
//   full disk before the first step               test/app/planning.test.ts: "a disk that is too full …"
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { runCli, startCli, type Ran } from '../rig/cli.ts';
import { redact } from '../rig/redact.ts';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';

const NOTE = `#!/bin/sh
echo "$BOOTSTRAP_PRODUCT \${0##*/} $2" >>"$BOOTSTRAP_ROOT/log"
`;
/** Waits for the file `gate`, ten seconds at most. */
const AT_THE_GATE = `tries=500
until [ -e "$BOOTSTRAP_ROOT/gate" ] || [ $((tries -= 1)) -eq 0 ]; do sleep 0.02; done
`;
const base = (version: string): string => `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  web: {version: "${version}", settings: {port: 80}}
  page: {settings: {title: hello}}
  agent: {version: "1"}
`;
const schema = (type: string): string =>
  `{"type": "object", "properties": {"port": {"type": "${type}"}}}\n`;
const SERVER: FileTexts = {
  'etc/bootstrap/bootstrap.ini': `[product: web]
upgrade-script  = /etc/bootstrap/upgrade
config-file     = /etc/web.ini
config-format   = ini
settings-schema = /etc/bootstrap/web.schema.json

[product: page]
config-file     = /etc/page.txt
config-format   = template
config-template = /etc/bootstrap/page.tmpl

[product: agent]
upgrade-script = /etc/bootstrap/upgrade
probe-script   = /etc/bootstrap/probe
`,
  'etc/bootstrap/upgrade': NOTE,
  'etc/bootstrap/probe': '#!/bin/sh\necho \'{"version": "1"}\'\n',
  'etc/bootstrap/web.schema.json': schema('integer'),
  'etc/bootstrap/page.tmpl': '{{ settings.title }}\n',
  'base.yaml': base('1'),
  'more.yaml': 'products: {page: {settings: {title: hello}}}\n',
};
const FILES = ['-f', 'base.yaml', '-f', 'more.yaml'];

describe('a saved plan', () => {
  let world: World;
  beforeAll(async () => {
    world = await appliedWorld();
    world.put({ 'base.yaml': base('2') });
    const planned = await runCli(world, ['plan', ...FILES, '--out', 'plan.json']);
    expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
    expect(planned.stdout).toContain('web  1 -> 2  version differs');
  });
  afterAll(() => world.end());

  test.for<readonly [what: string, path: string, text: string, moved: readonly string[]]>([
    ['the desired state', 'base.yaml', `${base('2')}# more\n`, ['desired ROOT/base.yaml']],
    ['a second file of it', 'more.yaml', '{}\n', ['desired ROOT/more.yaml']],
    [
      'bootstrap.ini',
      'etc/bootstrap/bootstrap.ini',
      `${SERVER['etc/bootstrap/bootstrap.ini']}# more\n`,
      ['ini ROOT/etc/bootstrap/bootstrap.ini'],
    ],
    [
      'a script that it runs',
      'etc/bootstrap/upgrade',
      `${NOTE}# more\n`,
      ['scripts ROOT/etc/bootstrap/upgrade'],
    ],
    [
      'a script that looked',
      'etc/bootstrap/probe',
      '#!/bin/sh\necho \'{ "version": "1" }\'\n',
      ['scripts ROOT/etc/bootstrap/probe'],
    ],
    [
      'a template',
      'etc/bootstrap/page.tmpl',
      '{{ settings.title }}!\n',
      ['templates ROOT/etc/bootstrap/page.tmpl'],
    ],
    [
      'a settings-schema',
      'etc/bootstrap/web.schema.json',
      schema('number'),
      ['schemas ROOT/etc/bootstrap/web.schema.json'],
    ],
    [
      'a config file on the server',
      'etc/web.ini',
      'port = 81\n',
      ['facts web.configText', 'facts web.settings', 'facts web.written'],
    ],
    [
      'the config file of a template',
      'etc/page.txt',
      'edited\n',
      ['facts page.configText', 'facts page.written'],
    ],
    [
      'a recorded version',
      'var/bootstrap/products/web/version',
      '3\n',
      ['facts web.recordedVersion', 'facts web.version'],
    ],
    ['a status', 'var/bootstrap/products/page/status', 'invalid\n', ['facts page.status']],
    ['a protection', 'var/bootstrap/products/agent/protect', 'yes\n', ['facts agent.protected']],
    ['the mode of the server', 'var/bootstrap/server-mode', 'production\n', ['facts server-mode']],
  ])('is refused when %s moved, and names it', async ([, path, text, moved]) => {
    const before = world.text(path);
    try {
      world.put({ [path]: text });
      const touched = contents(world);
      const ran = await runCli(world, ['apply', 'plan.json', '--yes']);
      expect(refusal(ran, world)).toBe(stale(moved.map((each) => `${each}: is changed`)));
      expect(ran.exitCode).toBe(5);
      expect(contents(world)).toEqual(touched);
    } finally {
      world.put({ [path]: before });
    }
  });

  test('is refused when a product came on record, and names it as new', async () => {
    const path = 'var/bootstrap/products/old/version';
    world.put({ [path]: '1\n' });
    const ran = await runCli(world, ['apply', 'plan.json', '--yes']);
    const facts = ['protected', 'status', 'version'];
    expect(refusal(ran, world)).toBe(
      stale(facts.map((fact) => `facts old.${fact}: was not there`)),
    );
    expect(ran.exitCode).toBe(5);
    world.put({ 'var/bootstrap/products/old': null });
  });

  test('that nobody confirmed is not used up, and all being as it was, it is applied', async () => {
    const untouched = contents(world);
    const unconfirmed = await runCli(world, ['apply', 'plan.json']);
    expect(unconfirmed.exitCode).toBe(6);
    expect(contents(world)).toEqual(untouched);
    const applied = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text('var/bootstrap/products/web/version')).toBe('2\n');
    expect(world.text('log')).toMatch(/web upgrade 2\n$/);
    const { planId } = JSON.parse(world.text('plan.json') ?? '').plan as { planId: string };
    expect(world.text('var/bootstrap/plans-used')).toBe(`${planId}\n`);
  });
});

describe.concurrent('a saved plan', () => {
  test('is refused a second time, also on a virgin server', async (context) => {
    const world = worldFor(context);
    await runCli(world, ['plan', ...FILES, '--out', 'plan.json']);
    expect(world.text('var')).toBeNull();
    const applied = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    const after = contents(world);
    const again = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(again.exitCode).toBe(5);
    expect(redact(again.stderr, world.root)).toBe(
      'error: the plan RUN_ID was applied already: a saved plan runs once\n' +
        'fix: make a new one with bootstrap plan --out FILE; one that was interrupted goes on with --resume\n',
    );
    expect(contents(world)).toEqual(after);
  });

  test('without anything to do is used up as well', async (context) => {
    const world = await appliedWorld();
    context.onTestFinished(() => world.end());
    await runCli(world, ['plan', ...FILES, '--out', 'plan.json']);
    const applied = await runCli(world, ['apply', 'plan.json']);
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect(applied.stdout).toBe('No changes. The server matches base.yaml + more.yaml.\n');
    expect((await runCli(world, ['apply', 'plan.json'])).exitCode).toBe(5);
  });

  test('is still good after an apply that found nothing to do', async (context) => {
    const world = await appliedWorld();
    context.onTestFinished(() => world.end());
    world.put({ 'next.yaml': base('2') });
    await runCli(world, ['plan', '-f', 'next.yaml', '--out', 'plan.json']);
    const idle = await runCli(world, ['apply', ...FILES]);
    expect(idle.stdout).toBe('No changes. The server matches base.yaml + more.yaml.\n');
    const applied = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text('var/bootstrap/products/web/version')).toBe('2\n');
  });

  test('keeps the choices it was made with', async (context) => {
    const world = await appliedWorld();
    context.onTestFinished(() => world.end());
    world.put({ 'base.yaml': base('0.9') });
    const choices = ['--only', 'web', '--allow-downgrade', 'web'];
    await runCli(world, ['plan', ...FILES, ...choices, '--out', 'plan.json']);
    const applied = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect(applied.stdout).toContain('Partial plan: --only web;');
    expect(world.text('var/bootstrap/products/web/version')).toBe('0.9\n');
  });

  test('can be made while another run holds the lock, and is stale once that has ended', async (context) => {
    const world = worldFor(context, { 'etc/bootstrap/upgrade': `${NOTE}${AT_THE_GATE}` });
    const holder = startCli(world, ['apply', ...FILES, '--yes', '--parallelism', '1']);
    context.onTestFinished(() => holder.kill('SIGKILL'));
    await until(() => world.text('log') !== null);
    const planned = await runCli(world, ['plan', ...FILES, '--out', 'plan.json']);
    expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
    const held = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(held.exitCode).toBe(75);
    world.put({ gate: '' });
    expect(await holder.ended).toMatchObject({ exitCode: 0 });
    const late = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(late.exitCode).toBe(5);
    expect(late.stderr).toContain('  facts server-mode: is changed\n');
  });
});

function worldFor({ onTestFinished }: TestContext, files: FileTexts = {}): World {
  const world = createWorld({ ...SERVER, ...files });
  onTestFinished(() => world.end());
  return world;
}

/** A server that was brought to version 1 of everything. */
async function appliedWorld(): Promise<World> {
  const world = createWorld(SERVER);
  expect(await runCli(world, ['apply', ...FILES, '--yes'])).toMatchObject({ exitCode: 0 });
  return world;
}

/** Every file of the world, byte for byte. */
function contents(world: World): Readonly<Record<string, string>> {
  const bytesOf = (path: string): string => readFileSync(join(world.root, path)).toString('latin1');
  return Object.fromEntries(world.list().map((path) => [path, bytesOf(path)]));
}

function refusal({ stderr }: Ran, { root }: World): string {
  return redact(stderr, root);
}

function stale(moved: readonly string[]): string {
  const lines = moved.map((each) => `  ${each}\n`).join('');
  return `error: the saved plan is stale: nothing was done\n${lines}fix: look at a new plan: bootstrap plan --out FILE\n`;
}
