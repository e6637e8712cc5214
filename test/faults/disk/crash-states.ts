// Everything that a disk may hold after a power cut: at each moment, each way in which what was not yet synced may have reached it.
import {
  applyEffect,
  emptyInode,
  filesOf,
  type Effect,
  type Happening,
  type Image,
  type MemoryDisk,
} from './memory-disk.ts';

/** What a disk may hold after a power cut. */
export interface CrashState {
  readonly image: Image;
  /** How many things the program had called done when the power went. */
  readonly done: number;
}

/** Every state, each once, and how thoroughly they were looked for. */
export interface Crashes {
  readonly states: readonly CrashState[];
  /** Moments at which the power went. */
  readonly moments: number;
  /** Moments with more ways than can be tried: there a sample was. */
  readonly sampled: number;
}

/** At which moments the power goes, and of how many ways at one moment no more are tried. */
export interface CrashOptions {
  readonly from?: number;
  readonly waysMax?: number;
}

const WAYS_MAX = 4096;

/**
 * The states after a power cut at each moment of what happened on a disk that held `before`. Until its inode is synced (fsync(2)), a change of
 * names is there or not, and of a write nothing, all, the first half, or zeros (a length without its data): in any combination.
 */
export function crashStates(
  before: Image,
  disk: Pick<MemoryDisk, 'log' | 'image'>,
  { from = 0, waysMax = WAYS_MAX }: CrashOptions = {},
): Crashes {
  const made = disk.image();
  const found = new Map<string, CrashState>();
  let sampled = 0;
  for (let moment = from; moment <= disk.log.length; moment++) {
    const past = disk.log.slice(0, moment);
    const done = past.filter(({ what }) => what === 'done').length;
    const choices = past.map((each, index) => outcomesOf(each, past.slice(index + 1)));
    const ways = choices.reduce((product, outcomes) => product * outcomes.length, 1);
    if (ways > waysMax) sampled += 1;
    for (const way of waysThrough(choices, { ways, waysMax })) {
      const image = imageAfter(before, made, way);
      const key = `${done} ${JSON.stringify(filesOf(image))}`;
      if (!found.has(key)) found.set(key, { image, done });
    }
  }
  return { states: [...found.values()], moments: disk.log.length + 1 - from, sampled };
}

type Outcomes = readonly (readonly Effect[])[];

/** What may have become of a happening, given what came after it. */
function outcomesOf(happening: Happening, later: readonly Happening[]): Outcomes {
  if (happening.what === 'sync' || happening.what === 'done') return [[]];
  const isSynced = later.some((each) => each.what === 'sync' && each.on === happening.on);
  if (isSynced) return [[happening]];
  if (happening.what !== 'write') return [[happening], []];
  const half = happening.bytes.subarray(0, Math.floor(happening.bytes.length / 2));
  const zeros = Buffer.alloc(happening.bytes.length);
  return [[happening], [], [{ ...happening, bytes: half }], [{ ...happening, bytes: zeros }]];
}

/** Every way to choose one outcome each; of too many, a sample, the same one each time. */
function* waysThrough(
  choices: readonly Outcomes[],
  { ways, waysMax }: { readonly ways: number; readonly waysMax: number },
): Generator<readonly Effect[]> {
  const random = linear(ways);
  const isWhole = ways <= waysMax;
  for (let way = 0; way < Math.min(ways, waysMax); way++) {
    let left = way;
    yield choices.flatMap((outcomes) => {
      const pick = (isWhole ? left : Math.floor(random() * outcomes.length)) % outcomes.length;
      left = Math.floor(left / outcomes.length);
      return outcomes[pick] ?? [];
    });
  }
}

/** Numbers from 0 to 1, the same for the same seed (Numerical Recipes' constants). */
function linear(seed: number): () => number {
  let state = seed % 2 ** 32;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function imageAfter(before: Image, made: Image, effects: readonly Effect[]): Image {
  const inodes = new Map(
    [...made].map(([id, { kind, mode }]) => {
      const was = before.get(id);
      const inode =
        was === undefined ? emptyInode(kind, mode) : { ...was, names: new Map(was.names) };
      return [id, inode] as const;
    }),
  );
  for (const effect of effects) applyEffect(inodes, effect);
  return inodes;
}
