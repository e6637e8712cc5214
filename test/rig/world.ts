import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Texts by path under the root; null: no such file. */
export type FileTexts = Readonly<Record<string, string | null>>;

/** A server in a folder of its own. */
export interface World {
  /** Its folder, every link followed. */
  readonly root: string;
  /** Puts files in place, folders too; a text that begins with `#!` becomes executable, null removes the file or folder. */
  put(files: FileTexts): void;
  /** The text of a file, what a folder holds, or null where there is neither. */
  text(path: string): string | null;
  /** Permission bits by path, in octal: "0777". */
  chmod(bits: Readonly<Record<string, string>>): void;
  /** The group of each path, by number. Root only. */
  chgrp(groups: Readonly<Record<string, number>>): void;
  /** Every file, by its path under the root, sorted. */
  list(): readonly string[];
  /** Kills by pid whatever a script of this world left running, and removes the folder. */
  end(): void;
}

const SCRIPT_BITS = 0o755;
const FILE_BITS = 0o644;

/** A new world with these files. */
export function createWorld(files: FileTexts = {}): World {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bootstrap-world-')));
  const at = (path: string): string => join(root, path);
  const world: World = {
    root,
    put(texts) {
      for (const [path, text] of Object.entries(texts)) {
        if (text === null) rmSync(at(path), { recursive: true, force: true });
        else writeFile(at(path), text);
      }
    },
    text: (path) => {
      const found = statSync(at(path), { throwIfNoEntry: false });
      if (found === undefined) return null;
      return found.isDirectory()
        ? `${readdirSync(at(path)).toSorted().join(' ')} in a folder`
        : readFileSync(at(path), 'utf8');
    },
    chmod(bits) {
      for (const [path, octal] of Object.entries(bits))
        chmodSync(at(path), Number.parseInt(octal, 8));
    },
    chgrp(groups) {
      for (const [path, group] of Object.entries(groups)) chownSync(at(path), 0, group);
    },
    list: () =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
        .toSorted(),
    end() {
      for (const pid of leftRunning(root)) killIfThere(pid);
      rmSync(root, { recursive: true, force: true });
    },
  };
  world.put(files);
  return world;
}

function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  // A daemon may be running the old text: a new file, not the same one with other bytes.
  rmSync(path, { force: true });
  writeFileSync(path, text);
  chmodSync(path, text.startsWith('#!') ? SCRIPT_BITS : FILE_BITS);
}

/** The processes that bear this very root in their environment: scripts and what they started, nobody else's. */
export function leftRunning(root: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(`BOOTSTRAP_ROOT=${root}`))
    .map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (thrown) {
    // It has ended since it was seen.
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // it has ended, or is another user's
  }
}
