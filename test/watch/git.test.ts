// `bootstrap watch --git` on real repositories: what is lawful is applied, what is not changes nothing, and a remote that is gone is waited for.
import { renameSync } from 'node:fs';
import { describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { runCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';
import { createRepository, type Repository } from '../source/repository.ts';
import { startWatch, type SeenRun, type Watching } from './watching.ts';

const desired = (version: string, metadata = ''): string => `apiVersion: bootstrap/v1
metadata: {name: web-1${metadata}}
server: {mode: idle}
products:
  web: {version: "${version}", settings: {port: 1}}
`;
const SERVER = {
  'etc/bootstrap/bootstrap.ini': `[product: web]
upgrade-script = /etc/bootstrap/upgrade
config-file    = /etc/web.ini
config-format  = ini
`,
  'etc/bootstrap/upgrade': '#!/bin/sh\necho "$2" >>"$BOOTSTRAP_ROOT/upgrades"\n',
};

const isDone = ({ exitCode }: SeenRun): boolean => exitCode === 0;
const failsWith =
  (code: string) =>
  ({ failures: [first] }: SeenRun): boolean =>
    first?.code === code;

interface Kept {
  readonly world: World;
  readonly repository: Repository;
  readonly watch: Watching;
}

/** A server that watches a repository, in which version 1 was applied. */
async function keptByGit(context: TestContext, text = desired('1')): Promise<Kept> {
  const repository = createRepository(context);
  const world = createWorld(SERVER);
  context.onTestFinished(() => world.end());
  repository.push({ 'servers/web.yaml': text });
  const args = ['--git', repository.url, '--ref', 'main', '--path', 'servers/web.yaml'];
  const watch = startWatch(world, context, [...args, '--interval', '200ms']);
  await until(() => watch.runs().length > 0);
  return { world, repository, watch };
}

function upgrades(world: World): readonly string[] {
  return world.text('upgrades')?.trim().split('\n') ?? [];
}

describe.concurrent('a server that is kept by git', () => {
  test('is brought to each commit, and other commands know the last one', async (context) => {
    const { world, repository, watch } = await keptByGit(context);
    const commit = repository.push({ 'servers/web.yaml': desired('2') });
    await until(() => upgrades(world).includes('2'));
    await watch.nextRun(isDone);
    const status = await runCli(world, ['status', '--format', 'json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ products: { web: { sync: 'Synced' } } });
    const plan = await runCli(world, ['plan']);
    expect(plan.stdout).toBe(
      `No changes. The server matches ${repository.url}@${commit.slice(0, 7)}:servers/web.yaml.\n`,
    );
    expect(world.text('var/bootstrap/trust.json')).toContain(commit);
  });

  test('stays as it is where history was rewritten, until somebody says it is right', async (context) => {
    const { world, repository, watch } = await keptByGit(context);
    const first = repository.head();
    repository.push({ 'servers/web.yaml': desired('2') });
    await until(() => upgrades(world).includes('2'));
    await watch.nextRun(isDone);
    repository.git('reset', '--quiet', '--hard', first);
    const other = repository.push({ 'servers/web.yaml': desired('3') });
    await watch.nextRun(failsWith('untrusted'));
    // What was applied stays, and is looked after.
    const config = world.text('etc/web.ini');
    world.put({ 'etc/web.ini': 'by = hand\n' });
    await until(() => world.text('etc/web.ini') === config);
    expect(upgrades(world)).toEqual(['1', '2']);
    const status = await runCli(world, ['status']);
    expect(status.stdout).toContain('SpecValid=False');
    expect(status.stdout).toContain('history was rewritten');
    await until(() => world.text('run/bootstrap/lock') === null);
    let reset = await runCli(world, ['trust', 'reset', '--to', other]);
    for (let tries = 0; reset.exitCode === 75 && tries < 20; tries++)
      reset = await runCli(world, ['trust', 'reset', '--to', other]);
    expect(reset.exitCode).toBe(0);
    await until(() => upgrades(world).includes('3'));
  });

  test.for([
    ['a lower serial', desired('2', ', serial: 6'), 'serial'],
    ['no serial any more', desired('2'), 'serial'],
    ['an end that is past', desired('2', ', serial: 8, expires: "2020-01-01T00:00:00Z"'), '2020'],
    [
      'the id of another machine',
      desired('2', `, serial: 8, machineId: ${'f'.repeat(32)}`),
      'machine',
    ],
  ] as const)('takes nothing with %s', async ([, text, why], context) => {
    const { world, repository, watch } = await keptByGit(context, desired('1', ', serial: 7'));
    repository.push({ 'servers/web.yaml': text });
    const run = await watch.nextRun(failsWith('untrusted'));
    expect(run.failures[0]?.summary).toContain(why);
    expect(upgrades(world)).toEqual(['1']);
    repository.push({ 'servers/web.yaml': desired('3', ', serial: 8') });
    await until(() => upgrades(world).includes('3'));
  });

  test('waits for a remote that is gone, and changes nothing meanwhile', async (context) => {
    const { world, repository, watch } = await keptByGit(context);
    renameSync(repository.url, `${repository.url}.gone`);
    await watch.nextRun(failsWith('source-unreachable'));
    const status = await runCli(world, ['status']);
    expect(status.stdout).toContain('SpecValid=Unknown  SourceUnreachable');
    watch.kill('SIGKILL');
    await watch.ended;
    const args = ['--git', repository.url, '--ref', 'main', '--path', 'servers/web.yaml'];
    const again = startWatch(world, context, [...args, '--interval', '200ms']);
    await until(() => again.runs().some(failsWith('source-unreachable')));
    expect(upgrades(world)).toEqual(['1']);
    const config = world.text('etc/web.ini');
    world.put({ 'etc/web.ini': 'by = hand\n' });
    again.kill('SIGHUP');
    await until(() => world.text('etc/web.ini') === config);
    renameSync(`${repository.url}.gone`, repository.url);
    repository.push({ 'servers/web.yaml': desired('2') });
    again.kill('SIGHUP');
    await until(() => upgrades(world).includes('2'));
  });

  test('does not wait for a heartbeat of a commit that has a successor', async (context) => {
    const working = (version: string, beat: string): string =>
      desired(version)
        .replace('idle', 'production')
        .replace('port: 1}', `port: 1}, heartbeat: ${beat}`);
    const { world, repository, watch } = await keptByGit(
      context,
      working('1', '{file: /etc/web.ini}'),
    );
    repository.push({
      'servers/web.yaml': working('2', '{file: /up, deadline: 300s, interval: 50ms}'),
    });
    await until(() => upgrades(world).includes('2'));
    repository.push({ 'servers/web.yaml': working('3', '{file: /etc/web.ini}') });
    await until(() => watch.runs().some(failsWith('superseded')));
    await watch.nextRun(isDone);
    expect(world.text('var/bootstrap/products/web/version')).toBe('3\n');
  });
});

describe('what names no repository is refused, with --git', () => {
  test.each([
    ['ext::sh -c id', []],
    ['--upload-pack=id', []],
    ['/srv/r.git', ['--ref', '--output=x']],
    ['/srv/r.git', ['--path', '../etc/passwd']],
    ['/srv/r.git', ['-f', 'desired-state.yaml']],
  ])('%s %s', async (url, more) => {
    const world = createWorld(SERVER);
    const ran = await runCli(world, ['watch', `--git=${url}`, ...more]);
    world.end();
    expect(ran.exitCode).toBe(64);
  });
});
