import { statSync } from 'node:fs';
import { absent, known, type Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';
import { missing } from './read-file.ts';
import type { FileMark } from './watching.ts';

/** What tells a file from what was there before; links are followed. */
export function markOf(path: HostPath): Fact<FileMark> {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return absent;
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    const state = [dev, ino, size, mtimeNs, ctimeNs].join(':');
    return known({ inode: `${dev}:${ino}`, state, isEmpty: size === 0n });
  } catch (thrown) {
    return missing(path, thrown);
  }
}
