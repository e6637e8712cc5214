import { createNodeHost } from '../../src/host/node-host.ts';
import type { Fact } from '../../src/model/fact.ts';
import { hostPath } from '../../src/model/ids.ts';
import type { Snapshot } from '../../src/model/source.ts';
import { openFileSource } from '../../src/source/file-source.ts';
import type { ReadingHost } from '../../src/source/read-files.ts';
import { until } from '../host/until.ts';

/** Files that are followed, and what was told of them: the text of a file, or `(absent)`, `(unreadable)`; of several all, with ` | ` between. */
export interface Followed {
  /** Each change, in order. */
  readonly told: readonly string[];
  /** What they are now. */
  readonly read: () => Promise<string>;
  /** Resolves when this was told last. */
  readonly tells: (text: string) => Promise<void>;
  /** Acts, and resolves when there was a hint, and all that may come of it was told. */
  readonly hintedBy: (act: () => void) => Promise<void>;
  /** How many looks for a writer there were, and how many of them found one, or the file gone. */
  readonly looks: { readonly all: number; readonly written: number; readonly gone: number };
  readonly end: () => Promise<void>;
}

/** The first hint comes before anything is watched, the second when all is. */
const HINTS_AT_START = 2;

/** Follows files of this machine; what is told begins with what changes after this has resolved. */
export async function follow(
  paths: readonly string[],
  over: Partial<ReadingHost> = {},
): Promise<Followed> {
  const told: string[] = [];
  const ending = new AbortController();
  const counts = { hints: 0, all: 0, written: 0, gone: 0 };
  const host = { ...createNodeHost(), ...over };
  const source = openFileSource(
    { ...host, watcher: counted(host.watcher, counts) },
    paths.map((path) => ({ shown: path, path: hostPath('', path) })),
    { onChange: (snapshot) => told.push(textOf(snapshot)), signal: ending.signal },
  );
  const read = async () => textOf(await source.read());
  await read();
  return {
    told,
    read,
    tells: async (text) => await until(() => told.at(-1) === text),
    async hintedBy(act) {
      await until(() => counts.hints >= HINTS_AT_START);
      const before = counts.hints;
      act();
      await until(() => counts.hints > before);
      await read();
    },
    looks: counts,
    async end() {
      ending.abort();
      await source.ended;
    },
  };
}

function counted(
  watcher: ReadingHost['watcher'],
  counts: { hints: number; all: number; written: number; gone: number },
): ReadingHost['watcher'] {
  return {
    mark: (path) => watcher.mark(path),
    async watch(paths, { onHint, signal }) {
      const counting = () => {
        counts.hints += 1;
        onHint();
      };
      await watcher.watch(paths, { onHint: counting, signal });
    },
    async isBeingWritten(path) {
      const found = await watcher.isBeingWritten(path);
      counts.all += 1;
      if (found.kind === 'absent') counts.gone += 1;
      if (found.kind === 'known' && found.value) counts.written += 1;
      return found;
    },
  };
}

function textOf({ desired, texts }: Snapshot): string {
  return desired.map(({ path }) => wordOf(texts.get(path))).join(' | ');
}

function wordOf(text: Fact<string> | undefined): string {
  return text?.kind === 'known' ? text.value : `(${text?.kind})`;
}
