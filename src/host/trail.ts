import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostPath } from '../model/ids.ts';
import { errorCode } from './system-error.ts';

/** As many links in a row as Linux follows itself (path_resolution(7)). */
const LINKS_MAX = 40;

/** What decides, name by name, what some paths lead to. */
export interface Trail {
  /** All that was found on the way; another one where anything of it was replaced, written, made or removed. */
  readonly found: string;
  /** The folders in which a name decides: that of a file, of a link, or of what is not there. By path and inode, for another folder may have the same path. */
  readonly folders: ReadonlyMap<string, string>;
  /** The names that matter, by folder. */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Follows the paths as they are now, each link and each folder above them included. Source: path_resolution(7). */
export function readTrail(paths: readonly HostPath[]): Trail {
  const steps = paths.flatMap(follow);
  const names = new Map<string, Set<string>>();
  for (const { folder, name } of steps)
    names.set(folder, (names.get(folder) ?? new Set()).add(name));
  // Not every folder above: one that is moved away says so itself, and one further up that is replaced is found by the next poll.
  // The folders further up may be as busy as /tmp, and chokidar reads the whole of a folder at each event in it.
  const deciding = new Set(steps.flatMap(({ folder, decides }) => (decides ? [folder] : [])));
  return {
    found: JSON.stringify(steps),
    folders: new Map([...deciding].map((folder) => [`${folder} ${look(folder).is}`, folder])),
    names,
  };
}

/** One name on the way. */
interface Step {
  readonly folder: string;
  readonly name: string;
  readonly is: string;
  readonly decides: boolean;
}

function follow(path: string): readonly Step[] {
  const steps: Step[] = [];
  let links = 0;
  let folder = '/';
  let [name, ...rest] = namesOf(path);
  while (name !== undefined) {
    if (name === '..') {
      folder = dirname(folder);
      [name, ...rest] = rest;
      continue;
    }
    const at = join(folder, name);
    const { is, leadsTo } = look(at);
    const isPassed = leadsTo === 'below' && rest.length > 0;
    steps.push({ folder, name, is, decides: !isPassed });
    if (typeof leadsTo === 'object' && ++links <= LINKS_MAX) {
      if (leadsTo.target.startsWith('/')) folder = '/';
      [name, ...rest] = [...namesOf(leadsTo.target), ...rest];
    } else {
      if (!isPassed) break;
      folder = at;
      [name, ...rest] = rest;
    }
  }
  return steps;
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** What is at a path, told apart from everything that could take its place, and where the way goes on from it. */
interface Found {
  readonly is: string;
  readonly leadsTo: 'below' | 'nothing' | { readonly target: string };
}

function look(path: string): Found {
  try {
    const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return { is: 'nothing', leadsTo: 'nothing' };
    const { dev, ino, mode, uid, gid, size, mtimeNs, ctimeNs } = found;
    // The times of a folder also tell of names that do not matter.
    if (found.isDirectory()) return { is: [dev, ino, mode, uid, gid].join(':'), leadsTo: 'below' };
    const is = [dev, ino, size, mtimeNs, ctimeNs].join(':');
    return { is, leadsTo: found.isSymbolicLink() ? { target: readlinkSync(path) } : 'nothing' };
  } catch (thrown) {
    return { is: errorCode(thrown) ?? String(thrown), leadsTo: 'nothing' };
  }
}
