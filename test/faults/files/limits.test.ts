// Where the kernel watches nothing, and where much is replaced for long.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeHost } from '../../../src/host/node-host.ts';
import { hostPath } from '../../../src/model/ids.ts';
import { until } from '../../host/until.ts';
import { IS_FULL } from '../crash/engine.ts';
import { buildProgram, type Program } from './program.ts';

const SWAPS = IS_FULL ? 5_000 : 300;
const TEST_MS_MAX = 20_000 + SWAPS * 100;
/** Enough that whatever is opened for each swap is open by now. */
const WARM_SWAPS = 20;

let program: Program;
beforeAll(async () => {
  program = await buildProgram('follower');
});
afterAll(() => program.remove());

describe('a file is followed by the poll alone when there is no', () => {
  test.each([
    ['inotify watch left', 'max_inotify_watches'],
    ['inotify instance left', 'max_inotify_instances'],
  ])('%s', { timeout: TEST_MS_MAX }, async (_, limit) => {
    const file = join(program.folder, `${limit}.yaml`);
    fs.writeFileSync(file, 'v1');
    // The limits of a user namespace are its own; in it we are root only by name, and nobody else's files are seen.
    const line = `echo 0 > /proc/sys/user/${limit}; exec "$0" "$@"`;
    const argv = ['/bin/sh', '-ec', line, process.execPath, program.path, file];
    const follower = spawn('unshare', ['--user', '--map-root-user', ...argv]);
    const said: string[] = [];
    const errors: string[] = [];
    follower.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
    follower.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
    const says = async (text: string) => await until(() => said.join('') === text);
    try {
      await says('v1\n');
      fs.writeFileSync(file, 'v2');
      await says('v1\nv2\n');
      fs.writeFileSync(`${file}.new`, 'v3');
      fs.renameSync(`${file}.new`, file);
      await says('v1\nv2\nv3\n');
      fs.rmSync(file);
      await says('v1\nv2\nv3\n(absent)\n');
      follower.stdin.end();
      await once(follower, 'close');
    } finally {
      follower.kill('SIGKILL');
    }
    expect([said.join(''), errors.join('')]).toEqual(['v1\nv2\nv3\n(absent)\nended\n', '']);
  });
});

test(`${SWAPS} folders in one place leave nothing open`, { timeout: TEST_MS_MAX }, async () => {
  const place = join(program.folder, 'swaps');
  const folder = join(place, 'etc');
  fs.mkdirSync(folder, { recursive: true });
  const ending = new AbortController();
  const atStart = open();
  let hints = 0;
  const watching = createNodeHost().watcher.watch([hostPath('', join(folder, 'a'))], {
    signal: ending.signal,
    onHint: () => (hints += 1),
  });
  let warm: Open | undefined;
  for (let swap = 1; swap <= SWAPS; swap += 1) {
    const before = hints;
    fs.mkdirSync(join(place, 'new'));
    // Kept: the kernel would let go of one that is removed, whoever had forgotten to.
    fs.renameSync(folder, join(place, `old-${swap}`));
    fs.renameSync(join(place, 'new'), folder);
    await until(() => hints > before);
    if (swap === WARM_SWAPS) warm = await settled();
  }
  const atEnd = await settled();
  expect(atEnd).toEqual(warm);
  ending.abort();
  await watching;
  expect(open().watches).toBe(atStart.watches);
});

/** What this process has open, and the kernel watches for it. */
interface Open {
  readonly files: number;
  readonly watches: number;
}

function open(): Open {
  const names = fs.readdirSync('/proc/self/fdinfo');
  const lines = names.flatMap((name) => {
    try {
      return fs.readFileSync(`/proc/self/fdinfo/${name}`, 'utf8').split('\n');
    } catch {
      return []; // the one that listed them
    }
  });
  return {
    files: names.length,
    watches: lines.filter((line) => line.startsWith('inotify wd:')).length,
  };
}

/** Once what the last swap has opened and closed is over: the same for some looks in a row. */
async function settled(): Promise<Open> {
  let last = open();
  let same = 0;
  await until(() => {
    const now = open();
    same = now.files === last.files && now.watches === last.watches ? same + 1 : 0;
    last = now;
    return same === SAME_LOOKS;
  });
  return last;
}
const SAME_LOOKS = 40;
