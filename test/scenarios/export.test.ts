import { statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { anyServer, filesOf } from '../app/servers.ts';
import { runCli } from '../rig/cli.ts';
import { createWorld, type FileTexts } from '../rig/world.ts';

const SERVER: FileTexts = {
  'etc/bootstrap/bootstrap.ini':
    '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini\n',
  'var/bootstrap/server-mode': 'idle\n',
  'var/bootstrap/products/web/version': '1.10\n',
  'etc/web.ini': 'port = 8080\n',
};

const SAMPLES = fc.sample(anyServer(), { numRuns: 6, seed: 42 });

describe('export', () => {
  test.each(SAMPLES.map((server, index) => [index, server] as const))(
    'is planned without a change: random server %i',
    async (_, server) => {
      const world = open(await filesOf(server));
      const out = ['-o', join(world.root, 'desired-state.yaml')];
      const done = await runCli(world, ['export', ...out]);
      expect(done).toMatchObject({ exitCode: 0, stdout: '' });
      const plan = await runCli(world, ['plan', '--detailed-exitcode']);
      expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0);
      expect(plan.stdout).toContain('No changes.');
    },
  );

  test('prints to stdout what it writes to a file', async () => {
    const world = open(SERVER);
    const shown = await runCli(world, ['export']);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    const [first = ''] = shown.stdout.split('\n');
    expect(first).toMatch(
      /^# yaml-language-server: \$schema=\/\S+\/schemas\/desired-state\.schema\.json$/,
    );
    expect(shown.stdout).toContain('port: 8080\n');
    expect(await runCli(world, ['export', '-o', 'site.yaml'])).toMatchObject({ exitCode: 0 });
    expect(world.text('site.yaml')).toBe(shown.stdout);
    // A config file may have kept from others what stands in it now.
    expect(statSync(join(world.root, 'site.yaml')).mode & 0o777).toBe(0o600);
    expect(await runCli(world, ['plan', '-f', 'site.yaml', '--detailed-exitcode'])).toMatchObject({
      exitCode: 0,
      stdout: 'No changes. The server matches site.yaml.\n',
    });
  });

  test('does not write over a file, unless it is told to', async () => {
    const world = open({ ...SERVER, 'site.yaml': 'mine\n' });
    expect(await runCli(world, ['export', '-o', 'site.yaml'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'error: site.yaml is there already: nothing was written\nfix: write over it with --force\n',
    });
    expect(world.text('site.yaml')).toBe('mine\n');
    await runCli(world, ['export', '-o', 'site.yaml', '--force']);
    expect(world.text('site.yaml')).toContain('version: "1.10"');
  });

  test('with --format json is JSON, which can be planned as it is', async () => {
    const world = open(SERVER);
    const { stdout } = await runCli(world, ['export', '--format', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      apiVersion: 'bootstrap/v1',
      server: { mode: 'idle' },
      products: { web: { version: '1.10', settings: { port: 8080 } } },
    });
    world.put({ 'desired-state.yaml': stdout });
    const plan = await runCli(world, ['plan', '--detailed-exitcode']);
    expect(plan).toMatchObject({ exitCode: 0 });
  });

  test('warns of what will not stay, and ends with 0', async () => {
    const world = open({ ...SERVER, 'var/bootstrap/server-mode': 'invalid\n' });
    const done = await runCli(world, ['export']);
    expect(done).toMatchObject({
      exitCode: 0,
      stderr:
        'warning: server.mode: /var/bootstrap/server-mode reads invalid; planning this shows the way to idle\n',
    });
  });

  test('ends with 1 where something could not be read, and writes the rest', async () => {
    const world = open({ ...SERVER, 'var/bootstrap/products/web/version': 'what is this\n' });
    const done = await runCli(world, ['export']);
    expect(done.exitCode).toBe(1);
    expect(done.stderr).toMatch(
      /^error: what could not be read was left alone\n {2}web: version: /,
    );
    expect(done.stdout).toContain('    # version cannot be read: ');
    world.put({ 'desired-state.yaml': done.stdout });
    const plan = await runCli(world, ['plan', '--detailed-exitcode']);
    expect(plan.exitCode, plan.stderr).toBe(0);
  });

  test('leaves a gap where the mode cannot be read, which validate then asks for', async () => {
    const world = open({ ...SERVER, 'var/bootstrap/server-mode': 'busy\n' });
    const done = await runCli(world, ['export']);
    expect(done.exitCode).toBe(1);
    expect(done.stdout).toContain('\nserver: {}\n  # mode: write idle or production, ');
    world.put({ 'desired-state.yaml': done.stdout });
    const validated = await runCli(world, ['validate']);
    expect(validated.exitCode).toBe(65);
    expect(validated.stderr).toContain('mode');
  });
});

function open(files: FileTexts) {
  const world = createWorld(files);
  onTestFinished(() => world.end());
  return world;
}
