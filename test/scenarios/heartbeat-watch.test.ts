// `heartbeat --watch` looks on until it is told to end: to a pipe a line a change, on a terminal a table that is drawn anew.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { startCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

const ESCAPE = '\u001b';
const CURSOR_UP = new RegExp(`${ESCAPE}\\[\\dA${ESCAPE}\\[J`);
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
/** Once there, it is there to stay; the other one comes and goes with its file. */
const DESIRED = `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  web:
    heartbeat:
      - {exec: ["true"], interval: 20ms, timeout: 20s}
      - {file: /web.beat, interval: 20ms}
`;

test('to a pipe it tells each change once, and ends with 0 when all pass', async (context) => {
  const world = serverIn(context);
  const watch = startCli(world, ['heartbeat', '--watch']);
  await until(() => watch.stdout().includes('fail') && watch.stdout().includes('pass'));
  world.put({ 'web.beat': '' });
  await until(() => /file .*pass/.test(watch.stdout()));
  watch.kill('SIGINT');
  const { exitCode, stdout, stderr } = await watch.ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.toSorted((a, b) => a.slice(24).localeCompare(b.slice(24)))).toEqual([
    expect.stringMatching(new RegExp(`^${TIME}  web  exec true  pass  \\d`)),
    expect.stringMatching(
      new RegExp(`^${TIME}  web  file /web.beat  fail  there is no /web.beat$`),
    ),
    expect.stringMatching(new RegExp(`^${TIME}  web  file /web.beat  pass  \\d`)),
  ]);
});

test('as JSON each change is a document of its own; one that fails in the end is exit 1', async (context) => {
  const world = serverIn(context);
  world.put({ 'web.beat': '' });
  const watch = startCli(world, ['heartbeat', 'web', '--watch', '--format', 'json']);
  await until(() => watch.stdout().split('\n').length > 2);
  world.put({ 'web.beat': null });
  await until(() => watch.stdout().includes('"fail"'));
  watch.kill('SIGTERM');
  const { exitCode, stdout } = await watch.ended;
  expect(exitCode).toBe(1);
  const documents = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(documents).toHaveLength(3);
  expect(documents.at(-1)).toEqual({
    schema: 'bootstrap.heartbeat/1',
    time: expect.stringMatching(new RegExp(`^${TIME}$`)),
    heartbeats: [
      {
        product: 'web',
        heartbeat: 'file /web.beat',
        verdict: 'fail',
        reason: 'there is no /web.beat',
        latencyMs: expect.any(Number),
      },
    ],
  });
});

test('on a terminal the table is drawn over itself, no line longer than it is wide', async (context) => {
  const world = serverIn(context);
  const { child, shown } = startOnTerminal(world, 30);
  context.onTestFinished(() => void child.kill('SIGKILL'));
  await until(() => shown().includes('fail') && shown().includes('pass'));
  world.put({ 'web.beat': '' });
  await until(() => /file \/web\.beat +pass/.test(shown()));
  // What Ctrl-C is on a terminal.
  child.stdin?.write('\u0003');
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(0);
  // The first one shows what was looked at first.
  const [, ...frames] = shown().split(CURSOR_UP);
  expect(frames.length).toBeGreaterThan(0);
  for (const frame of frames) {
    const [exec, file, ...rest] = frame.trimEnd().split('\r\n');
    expect(exec).toMatch(/^web {2}exec true +pass/);
    expect(file).toMatch(/^web {2}file \/web\.beat +(?:fail|pass)/);
    expect(rest).toEqual([expect.stringMatching(new RegExp(`^${TIME}, unt…$`))]);
    expect(Math.max(exec?.length ?? 0, file?.length ?? 0)).toBeLessThanOrEqual(30);
  }
});

test('with nothing to look at it ends at once', async (context) => {
  const world = serverIn(context);
  world.put({ 'desired-state.yaml': 'apiVersion: bootstrap/v1\nserver: {mode: idle}\n' });
  const { exitCode, stdout } = await startCli(world, ['heartbeat', '--watch']).ended;
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'No heartbeats are declared.\n' });
});

function serverIn(context: TestContext): World {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': '[product: web]\nmode-script = /bin/true\n',
    'desired-state.yaml': DESIRED,
  });
  context.onTestFinished(() => world.end());
  return world;
}

/** The same on a terminal of this many columns, which script(1) makes. */
function startOnTerminal(
  { root }: World,
  columns: number,
): { readonly child: ChildProcess; readonly shown: () => string } {
  const program = resolve('dist/bootstrap.cjs');
  const line = `stty -echo cols ${columns} && exec '${process.execPath}' '${program}' --root '${root}' heartbeat --watch --no-color`;
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  return { child, shown: () => shown };
}
