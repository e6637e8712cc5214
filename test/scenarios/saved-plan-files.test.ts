// A saved plan as a file: who may read it, what is no such file, what it is not used with, and how `show` renders it.
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { runCli, type Ran } from '../rig/cli.ts';
import { redact } from '../rig/redact.ts';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';

const INI = '[product: web]\nupgrade-script = /etc/bootstrap/upgrade\n';
const SERVER: FileTexts = {
  'etc/bootstrap/bootstrap.ini': INI,
  'etc/bootstrap/upgrade': '#!/bin/sh\necho "upgrade $2" >>"$BOOTSTRAP_ROOT/log"\n',
  'desired-state.yaml':
    'apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {version: "1"}}\n',
};
const RENDERED = `bootstrap will perform these actions:
  > mode       server  unprovisioned -> provisioning  first apply  [exact]
  + provision  web     (none) -> 1                    not installed  [opaque]
  > mode       server  provisioning -> idle           first apply  [exact]

Plan: 3 to do (2 mode, 1 provision), 0 unchanged.
`;

describe.concurrent('a saved plan', () => {
  test('is for its owner only, also where a file was there, and nothing else is written', async (context) => {
    const world = worldFor(context, { 'plan.json': 'old\n' });
    chmodSync(join(world.root, 'plan.json'), 0o644);
    const before = world.list();
    const planned = await runCli(world, ['plan', '--out', 'plan.json']);
    expect(planned).toEqual({
      exitCode: 0,
      stdout: `${RENDERED}Saved. To do exactly this: bootstrap apply plan.json\n`,
      stderr: '',
    });
    expect(statSync(join(world.root, 'plan.json')).mode & 0o777).toBe(0o600);
    expect(world.list()).toEqual(before);
  });

  test('that cannot be written is a failure, and no plan is shown as saved', async (context) => {
    const world = worldFor(context, { 'plans/here': '' });
    const planned = await runCli(world, ['plan', '--out', 'plans']);
    expect(planned).toMatchObject({ exitCode: 1, stdout: '' });
    expect(planned.stderr).toContain(`error: cannot write ${world.root}/plans: `);
  });

  test.for<readonly [what: string, change: (text: string) => string, why: string]>([
    ['edited', (text) => text.replaceAll('"1"', '"2"'), 'it was changed since it was saved'],
    ['cut short', (text) => text.slice(0, text.length / 2), 'it is not a saved plan'],
    ['empty', () => '', 'it is not a saved plan'],
    ['another JSON object', () => '{"plan": {}}', 'it is not a saved plan'],
    ['a JSON list', () => '["schema"]', 'it is not a saved plan'],
    [
      'of a newer format',
      (text) => text.replace('saved-plan/1', 'saved-plan/2'),
      'its format is "bootstrap.saved-plan/2", not bootstrap.saved-plan/1',
    ],
    [
      'the plan that --format json prints',
      (text) => JSON.stringify(savedIn(text).plan),
      'its format is "bootstrap.plan/1", not bootstrap.saved-plan/1',
    ],
  ])('is refused as %s, by apply and by show', async ([, change, why], context) => {
    const world = await plannedWorld(context);
    world.put({ 'plan.json': change(world.text('plan.json') ?? '') });
    for (const args of [
      ['apply', 'plan.json', '--yes'],
      ['show', 'plan.json'],
    ]) {
      const ran = await runCli(world, args);
      expect(redact(ran.stderr, world.root)).toBe(
        `error: the saved plan ROOT/plan.json cannot be used: ${why}\nfix: make a new one: bootstrap plan --out FILE\n`,
      );
      expect(ran).toMatchObject({ exitCode: 65, stdout: '' });
    }
    expect(world.text('var')).toBeNull();
  });

  test('that is not there is refused', async (context) => {
    const world = worldFor(context);
    const { exitCode, stderr } = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(exitCode).toBe(65);
    expect(stderr).toContain('plan.json cannot be used: there is no such file\n');
  });

  test.for<readonly [args: readonly string[], why: string]>([
    [['-f', 'desired-state.yaml'], '--file: a saved plan has its own files and choices'],
    [['--only', 'web'], '--only: a saved plan has its own files and choices'],
    [['--allow-remove', 'web'], '--allow-remove: a saved plan has its own files and choices'],
    [['--max-changes', '9'], '--max-changes: a saved plan has its own files and choices'],
  ])('is not used with %s', async ([args, why], context) => {
    const world = await plannedWorld(context);
    const ran = await runCli(world, ['apply', 'plan.json', '--yes', ...args]);
    expect(ran).toMatchObject({ exitCode: 64, stdout: '' });
    expect(ran.stderr).toContain(`error: ${why}\n`);
    expect(world.text('var')).toBeNull();
  });

  test('is not used for another root', async (context) => {
    const [world, other] = [await plannedWorld(context), worldFor(context)];
    const ran = await runCli(other, ['apply', join(world.root, 'plan.json'), '--yes']);
    expect(ran).toEqual({
      exitCode: 64,
      stdout: '',
      stderr: `error: the plan is for the server at ${world.root}\nfix: give --root ${world.root}\n`,
    });
    expect(other.text('var')).toBeNull();
  });

  test('is what --resume needs', async (context) => {
    const ran = await runCli(worldFor(context), ['apply', '--resume', '--yes']);
    expect(ran).toMatchObject({ exitCode: 64, stdout: '' });
    expect(ran.stderr).toContain('error: --resume needs the saved plan that was begun\n');
  });
});

describe.concurrent('show', () => {
  test('renders a plan that can be applied as it was made', async (context) => {
    const world = await plannedWorld(context);
    const shown = await runCli(world, ['show', 'plan.json']);
    expect(shown).toEqual({ exitCode: 0, stdout: RENDERED, stderr: '' });
  });

  const STALE = `This plan is stale: it can no longer be applied.
  desired ROOT/desired-state.yaml: is changed
  facts server-mode: is changed

`;
  const unknown = (why: string): string => `Whether this plan is stale is not known.\n  ${why}\n\n`;
  test.for<readonly [what: string, files: FileTexts, banner: string]>([
    [
      'a stale plan, below everything that moved',
      {
        'desired-state.yaml': `${SERVER['desired-state.yaml']}# more\n`,
        'var/bootstrap/server-mode': 'idle\n',
      },
      STALE,
    ],
    [
      'a plan for a server without a desired state',
      { 'desired-state.yaml': null },
      unknown('no desired state: desired-state.yaml does not exist'),
    ],
    [
      'a plan for a server without bootstrap.ini',
      { 'etc/bootstrap/bootstrap.ini': null },
      unknown(
        'ROOT/etc/bootstrap/bootstrap.ini does not exist: nothing says what this server can run',
      ),
    ],
    [
      'a plan for a server whose used plans cannot be read',
      { 'var/bootstrap/plans-used/folder': '' },
      'Whether this plan is stale is not known.\n  cannot read ROOT/var/bootstrap/plans-used: ',
    ],
  ])('renders %s', async ([, files, banner], context) => {
    const world = await plannedWorld(context);
    world.put(files);
    const shown = await runCli(world, ['show', 'plan.json']);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    const stdout = redact(shown.stdout, world.root);
    expect(stdout.slice(0, banner.length)).toBe(banner);
    expect(stdout.endsWith(`\n\n${RENDERED}`)).toBe(true);
  });

  test('renders a plan that was applied, in every format, the banner beside what programs read', async (context) => {
    const world = await plannedWorld(context);
    await runCli(world, ['apply', 'plan.json', '--yes']);
    const banner = 'This plan was applied already, or begun.\n\n';
    expect(await runCli(world, ['show', 'plan.json'])).toEqual({
      exitCode: 0,
      stdout: banner + RENDERED,
      stderr: '',
    });
    const outputs = new Map<string, Ran>();
    for (const format of ['json', 'markdown', 'mermaid', 'github'])
      outputs.set(format, await runCli(world, ['show', 'plan.json', '--format', format]));
    for (const ran of outputs.values()) expect(ran).toMatchObject({ exitCode: 0, stderr: banner });
    expect(JSON.parse(outputs.get('json')?.stdout ?? '')).toEqual(
      savedIn(world.text('plan.json') ?? '').plan,
    );
    expect(outputs.get('markdown')?.stdout).toContain('web');
    expect(outputs.get('mermaid')?.stdout).toContain('provision web');
  });
});

function savedIn(text: string): { readonly plan: unknown } {
  return JSON.parse(text) as { readonly plan: unknown };
}

function worldFor({ onTestFinished }: TestContext, files: FileTexts = {}): World {
  const world = createWorld({ ...SERVER, ...files });
  onTestFinished(() => world.end());
  return world;
}

/** A world in which a plan of a first apply was saved. */
async function plannedWorld(context: TestContext): Promise<World> {
  const world = worldFor(context);
  const planned = await runCli(world, ['plan', '--out', 'plan.json']);
  expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
  return world;
}
