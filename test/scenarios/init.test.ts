import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

const INI = 'etc/bootstrap/bootstrap.ini';
const YAML = 'etc/bootstrap/desired-state.yaml';
const FIRST_PLAN = 'Plan: 2 to do (2 mode), 0 unchanged.';

describe('init', () => {
  test('writes two files that can be validated and planned at once', async () => {
    const world = open();
    expect(await runCli(world, ['init'])).toEqual({
      exitCode: 0,
      stdout: `Wrote ${world.root}/${INI}.
Wrote ${world.root}/${YAML}.
Next: change them, and look with bootstrap plan --root ${world.root} -f ${world.root}/${YAML}
`,
      stderr: '',
    });
    expect(world.list()).toEqual([INI, YAML]);
    expect(await runCli(world, ['validate'])).toMatchObject({ exitCode: 0, stderr: '' });
    const plan = await runCli(world, ['plan']);
    expect(plan).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(FIRST_PLAN) });
    expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await runCli(world, ['plan', '--detailed-exitcode'])).toMatchObject({ exitCode: 0 });
  });

  test('puts the desired state where it is told to', async () => {
    const world = open();
    expect(await runCli(world, ['init', 'site/a'])).toMatchObject({ exitCode: 0 });
    expect(world.list()).toEqual([INI, 'site/a/desired-state.yaml']);
    const plan = await runCli(world, ['plan', '-f', 'site/a/desired-state.yaml']);
    expect(plan).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(FIRST_PLAN) });
  });

  test.each([
    [INI, YAML],
    [YAML, INI],
  ])('leaves %s as it is, and writes the other', async (mine, other) => {
    const world = open();
    world.put({ [mine]: 'mine\n' });
    const done = await runCli(world, ['init']);
    expect(done).toMatchObject({ exitCode: 0, stderr: '' });
    expect(done.stdout).toContain(`Wrote ${world.root}/${other}.\nKept ${world.root}/${mine}: `);
    expect(world.text(mine)).toBe('mine\n');
    expect(world.text(other)).toMatch(/^[#;] /);
  });

  test('writes nothing where both are there, and says so', async () => {
    const world = open();
    world.put({ [INI]: 'mine\n', [YAML]: 'mine too\n' });
    expect(await runCli(world, ['init'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `error: ${world.root}/${INI} and ${world.root}/${YAML} are there already: nothing was written
fix: change what is there, or remove it
`,
    });
    expect(world.text(INI)).toBe('mine\n');
    expect(world.text(YAML)).toBe('mine too\n');
  });

  test('tells programs what it wrote', async () => {
    const world = open();
    world.put({ [INI]: 'mine\n' });
    const { stdout } = await runCli(world, ['init', '--format', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      schema: 'bootstrap.init/1',
      written: [`${world.root}/${YAML}`],
      kept: [`${world.root}/${INI}`],
    });
  });

  test('its example works as it stands, once its signs are taken away', async () => {
    const world = open();
    await runCli(world, ['init']);
    const definition = world.text(INI)?.replaceAll(/^;(?=[[\w])/gm, '') ?? '';
    const desired = world.text(YAML)?.replace('products: {}', 'products:') ?? '';
    world.put({
      [INI]: definition,
      [YAML]: desired.replaceAll(/^#(?= {2}\S| {4}\S| {6}\S)/gm, ''),
    });
    expect(definition).toContain('\n[product: hello]\n');
    expect(await runCli(world, ['validate'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('is valid: 1 product(s)'),
      stderr: '',
    });
    expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0 });
    expect(world.text('etc/hello.ini')).toContain('\ngreeting = Hello!\nport = 8080\n');
    expect(await runCli(world, ['plan', '--detailed-exitcode'])).toMatchObject({ exitCode: 0 });
  });
});

function open(): World {
  const world = createWorld();
  onTestFinished(() => world.end());
  return world;
}
