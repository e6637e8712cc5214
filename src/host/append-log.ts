import { dirname } from 'node:path';
import type { HostPath } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import type { Disk } from './disk.ts';
import { checkSize, discard, PRIVATE_MODE_BITS, syncFolder, writeAll } from './durable-file.ts';
import { attempt, notWritable } from './file-failure.ts';
import type { AppendLog } from './host.ts';
import { errorWords } from './system-error.ts';

/** Makes a new log, 0600, in a folder that is there; its name is on disk when this returns. Throws the system's errors, EEXIST where the file is there. */
export function createLog(disk: Disk, path: HostPath): AppendLog {
  const file = disk.open(path, 'ax', PRIVATE_MODE_BITS);
  try {
    syncFolder(disk, dirname(path));
  } catch (thrown) {
    disk.close(file);
    discard(disk, path);
    throw thrown;
  }
  return logIn(disk, { path, file });
}

// What it holds is counted, not asked for: a disk that keeps less than it says is found out.
function logIn(
  disk: Disk,
  { path, file }: { readonly path: HostPath; readonly file: number },
): AppendLog {
  let size = 0;
  let ended: 'failed' | 'closed' | undefined;
  const write = (line: string, durable: boolean): Result<void> => {
    const bytes = Buffer.from(`${line}\n`);
    try {
      writeAll(disk, file, bytes);
      if (durable) disk.sync(file);
      checkSize(disk, file, size + bytes.length);
    } catch (thrown) {
      // A log with a hole in it is worse than one that ended.
      ended = 'failed';
      cutBack(disk, file, size);
      throw thrown;
    }
    size += bytes.length;
    return ok(undefined);
  };
  return {
    append(line, { durable }) {
      if (line.includes('\n')) throw new Error('a line of a log holds no end of line');
      if (ended !== undefined) return notWritable(path, WHY_ENDED[ended]);
      return attempt(path, () => write(line, durable));
    },
    close() {
      if (ended === 'closed') return;
      ended = 'closed';
      closeQuietly(disk, file);
    },
  };
}

const WHY_ENDED = {
  failed: 'an earlier line could not be written to it',
  closed: 'it was closed',
} as const;

/** Takes a line that failed away again, where the disk lets us: the reader passes by one that is cut off at the end. */
function cutBack(disk: Disk, file: number, size: number): void {
  try {
    disk.truncate(file, size);
  } catch (thrown) {
    errorWords(thrown);
  }
}

/** What had to be durable is; there is nothing to do about the rest. */
function closeQuietly(disk: Disk, file: number): void {
  try {
    disk.close(file);
  } catch (thrown) {
    errorWords(thrown);
  }
}
