// kill -9 of the engine, or of git alone, at any moment of a look that has much to fetch: the next look reads what is there, at once.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommitId } from '../../../src/model/git.ts';
import { until } from '../../host/until.ts';
import {
  clonesOf,
  createRepository,
  lookAt,
  seen,
  type Repository,
} from '../../source/repository.ts';
import { IS_FULL } from '../crash/engine.ts';

const KILLS = IS_FULL ? 150 : 4;
const KILL_MS_MAX = 30_000;
/** Enough that a fetch takes a while. */
const NOISE_BYTES = 2_000_000;

let folder: string;
let reader: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'git-faults-'));
  reader = join(folder, 'reader.cjs');
  await build({
    entryPoints: ['test/faults/git/reader.ts'],
    outfile: reader,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.for(['the engine', 'git'])(
  'kill -9 of %s in the middle',
  { timeout: KILLS * KILL_MS_MAX },
  async (whom, context) => {
    const repository = createRepository(context);
    let since: CommitId | undefined = pushMuch(repository, 0);
    const startedMs = performance.now();
    expect(await start(repository).ended).toContain(since);
    const wholeMs = performance.now() - startedMs;
    let midway = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const commit = pushMuch(repository, kill);
      const engine = start(repository);
      await sleep((0.3 + 0.7 * Math.random()) * wholeMs);
      const gits = gitsOf(repository);
      if (whom === 'git') for (const pid of gits) killIt(pid);
      else engine.kill();
      if (gits.length > 0) midway += 1;
      if (whom === 'the engine') await engine.ended;
      // An orphan of git may still be at work in the clone.
      const next = await lookAt(repository, { since, timeoutMs: KILL_MS_MAX });
      expect(seen(next), `kill ${kill}`).toMatchObject({ commit });
      since = commit;
      await engine.ended;
      await until(() => gitsOf(repository).length === 0, KILL_MS_MAX);
    }
    console.log(`kill -9 of ${whom}: ${KILLS} kills, ${midway} with git at work`);
    expect(midway).toBeGreaterThan(0);
    expect(seen(await lookAt(repository, { since, timeoutMs: KILL_MS_MAX }))).toMatchObject({
      commit: since,
    });
    const [clone = '', ...others] = clonesOf(repository);
    expect(others).toEqual([]);
    expect(repository.git('--git-dir', clone, 'fsck', '--connectivity-only')).toBe('');
  },
);

function pushMuch(repository: Repository, number: number): CommitId {
  // Nothing is to be gained by looking for what two of them have in common.
  const attributes = { '.gitattributes': 'noise binary -delta\n' };
  const noise = randomBytes(NOISE_BYTES);
  return repository.push({ 'site.yaml': `number: ${number}\n`, noise, ...attributes });
}

/** An engine that looks once: what it says, when it has ended. */
function start({ url, root }: Repository): {
  readonly kill: () => void;
  readonly ended: Promise<string>;
} {
  const engine = spawn(process.execPath, [reader, url, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  engine.stdout.on('data', (text: Buffer) => (said += String(text)));
  return {
    kill: () => engine.kill('SIGKILL'),
    ended: once(engine, 'close').then(() => said),
  };
}

/** The processes of git that work for a repository's clone. */
function gitsOf({ root }: Repository): readonly number[] {
  return readdirSync('/proc')
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`GIT_DIR=${root}/`);
      } catch {
        return false; // it has ended, or is no process
      }
    })
    .map(Number);
}

function killIt(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was quicker.
  }
}
