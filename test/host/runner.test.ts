import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunReport, RunRequest } from '../../src/host/host.ts';
import {
  HEAD_BYTES_MAX,
  LINE_BYTES_MAX,
  STDOUT_BYTES_MAX,
  TAIL_CHARS_MAX,
} from '../../src/host/output.ts';
import { createRunner } from '../../src/host/runner.ts';
import { durationMs } from '../../src/model/duration.ts';
import { until } from './until.ts';

const runner = createRunner();
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'bootstrap-runner-'));
});
afterEach(() => {
  for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.pid'))) {
    const pid = pidIn(name);
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  fs.rmSync(folder, { recursive: true, force: true });
});

type Line = readonly ['stdout' | 'stderr', string];
type Report = RunReport & { readonly lines: readonly Line[] };

async function run(argv: RunRequest['argv'], request: Partial<RunRequest> = {}): Promise<Report> {
  const lines: Line[] = [];
  const report = await runner.run({
    argv,
    env: { PATH, DIR: folder },
    stdin: undefined,
    timeoutMs: durationMs(15_000),
    onLine: (stream, line) => lines.push([stream, line]),
    ...request,
  });
  return { ...report, lines };
}

/** A script of this text; `$DIR` in it is the test's folder. */
function script(text: string, mode = 0o755): string {
  const path = join(folder, 'script');
  fs.writeFileSync(path, text.startsWith('#!') ? text : `#!/bin/sh\n${text}\n`, { mode });
  return path;
}

function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/** The pid that a script wrote to a file of the test's folder. */
function pidIn(name: string): number | undefined {
  const path = join(folder, name);
  const pid = fs.existsSync(path) ? Number(fs.readFileSync(path, 'utf8')) : 0;
  return pid > 0 ? pid : undefined;
}

/** A zombie, which nobody may be there to wait for, is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function livePid(name: string): Promise<number> {
  await until(() => pidIn(name) !== undefined);
  return pidIn(name) ?? 0;
}

describe('how a program ends', () => {
  test('exit 0, with its lines in order and told apart by stream', async () => {
    const { end, lines, tail, droppedBytes, stdout } = await run([
      script('echo one; echo two >&2; printf three'),
    ]);
    expect(end).toEqual({ how: 'exit', exitCode: 0 });
    expect(lines.filter(([stream]) => stream === 'stdout')).toEqual([
      ['stdout', 'one'],
      ['stdout', 'three'],
    ]);
    expect(lines.filter(([stream]) => stream === 'stderr')).toEqual([['stderr', 'two']]);
    expect(tail).toEqual(lines.map(([, line]) => line));
    expect([droppedBytes, stdout]).toEqual([0, '']);
  });

  test('another exit code', async () => {
    expect((await run([script('exit 42')])).end).toEqual({ how: 'exit', exitCode: 42 });
  });

  test('a signal of its own', async () => {
    expect((await run([script('kill -SEGV $$')])).end).toEqual({
      how: 'signal',
      signal: 'SIGSEGV',
    });
  });

  test('arguments arrive as they are, no shell between', async () => {
    const { lines } = await run([script('printf "%s\\n" "$@"'), '$(id)', 'a b', '', '*', ';']);
    expect(lines.map(([, line]) => line)).toEqual(['$(id)', 'a b', '', '*', ';']);
  });

  test('the environment is what was given, the folder /, the umask 022, stdin empty, the group its own', async () => {
    const umask = process.umask(0o077);
    try {
      const { lines } = await run(
        ['/bin/sh', '-c', 'env; pwd; umask; cat; ps -o pgid= -p $$ | tr -d " "; echo $$'],
        {
          env: { PATH, LANG: 'C.UTF-8' },
        },
      );
      const [pgid, pid] = lines.slice(-2).map(([, line]) => line);
      expect(
        lines
          .slice(0, -2)
          .map(([, line]) => line)
          .toSorted(),
      ).toEqual(['/', '0022', 'LANG=C.UTF-8', `PATH=${PATH}`, 'PWD=/']);
      expect(pgid).toBe(pid);
      expect(process.umask()).toBe(0o077);
    } finally {
      process.umask(umask);
    }
  });

  test('stdin is the text given; a program may leave it unread', async () => {
    const text = 'x'.repeat(3_000_000);
    expect((await run([script('wc -c')], { stdin: text })).lines).toEqual([['stdout', '3000000']]);
    expect((await run([script('exit 0')], { stdin: text })).end).toEqual({
      how: 'exit',
      exitCode: 0,
    });
  });
});

describe('not started', () => {
  const whyOf = async (argv: RunRequest['argv'], request?: Partial<RunRequest>) => {
    const { end } = await run(argv, request);
    return end.how === 'not-started' ? end.why : `ended by ${end.how}`;
  };

  test('no such file, and no such program on the PATH', async () => {
    expect(await whyOf(['/no/such/file'])).toBe('/no/such/file: no such file');
    expect(await whyOf(['no-such-program'])).toBe('no-such-program: no such program on the PATH');
  });

  test('not executable', async () => {
    const path = script('exit 0', 0o644);
    expect(await whyOf([path])).toContain(`chmod +x ${path}`);
  });

  test('a folder', async () => {
    expect(await whyOf([folder])).toBe(`${folder}: it is a folder`);
  });

  test('an interpreter that is not there', async () => {
    const path = script('#! /opt/no/perl -w\n');
    expect(await whyOf([path])).toBe(`${path}: its interpreter /opt/no/perl does not exist`);
  });

  test('a first line that ends in CR LF', async () => {
    expect(await whyOf([script('#!/bin/sh\r\necho hi\r\n')])).toContain(`sed -i 's/\\r$//'`);
  });

  test('open for writing, which spawn throws', async () => {
    const path = join(folder, 'program');
    fs.copyFileSync('/bin/true', path);
    const file = fs.openSync(path, 'a');
    try {
      expect(await whyOf([path])).toBe(`${path}: another process has it open for writing`);
    } finally {
      fs.closeSync(file);
    }
  });

  test('a NUL in an argument, and arguments that are too long', async () => {
    expect(await whyOf(['/bin/true', 'a\0b'])).toContain('null bytes');
    expect(await whyOf(['/bin/true', 'x'.repeat(200_000)])).toBe(
      '/bin/true: argument list too long',
    );
  });

  test('called off before', async () => {
    const path = script('touch $DIR/ran');
    for (const signals of [{ terminate: AbortSignal.abort() }, { kill: AbortSignal.abort() }]) {
      expect(await whyOf([path], signals)).toBe('it was to be ended before it was started');
    }
    expect(fs.existsSync(join(folder, 'ran'))).toBe(false);
  });
});

describe('time limit and signals', () => {
  test('SIGTERM at the limit is enough for most', async () => {
    const { end, durationMs: tookMs } = await run([script('exec sleep 60')], {
      timeoutMs: durationMs(200),
    });
    expect(end).toEqual({ how: 'timeout', afterMs: 200 });
    expect(tookMs).toBeLessThan(4_500);
  });

  test('a program that exits 0 on SIGTERM was too late all the same', async () => {
    const { end, lines } = await run(
      [script(`trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done`)],
      {
        timeoutMs: durationMs(1_000),
      },
    );
    expect(end).toEqual({ how: 'timeout', afterMs: 1_000 });
    expect(lines).toContainEqual(['stdout', 'bye']);
  });

  test('one that traps SIGTERM is killed after the grace, with all it started', async () => {
    const path = script(
      `trap '' TERM; sleep 61 & echo $! >$DIR/grandchild.pid; while :; do sleep 0.1; done`,
    );
    const { end, durationMs: tookMs } = await run([path], { timeoutMs: durationMs(500) });
    expect(end).toEqual({ how: 'timeout', afterMs: 500 });
    expect(tookMs).toBeGreaterThan(5_000);
    expect(tookMs).toBeLessThan(30_000);
    const grandchild = await livePid('grandchild.pid');
    await until(() => !isAlive(grandchild));
  });

  test('what outlives a leader that ran out of time is killed too', async () => {
    // The grandchild ignores SIGTERM, its leader does not.
    const path = script(`(trap '' TERM; exec sleep 62) & echo $! >$DIR/grandchild.pid; wait`);
    const { end } = await run([path], { timeoutMs: durationMs(500) });
    expect(end).toEqual({ how: 'timeout', afterMs: 500 });
    const grandchild = await livePid('grandchild.pid');
    await until(() => !isAlive(grandchild), 2_000);
  });

  test('a limit of more than 24 days is not one of 1 ms', async () => {
    const { end } = await run([script('sleep 0.1')], { timeoutMs: durationMs(2 ** 40) });
    expect(end).toEqual({ how: 'exit', exitCode: 0 });
  });

  test('terminate reaches the whole group', async () => {
    const terminate = new AbortController();
    const running = run([script('sleep 63 & echo $! >$DIR/grandchild.pid; wait')], {
      terminate: terminate.signal,
    });
    const grandchild = await livePid('grandchild.pid');
    terminate.abort();
    expect((await running).end).toEqual({ how: 'signal', signal: 'SIGTERM' });
    await until(() => !isAlive(grandchild));
  });

  test('terminate is no success for a program that then exits 0', async () => {
    const terminate = new AbortController();
    const path = script(
      `trap 'exit 0' TERM; echo $$ >$DIR/leader.pid; while :; do sleep 0.05; done`,
    );
    const running = run([path], { terminate: terminate.signal });
    await livePid('leader.pid');
    terminate.abort();
    expect((await running).end).toEqual({ how: 'signal', signal: 'SIGTERM' });
  });

  test('kill ends what terminate could not', async () => {
    const [terminate, kill] = [new AbortController(), new AbortController()];
    const path = script(
      `trap 'touch $DIR/asked' TERM; echo $$ >$DIR/leader.pid; while :; do sleep 0.05; done`,
    );
    const running = run([path], { terminate: terminate.signal, kill: kill.signal });
    await livePid('leader.pid');
    terminate.abort();
    await until(() => fs.existsSync(join(folder, 'asked')));
    kill.abort();
    expect((await running).end).toEqual({ how: 'signal', signal: 'SIGKILL' });
  });

  test('a signal after the end reaches nobody', async () => {
    const [terminate, kill] = [new AbortController(), new AbortController()];
    await run([script('sleep 64 >/dev/null 2>&1 & echo $! >$DIR/daemon.pid')], {
      terminate: terminate.signal,
      kill: kill.signal,
    });
    terminate.abort();
    kill.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAlive(await livePid('daemon.pid'))).toBe(true);
  });
});

test('a daemon that holds the output open is left running, and not waited for', async () => {
  const startedMs = performance.now();
  const { end, lines } = await run([script('sleep 65 & echo $! >$DIR/daemon.pid; echo done')]);
  expect(performance.now() - startedMs).toBeLessThan(30_000);
  expect(end).toEqual({ how: 'exit', exitCode: 0 });
  expect(lines).toEqual([['stdout', 'done']]);
  expect(isAlive(await livePid('daemon.pid'))).toBe(true);
});

describe('output', () => {
  test('a character split over two writes stays one, a line split over three too', async () => {
    const { lines } = await run([
      script(`printf 'gr\\303'; sleep 0.05; printf '\\274'; sleep 0.05; printf 'n\\nx\\n'`),
    ]);
    expect(lines).toEqual([
      ['stdout', 'grün'],
      ['stdout', 'x'],
    ]);
  });

  test('what is no UTF-8 is replaced, and the rest kept', async () => {
    expect((await run([script(`printf 'a\\377b\\n'`)])).lines).toEqual([['stdout', 'a\ufffdb']]);
  });

  test('nothing in it can move the cursor, set a title, hide or turn text', async () => {
    const { lines } = await run([
      '/usr/bin/printf',
      String.raw`\033[31mred\033]0;title\007\tx\r\b\000\177\302\233\n\342\200\256\342\200\250\342\201\246\342\200\217\n`,
    ]);
    expect(lines).toEqual([
      [
        'stdout',
        String.raw`\x1b[31mred\x1b]0;title\x07` + '\t' + String.raw`x\x0d\x08\x00\x7f\x9b`,
      ],
      ['stdout', String.raw`\u202e\u2028\u2066\u200f`],
    ]);
  });

  test('a long line is cut, and what is cut off counted', async () => {
    const { lines, tail, droppedBytes } = await run([
      script(`head -c 100000 /dev/zero | tr '\\0' x; echo; echo after`),
    ]);
    expect(lines).toEqual([
      ['stdout', `${'x'.repeat(LINE_BYTES_MAX)}…`],
      ['stdout', 'after'],
    ]);
    expect(tail[0]).toHaveLength(TAIL_CHARS_MAX);
    expect(droppedBytes).toBe(100_000 - LINE_BYTES_MAX);
  });

  test('of too much, the head is handed on, the rest counted, and the end kept', async () => {
    const { lines, tail, droppedBytes } = await run([script('seq -w 1 100000; echo words >&2')]);
    const head = lines.filter(([stream]) => stream === 'stdout');
    const headBytes = head.length * '000001\n'.length;
    expect(head.at(-1)).toEqual(['stdout', String(head.length).padStart(6, '0')]);
    expect(headBytes).toBeGreaterThan(HEAD_BYTES_MAX - 7);
    expect(headBytes).toBeLessThanOrEqual(HEAD_BYTES_MAX);
    expect(droppedBytes).toBe(700_000 - headBytes);
    expect(lines).toContainEqual(['stderr', 'words']); // a flood on one stream does not hide the other
    expect(tail).toHaveLength(20);
    expect(tail).toContain('100000');
  });

  test('a gigabyte costs no memory, with or without lines', async () => {
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 10);
    const flood = await run([script('yes | head -c 1000000000')], {
      timeoutMs: durationMs(60_000),
    });
    const oneLine = await run([script('head -c 200000000 /dev/zero')], {
      timeoutMs: durationMs(60_000),
    });
    clearInterval(watch);
    expect([flood.end, oneLine.end]).toEqual([
      { how: 'exit', exitCode: 0 },
      { how: 'exit', exitCode: 0 },
    ]);
    expect(flood.droppedBytes).toBe(1_000_000_000 - HEAD_BYTES_MAX);
    expect(flood.tail).toEqual(Array.from({ length: 20 }, () => 'y'));
    expect(oneLine.droppedBytes).toBeGreaterThan(199_000_000);
    expect((most - before) / 2 ** 20).toBeLessThan(150);
  }, 120_000);

  test('nothing of it is lost where this process is too busy to read it in time', async () => {
    const ended = run([script('sleep 0.3; echo said')], { keepStdout: true });
    const other = spawn('echo', ['x']);
    // While this is read the first one says what it has to say and ends; then both ends are seen in one go, and the second takes long.
    other.stdout.once('data', () => block(800));
    other.once('exit', () => block(400));
    block(150);
    expect((await ended).stdout).toBe('said\n');
  });

  test('kept stdout is the text as it was, up to its cap', async () => {
    const { stdout, droppedBytes } = await run([script(`printf '{"a":"\\033ü"}\\n'`)], {
      keepStdout: true,
    });
    expect([stdout, droppedBytes]).toEqual(['{"a":"\u001bü"}\n', 0]);
    const large = await run([script(`head -c 3000000 /dev/zero | tr '\\0' x`)], {
      keepStdout: true,
    });
    expect(large.stdout).toBe('x'.repeat(STDOUT_BYTES_MAX));
    expect(large.droppedBytes).toBe(3_000_000 - STDOUT_BYTES_MAX);
    const wanted = await run([script(`head -c 3000000 /dev/zero | tr '\\0' x`)], {
      keepStdout: true,
      stdoutBytesMax: 2_999_999,
    });
    expect([wanted.stdout.length, wanted.droppedBytes]).toEqual([2_999_999, 1]);
  });
});

test('a run that left a daemon does not keep the process that ran it', () => {
  const program = `
    import { createRunner } from ${JSON.stringify(join(process.cwd(), 'src/host/runner.ts'))};
    const report = await createRunner().run({ argv: ['/bin/sh', '-c', 'sleep 66 & echo $! >$DIR/daemon.pid'],
      env: { PATH: '/usr/bin:/bin', DIR: process.env.DIR }, stdin: 'x', timeoutMs: 60000 });
    console.log(report.end.how);`;
  const path = join(folder, 'main.mts');
  fs.writeFileSync(path, program);
  const esbuild = join(process.cwd(), 'node_modules/.bin/esbuild');
  const built = spawnSync(
    esbuild,
    [path, '--bundle', '--platform=node', '--format=esm', '--log-level=error'],
    { encoding: 'utf8' },
  );
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', built.stdout], {
    encoding: 'utf8',
    env: { DIR: folder },
    timeout: 5_000,
  });
  expect([built.stderr, ran.stderr, ran.stdout.trim(), ran.status]).toEqual(['', '', 'exit', 0]);
});
