// What runs is drawn on a terminal while it runs. tmux(1) is the terminal: what is looked at is what a person would see.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { startCli } from '../rig/cli.ts';
import { openTerminal, type Terminal } from '../rig/terminal.ts';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';

/** Says a line, then waits for a file of its product's name, half a minute at most. */
const SLOW = `#!/bin/sh
echo "fetching $BOOTSTRAP_PRODUCT"
tries=600
until [ -e "$BOOTSTRAP_ROOT/go-$BOOTSTRAP_PRODUCT" ] || [ $((tries -= 1)) -eq 0 ]; do sleep 0.05; done
`;
const SERVER: FileTexts = {
  'etc/bootstrap/bootstrap.ini': `[product: a]
upgrade-script = /etc/bootstrap/slow
[product: b]
upgrade-script = /etc/bootstrap/slow
`,
  'etc/bootstrap/slow': SLOW,
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products: {a: {version: "1"}, b: {version: "1"}}
`,
  // Provisioned already: the two upgrades are all there is to do.
  'var/bootstrap/server-mode': 'idle\n',
};
const GO = { 'go-a': '', 'go-b': '' };
const RUNS = [
  /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] a\/provision {2}00:\d\d {2}fetching a$/,
  /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] b\/provision {2}00:\d\d {2}fetching b$/,
  /^0 of 2 done, 2 running {2}00:\d\d$/,
];
const SPINNERS = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;

describe.concurrent('on a terminal', () => {
  test('what runs is drawn below what was done, and gone at the end', async (context) => {
    const { world, terminal } = started(context);
    await terminal.shows(...RUNS);
    expect(terminal.hasCursor()).toBe(false);
    expect(terminal.screen().join('\n')).not.toContain('started');

    world.put({ 'go-a': '' });
    await terminal.shows(/^a\/provision: done in /, /^1 of 2 done, 1 running {2}00:/);
    expect(terminal.screen().filter((line) => SPINNERS.test(line))).toHaveLength(1);

    world.put({ 'go-b': '' });
    await terminal.shows(/^exit 0$/);
    const lines = terminal.screen().join('\n');
    expect(lines).toMatch(
      /\na\/provision: done in \S+\nb\/provision: done in \S+\n\n {2}a {2}succeeded {2}provision in \S+\n {2}b {2}succeeded {2}provision in \S+\nApplied: 2 succeeded in \S+\nexit 0\n\$$/,
    );
    expect(lines).not.toMatch(SPINNERS);
    expect(terminal.hasCursor()).toBe(true);
  });

  test.for([60, 40, 30])(
    'made %i columns wide it draws nothing twice',
    async (columns, context) => {
      const { world, terminal } = started(context);
      await terminal.shows(...RUNS);
      terminal.resize(columns, 24);
      await terminal.shows(/^0 of 2 done, 2 running {2}00:0[1-9]/);
      const drawn = (): readonly string[] =>
        terminal.screen().filter((line) => SPINNERS.test(line) || line.includes('2 running'));
      expect(drawn()).toHaveLength(3);
      terminal.resize(80, 24);
      await terminal.shows(/^0 of 2 done, 2 running {2}00:0[2-9]$/);
      expect(drawn()).toHaveLength(3);
      world.put(GO);
      await terminal.shows(/^exit 0$/);
      expect(terminal.screen().join('\n')).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]|running/);
    },
  );

  test('Ctrl-C is answered above what still runs, and at the end the cursor is back', async (context) => {
    const { world, terminal } = started(context);
    await terminal.shows(...RUNS);
    terminal.press('C-c');
    await terminal.shows(/^SIGINT: nothing new is started; /, ...RUNS.slice(0, 2));
    world.put(GO);
    await terminal.shows(/^exit [07]$/);
    expect(terminal.hasCursor()).toBe(true);
    expect(terminal.screen().join('\n')).not.toMatch(SPINNERS);
  });

  test('Ctrl-Z leaves the terminal to the shell, fg draws on', async (context) => {
    const { world, terminal } = started(context);
    await terminal.shows(...RUNS);
    terminal.press('C-z');
    await terminal.shows(/^\[1\]\+ +Stopped/);
    expect(terminal.hasCursor()).toBe(true);
    expect(terminal.screen().join('\n')).not.toMatch(SPINNERS);
    terminal.enter('fg');
    await terminal.shows(...RUNS);
    expect(terminal.hasCursor()).toBe(false);
    world.put(GO);
    await terminal.shows(/^a\/provision: done/, /^b\/provision: done/, /^Applied: 2 succeeded/);
    expect(terminal.hasCursor()).toBe(true);
  });

  test('in the background nothing is drawn over what somebody types', async (context) => {
    const late = 'echo late\ntries=600';
    const { world, terminal } = opened(context, {
      'etc/bootstrap/slow': SLOW.replace('tries=600', `sleep 0.5; ${late}`),
    });
    terminal.enter('bootstrap apply --yes -v &');
    // By then it would have been drawn five times.
    await terminal.shows(/^a\/provision \| late$/, /^b\/provision \| late$/);
    expect(terminal.screen().join('\n')).not.toMatch(SPINNERS);
    expect(terminal.hasCursor()).toBe(true);
    terminal.enter('echo "the shell is $((6 * 7))"');
    await terminal.shows(/^the shell is 42$/);
    world.put(GO);
    await terminal.shows(/^Applied: 2 succeeded/);
    expect(terminal.screen().join('\n')).not.toMatch(SPINNERS);
    expect(terminal.hasCursor()).toBe(true);
  });

  test('after kill -9 the shell goes on below what was drawn', async (context) => {
    const { world, terminal } = started(context);
    await terminal.shows(...RUNS);
    process.kill(pidOf(world), 'SIGKILL');
    await terminal.shows(/^exit 137$/);
    // Longer than the terminal is wide: it wraps as ever.
    terminal.enter(`echo "${'x'.repeat(90)}"`);
    await terminal.shows(/^x{80}$/, /^x{10}$/);
    world.put(GO);
    terminal.enter('bootstrap apply --yes; echo "next $?"');
    await terminal.shows(/^next 0$/);
    // Hidden by the one that was killed, shown by the next one.
    expect(terminal.hasCursor()).toBe(true);
  });

  test('SIGHUP stops it as SIGTERM does, and what runs is drawn to its end', async (context) => {
    const { world, terminal } = started(context);
    await terminal.shows(...RUNS);
    process.kill(pidOf(world), 'SIGHUP');
    await terminal.shows(/^SIGHUP: nothing new is started/, ...RUNS);
    world.put(GO);
    // Nothing was left to be started.
    await terminal.shows(/^exit 0$/);
    expect(terminal.hasCursor()).toBe(true);
    expect(terminal.screen().join('\n')).not.toMatch(SPINNERS);
  });

  test('without its terminal it stops after what runs, and says so by its exit code', async (context) => {
    const world = createWorld({
      ...SERVER,
      'etc/bootstrap/bootstrap.ini': `${SERVER['etc/bootstrap/bootstrap.ini']}depends-on = a\n`,
    });
    context.onTestFinished(() => world.end());
    const terminal = openTerminal(context, world, { columns: 100, rows: 24 });
    // A shell that outlives the terminal tells how it ended.
    terminal.enter(`sh -c 'trap "" HUP; bootstrap apply --yes; echo $? >ended'`);
    await terminal.shows(/fetching a$/);
    terminal.hangUp();
    world.put(GO);
    await until(() => world.text('ended') !== null, 15_000);
    expect(world.text('ended')).toBe('7\n');
    expect(world.text('var/bootstrap/products/a/version')).toBe('1\n');
    expect(world.text('var/bootstrap/products/b/version')).toBeNull();
  });

  test('SIGQUIT ends it at once, and leaves nothing behind', async (context) => {
    const { world, terminal } = started(context);
    await terminal.shows(...RUNS);
    process.kill(pidOf(world), 'SIGQUIT');
    await terminal.shows(/^exit 131$/);
    expect(terminal.hasCursor()).toBe(true);
    expect(terminal.screen().join('\n')).not.toMatch(SPINNERS);
    world.put(GO);
  });

  test('who is asked has the terminal to himself', async (context) => {
    const { world, terminal } = opened(context);
    terminal.enter('bootstrap apply; echo "exit $?"');
    await terminal.shows(/^Do this\? Only 'yes' is taken as yes:/);
    expect(terminal.hasCursor()).toBe(true);
    expect(terminal.screen().at(-1)).toMatch(/^Do this/);
    terminal.enter('yes');
    await terminal.shows(...RUNS);
    world.put(GO);
    await terminal.shows(/^exit 0$/);
  });

  test('a heartbeat that is waited for says what it sees', async (context) => {
    const { world, terminal } = opened(context, {
      ...GO,
      'var/bootstrap/server-mode': 'production\n',
      'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: production}
products:
  a: {version: "1", heartbeat: {file: /beat, interval: 50ms, stable: 1s}}
`,
    });
    terminal.enter('bootstrap apply --yes; echo "exit $?"');
    await terminal.shows(/^. a\/verify {2}00:\d\d {2}file: there is no \/beat$/);
    world.put({ beat: '' });
    await terminal.shows(/^. a\/verify {2}00:\d\d {2}file: passes, has to stay so for 1s$/);
    await terminal.shows(/^exit 0$/);
    expect(terminal.screen().join('\n')).toContain('\na/verify: healthy after ');
  });

  test('the lock is waited for in sight', async (context) => {
    const { world, terminal } = opened(context);
    const other = startCli(world, ['apply', '--yes']);
    context.onTestFinished(() => other.kill('SIGKILL'));
    await until(() => isHeld(world));
    terminal.enter('bootstrap apply --yes --lock-timeout 1m; echo "exit $?"');
    await terminal.shows(
      /^Waiting up to 1m for the lock: pid /,
      /^. Waiting for the lock {2}00:\d\d$/,
    );
    world.put(GO);
    expect((await other.ended).exitCode).toBe(0);
    await terminal.shows(/^exit 0$/);
    expect(terminal.screen().join('\n')).not.toMatch(SPINNERS);
  });

  test('watch draws each run that does something', async (context) => {
    const { world, terminal } = opened(context);
    terminal.enter('bootstrap watch; echo "exit $?"');
    await terminal.shows(/^Watching desired-state.yaml/, ...RUNS);
    world.put(GO);
    await terminal.shows(/^Applied: 2 succeeded/);
    expect(terminal.screen().join('\n')).not.toMatch(SPINNERS);
    expect(terminal.hasCursor()).toBe(true);
    terminal.press('C-c');
    await terminal.shows(/^exit 0$/);
  });

  test('what scripts print moves no cursor, be it drawn or kept', async (context) => {
    const { world, terminal } = opened(context, {
      'etc/bootstrap/slow': SLOW.replace(
        'fetching $BOOTSTRAP_PRODUCT"',
        "$(printf '\\033[2J\\033[31m\\rgone\\b\\007\\302\\233H\\342\\200\\256\\342\\201\\246 日本語')\"",
      ),
    });
    terminal.enter('bootstrap apply --yes -v; echo "exit $?"');
    const shown = String.raw`\\x1b\[2J\\x1b\[31m\\x0dgone\\x08\\x07\\x9bH\\u202e\\u2066 日本語`;
    await terminal.shows(
      /^bootstrap will perform these actions:$/,
      new RegExp(`^a/provision \\| ${shown}$`),
      new RegExp(`^. a/provision {2}00:\\d\\d {2}${shown.slice(0, 40)}`),
    );
    world.put(GO);
    await terminal.shows(/^exit 0$/);
    expect(terminal.hasCursor()).toBe(true);
  });
});

describe.concurrent('nothing is drawn', () => {
  test.for<
    readonly [where: string, env: Readonly<Record<string, string>>, flags: readonly string[]]
  >([
    ['on a dumb terminal', { TERM: 'dumb' }, []],
    ['in a pipeline with a terminal', { TERM: 'xterm', CI: 'true' }, ['--no-color']],
    ['with -q', { TERM: 'xterm', NO_COLOR: '1' }, ['-q']],
    ['as JSON', { TERM: 'xterm' }, ['--format', 'json']],
  ])('%s', ([, env, flags], context) => {
    const written = onRawTerminal(context, { env, flags });
    // oxlint-disable-next-line no-control-regex -- that is what there must be none of
    expect(written).not.toMatch(/(?![\r\n])[\u0000-\u001f]/);
    if (!flags.includes('-q')) expect(written).toContain('a/provision');
  });
});

test('NO_COLOR takes the colours, and leaves the rest', (context) => {
  const [coloured, plain] = [{}, { NO_COLOR: '1' }].map((env) =>
    onRawTerminal(context, { env: { TERM: 'xterm', LANG: 'C', ...env }, flags: [] }),
  );
  // oxlint-disable-next-line no-control-regex -- that is what colours are made of
  const colour = /\u001b\[[\d;]*m/;
  expect(coloured).toMatch(colour);
  expect(plain).not.toMatch(colour);
  expect(plain).toContain('\u001b[?25l');
  expect(plain).toContain('\u001b[?25h');
  // Without UTF-8 the spinner is made of letters that there are.
  expect(plain).toMatch(/[|/\\-] a\/provision {2}00:00 {2}fetching a/);
});

test('a pipe is told after ten seconds that something still runs', async ({ onTestFinished }) => {
  const world = createWorld(SERVER);
  const run = startCli(world, ['apply', '--yes']);
  onTestFinished(() => {
    run.kill('SIGKILL');
    world.end();
  });
  const sign =
    /^still running: a\/provision 1\ds \(last said: "fetching a"\), b\/provision 1\ds \(last said: "fetching b"\)$/m;
  await until(() => sign.test(run.stdout()), 18_000);
  world.put(GO);
  const { exitCode, stdout, stderr } = await run.ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  // oxlint-disable-next-line no-control-regex -- that is what there must be none of
  expect(stdout).not.toMatch(/(?!\n)[\u0000-\u001f]/);
});

interface Opened {
  readonly world: World;
  readonly terminal: Terminal;
}

function opened(context: TestContext, files: FileTexts = {}): Opened {
  const world = createWorld({ ...SERVER, ...files });
  context.onTestFinished(() => world.end());
  return { world, terminal: openTerminal(context, world, { columns: 80, rows: 24 }) };
}

/** An apply whose two scripts wait, told to say how it ended. */
function started(context: TestContext): Opened {
  const both = opened(context);
  both.terminal.enter('clear; bootstrap apply --yes; echo "exit $?"');
  return both;
}

function lockOf(world: World): string {
  const path = world.list().find((each) => /^run\/bootstrap\/.*lock/.test(each));
  return (path === undefined ? null : world.text(path)) ?? '';
}

/** The apply that holds the lock. */
function pidOf(world: World): number {
  return Number(/"pid":(\d+)/.exec(lockOf(world))?.[1]);
}

function isHeld(world: World): boolean {
  return lockOf(world) !== '';
}

/** All that an apply writes to a terminal which script(1) makes, byte for byte; its scripts take half a second. */
function onRawTerminal(
  context: TestContext,
  {
    env,
    flags,
  }: { readonly env: Readonly<Record<string, string>>; readonly flags: readonly string[] },
): string {
  const world = createWorld({
    ...SERVER,
    'etc/bootstrap/slow': '#!/bin/sh\necho "fetching $BOOTSTRAP_PRODUCT"\nsleep 0.5\n',
  });
  context.onTestFinished(() => world.end());
  const words = [
    process.execPath,
    resolve('dist/bootstrap.cjs'),
    '--root',
    world.root,
    'apply',
    '--yes',
  ];
  const line = [...words, ...flags].map((word) => `'${word}'`).join(' ');
  const { stdout, status } = spawnSync(
    'script',
    ['--quiet', '--return', '--command', line, '/dev/null'],
    {
      cwd: world.root,
      env: { PATH: process.env['PATH'], HOME: '/', LANG: 'C.UTF-8', ...env },
      encoding: 'utf8',
      timeout: 30_000,
    },
  );
  if (status !== 0) throw new Error(`exit ${status}: ${stdout}`);
  return stdout;
}
