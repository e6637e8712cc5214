// A folder that a script makes while a run goes on is one that nobody has synced the name of yet.
import { expect, test } from 'vitest';
import { createFiles } from '../../../src/host/files.ts';
import { hostPath } from '../../../src/model/ids.ts';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.ts';

const config = (path: string) => ({ path: hostPath('', path), text: 'a = 1\n', modeBits: 0o644 });

/** Names that a power cut would lose: whatever they are in was not synced since. */
function namesAtRisk({ log }: MemoryDisk): readonly string[] {
  return log.flatMap((happening, index) => {
    if (happening.what !== 'names') return [];
    const isSynced = log
      .slice(index)
      .some((later) => later.what === 'sync' && later.on === happening.on);
    return isSynced ? [] : happening.changes.map(({ name }) => name);
  });
}

test.each(['a script', 'nobody'])(
  'what is written into a folder that %s made is on disk with the name of that folder',
  async (who) => {
    const disk = createMemoryDisk();
    const files = createFiles(disk);
    expect(await files.replaceAll([[config('/etc/a/a.ini')]])).toMatchObject({ ok: true });
    expect(namesAtRisk(disk)).toEqual([]);
    if (who === 'a script') disk.mkdir('/etc/b', 0o755);
    expect(await files.replaceAll([[config('/etc/b/b.ini')]])).toMatchObject({ ok: true });
    expect(namesAtRisk(disk)).toEqual([]);
  },
);
