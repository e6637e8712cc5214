// Does to files whatever is done to files, at random. Bundled by the test, and told what to do by messages of its parent: another
// process, so that files change at any moment while they are read. Each text begins and ends with its number: half of one shows.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';

/** What the parent asks for: so many events one after the other, drawn from these kinds. */
export interface Burst {
  readonly events: number;
  readonly kinds: readonly Kind[] | 'all';
}

/** What it is told at the start, and when they are done. */
export interface Done {
  /** The files that the storm is about, and what they hold now. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** By the monotonic clock, which all processes share. */
  readonly atNs: string;
  readonly kinds: readonly Kind[];
}

export type Kind = keyof typeof KINDS;

const FILLER_MAX = 20_000;
const PAUSE_MS_MAX = 30;

const [, , base = '', seed = '1'] = process.argv;
const random = randomOf(Number(seed));
let count = 0;
let [textA, textB] = ['', ''];
const a = join(base, 'live/app/a.yaml');
const b = join(base, 'conf/b.yaml');

/** The events: each leaves the files whole, with `textA` and `textB` in them. */
const KINDS = {
  'written in place': () => fs.writeFileSync(a, newA()),
  'written in place through links': () => fs.writeFileSync(b, newB()),
  'written over, not emptied first': () => shell('cat > "$1"', a, newA()),
  'written in two goes': () => inTwoGoes(a, newA()),
  'renamed over': () => renameOver(a, newA()),
  'moved away and made anew': () => {
    fs.renameSync(a, `${a}~`);
    inTwoGoes(a, newA());
    fs.rmSync(`${a}~`);
  },
  'deleted and made again': () => {
    fs.rmSync(a);
    fs.writeFileSync(a, newA());
  },
  'sed -i': () => {
    textA = textA.replaceAll('x', 'y');
    execFileSync('sed', ['-i', 's/x/y/g', a]);
  },
  rsync: () => copyBy('rsync', '--ignore-times'),
  'rsync --inplace': () => copyBy('rsync', '--ignore-times', '--inplace'),
  touched: () => fs.utimesSync(a, new Date(), new Date()),
  'mode changed': () => fs.chmodSync(a, random() < 0.5 ? 0o600 : 0o644),
  'renamed over with the same text': () => renameOver(a, textA),
  'made a link': () => link(fileOf(newA()), a),
  'release changed': () => {
    const release = newFolder('release');
    fs.mkdirSync(join(release, 'app'));
    fs.writeFileSync(join(release, 'app/a.yaml'), newA());
    const live = join(base, 'live');
    if (fs.lstatSync(live).isDirectory()) fs.renameSync(live, newFolder('old'));
    link(release, live);
  },
  'folder replaced': () => {
    const folder = newFolder('app');
    fs.writeFileSync(join(folder, 'a.yaml'), newA());
    fs.renameSync(dirname(a), newFolder('old'));
    fs.renameSync(folder, dirname(a));
  },
  'folder above replaced': () => {
    const release = newFolder('release');
    fs.mkdirSync(join(release, 'app'));
    fs.writeFileSync(join(release, 'app/a.yaml'), newA());
    const old = newFolder('old');
    const live = fs.realpathSync(join(base, 'live'));
    fs.renameSync(live, old);
    fs.renameSync(release, live);
  },
  'folder deleted and made again': () => {
    fs.rmSync(dirname(a), { recursive: true });
    fs.mkdirSync(dirname(a));
    fs.writeFileSync(a, newA());
  },
  'all deleted and made again': () => {
    fs.rmSync(fs.realpathSync(join(base, 'live')), { recursive: true });
    fs.rmSync(join(base, 'live'), { force: true });
    fs.mkdirSync(dirname(a), { recursive: true });
    fs.writeFileSync(a, newA());
  },
  '..data swapped': () => {
    const data = newFolder('conf/..data');
    fs.writeFileSync(join(data, 'b.yaml'), newB());
    const before = fs.realpathSync(join(base, 'conf/..data'));
    link(data, join(base, 'conf/..data'));
    fs.rmSync(before, { recursive: true });
  },
} satisfies Record<string, () => void>;

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function newText(): string {
  count += 1;
  return `${count}:${'x'.repeat(random() * FILLER_MAX)}:${count}\n`;
}

function newA(): string {
  textA = newText();
  return textA;
}

function newB(): string {
  textB = newText();
  return textB;
}

function newFolder(name: string): string {
  count += 1;
  const folder = join(base, `${name}-${count}`);
  fs.mkdirSync(folder);
  return folder;
}

function fileOf(text: string): string {
  count += 1;
  const path = join(base, `file-${count}`);
  fs.writeFileSync(path, text);
  return path;
}

function inTwoGoes(path: string, text: string): void {
  const file = fs.openSync(path, 'w');
  const half = Math.floor(text.length / 2);
  fs.writeSync(file, text.slice(0, half));
  pause(random() * PAUSE_MS_MAX);
  fs.writeSync(file, text.slice(half));
  fs.closeSync(file);
}

function renameOver(path: string, text: string): void {
  fs.renameSync(fileOf(text), path);
}

function link(target: string, path: string): void {
  fs.symlinkSync(target, `${path}.new`);
  fs.renameSync(`${path}.new`, path);
}

function shell(line: string, path: string, input: string): void {
  execFileSync('/bin/sh', ['-c', line, 'sh', path], { input });
}

function copyBy(program: string, ...options: readonly string[]): void {
  execFileSync(program, [...options, fileOf(newA()), a]);
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function begin(): void {
  fs.mkdirSync(dirname(a), { recursive: true });
  fs.writeFileSync(a, newA());
  fs.mkdirSync(dirname(b));
  const data = newFolder('conf/..data');
  fs.writeFileSync(join(data, 'b.yaml'), newB());
  fs.symlinkSync(data, join(base, 'conf/..data'));
  fs.symlinkSync('..data/b.yaml', b);
}

function act({ events, kinds }: Burst): readonly Kind[] {
  const all = kinds === 'all' ? names(KINDS) : kinds;
  return Array.from({ length: events }, () => {
    const kind = all[Math.floor(random() * all.length)] ?? 'touched';
    KINDS[kind]();
    return kind;
  });
}

function names<T extends object>(table: T): readonly (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}

function tell(kinds: readonly Kind[]): void {
  const done: Done = {
    files: [
      { path: a, text: textA },
      { path: b, text: textB },
    ],
    atNs: String(process.hrtime.bigint()),
    kinds,
  };
  process.send?.(done);
}

begin();
process.on('message', (burst: Burst) => tell(act(burst)));
tell([]);
