// Somebody who may push does so at random: good commits and unsigned ones, old serials, ends that are past, history rewritten, and
// now and then the floor set by hand. After each step the server takes the tip exactly where that is lawful by a model that knows no git.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accept, refuse, resetTrust } from '../../../src/app/trust.ts';
import { readTrust } from '../../../src/app/trust-record.ts';
import { createNodeHost } from '../../../src/host/node-host.ts';
import { valueOf } from '../../../src/model/fact.ts';
import type { CommitId } from '../../../src/model/git.ts';
import { parse } from '../../desired/server.ts';
import {
  createRepository,
  lookAt,
  type CommitChoices,
  type Repository,
} from '../../source/repository.ts';
import { sshSigner, type SshSigner } from '../../source/signers.ts';
import { IS_FULL } from '../crash/engine.ts';

const STEPS = IS_FULL ? 500 : 30;
const STEP_MS_MAX = 30_000;

/** A commit, as the model knows it. */
interface Told {
  readonly parent: CommitId | undefined;
  readonly signer: 'ada' | 'eve' | 'nobody';
  readonly serial: number | undefined;
  readonly isPast: boolean;
}

interface Floor {
  readonly commit: CommitId;
  readonly serial: number | undefined;
}

let folder: string;
let ada: SshSigner;
let eve: SshSigner;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootstrap-lawful-'));
  [ada, eve] = [sshSigner(folder, 'ada'), sshSigner(folder, 'eve')];
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test(
  'exactly what is lawful is taken',
  async (context) => {
    const seed = Number(process.env['BOOTSTRAP_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    const repository = createRepository(context);
    mkdirSync(join(repository.root, 'etc/bootstrap'), { recursive: true });
    writeFileSync(
      join(repository.root, 'etc/bootstrap/allowed_signers'),
      `ada@example.org ${ada.key}\n`,
    );
    const play = newPlay(repository, diceOf(seed));
    const counts = new Map<string, number>();
    for (let step = 1; step <= STEPS; step += 1) {
      const did = await play.step();
      const { lawful, tip } = play.now();
      const before = readTrust(host.files, repository.root);
      const came = await take(repository);
      const place = `seed ${seed}, step ${step}: ${did}`;
      expect(came, place).toBe(lawful);
      const after = readTrust(host.files, repository.root);
      if (lawful === 'taken') play.taken();
      else expect(after, place).toEqual(before);
      const commit = after.ok ? after.value?.commit : undefined;
      expect(commit, place).toBe(lawful === 'taken' ? tip : play.floor()?.commit);
      counts.set(lawful, (counts.get(lawful) ?? 0) + 1);
    }
    console.log(
      `lawful: ${STEPS} steps, ${[...counts].map(([what, count]) => `${count} ${what}`).join(', ')}`,
    );
    // A run that only ever refused, or only ever took, would show nothing.
    expect(counts.get('taken') ?? 0).toBeGreaterThan(0);
    expect(counts.size).toBeGreaterThan(2);
  },
  STEPS * STEP_MS_MAX,
);

const host = createNodeHost();

/** What the server does at one look: taken, or why not. */
async function take(repository: Repository): Promise<string> {
  const { root } = repository;
  const floor = readTrust(host.files, root);
  if (!floor.ok) return floor.error.code;
  const since = floor.value?.commit;
  const read = await lookAt(repository, { verify: true, since, host });
  if (!read.ok) return read.error.code === 'untrusted' ? read.error.because.why : read.error.code;
  const { git, texts } = read.value;
  const [text] = [...texts.values()].map(valueOf);
  const desired = parse(text ?? '');
  if (git === undefined || !desired.ok) return 'unreadable';
  const { metadata } = desired.value;
  const refusal = refuse(host, { root, metadata, git });
  if (refusal !== undefined)
    return refusal.code === 'untrusted' ? refusal.because.why : refusal.code;
  const accepted = accept(host, { root, git, snapshot: read.value, serial: metadata.serial });
  return accepted.ok ? 'taken' : accepted.error.code;
}

interface Dice {
  /** From 0 to one below. */
  readonly below: (sides: number) => number;
  readonly oneOf: <T>(items: readonly [T, ...T[]]) => T;
}

/** The same throws for the same seed (the generator of Park and Miller). */
function diceOf(seed: number): Dice {
  let state = (seed % 2147483646) + 1;
  const below = (sides: number): number => {
    state = (state * 48271) % 2147483647;
    return state % sides;
  };
  return { below, oneOf: (items) => items[below(items.length)] ?? items[0] };
}

interface Play {
  /** Does something at random, and says what. */
  readonly step: () => Promise<string>;
  /** What is at the remote, and whether it may be taken. */
  readonly now: () => { readonly tip: CommitId; readonly lawful: string };
  readonly floor: () => Floor | undefined;
  /** The server took the tip. */
  readonly taken: () => void;
}

function newPlay(repository: Repository, dice: Dice): Play {
  const told = new Map<CommitId, Told>();
  let floor: Floor | undefined;
  let tip = push(repository, { signer: 'ada', serial: undefined, isPast: false });
  told.set(tip, { parent: undefined, signer: 'ada', serial: undefined, isPast: false });

  const commit = (): string => {
    const recorded = floor?.serial ?? 10;
    const made = {
      signer: dice.oneOf(['ada', 'ada', 'ada', 'ada', 'ada', 'eve', 'nobody'] as const),
      serial: dice.oneOf([
        undefined,
        recorded,
        recorded + 1,
        recorded + 1,
        recorded + 3,
        recorded - 1,
      ] as const),
      isPast: dice.below(10) === 0,
    };
    const parent = tip;
    tip = push(repository, made);
    told.set(tip, { parent, ...made });
    return `commit ${JSON.stringify(made)}`;
  };
  const anyCommit = (): CommitId => [...told.keys()][dice.below(told.size)] ?? tip;
  const goTo = (target: CommitId): void => {
    repository.git('reset', '--quiet', '--hard', target);
    repository.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
    tip = target;
  };

  return {
    async step() {
      const throwOf = dice.below(20);
      if (throwOf < 10) return commit();
      if (throwOf < 11) {
        goTo(anyCommit());
        return `back to ${tip}`;
      }
      if (throwOf < 13) {
        goTo(anyCommit());
        return `back to ${tip}, then ${commit()}`;
      }
      if (throwOf < 19 && floor !== undefined) {
        // Somebody mends it: from what was taken last, with a serial that fits.
        goTo(floor.commit);
        return `mended from ${tip}, then ${commit()}`;
      }
      const to = anyCommit();
      await resetTrust(host, { root: repository.root, runId: 'run-1', to });
      floor = { commit: to, serial: undefined };
      return `trust reset to ${to}`;
    },
    now: () => ({ tip, lawful: verdictOf(tip, { told, floor }) }),
    floor: () => floor,
    taken() {
      const { serial } = told.get(tip) ?? {};
      const serials = [floor?.serial ?? [], serial ?? []].flat();
      floor = { commit: tip, serial: serials.length === 0 ? undefined : Math.max(...serials) };
    },
  };
}

function push(repository: Repository, made: Omit<Told, 'parent'>): CommitId {
  const { signer, serial, isPast } = made;
  const metadata = {
    ...(serial === undefined ? {} : { serial }),
    ...(isPast ? { expires: '2020-01-01T00:00:00Z' } : {}),
  };
  const by: CommitChoices = signer === 'nobody' ? {} : (signer === 'ada' ? ada : eve).by;
  const head = 'apiVersion: bootstrap/v1\nserver: {mode: idle}\n';
  return repository.push({ 'site.yaml': `${head}metadata: ${JSON.stringify(metadata)}\n` }, by);
}

function verdictOf(
  tip: CommitId,
  {
    told,
    floor,
  }: { readonly told: ReadonlyMap<CommitId, Told>; readonly floor: Floor | undefined },
): string {
  const made = told.get(tip);
  if (made?.signer !== 'ada') return 'signature';
  if (floor !== undefined && !follows(told, tip, floor.commit)) return 'rewritten';
  if (made.isPast) return 'expired';
  if (floor?.serial === undefined) return 'taken';
  if (made.serial === undefined) return 'serial-missing';
  return made.serial < floor.serial ? 'serial-lower' : 'taken';
}

function follows(told: ReadonlyMap<CommitId, Told>, commit: CommitId, ancestor: CommitId): boolean {
  for (let at: CommitId | undefined = commit; at !== undefined; at = told.get(at)?.parent)
    if (at === ancestor) return true;
  return false;
}
