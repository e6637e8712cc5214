import { dirname } from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import type { Disk } from './disk.ts';
import { checkSize, discard, PRIVATE_MODE_BITS, syncFolder, writeAll } from './durable-file.ts';
import { attemptLater, notWritable } from './file-failure.ts';
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

/** A line that waits to be written, and who waits for it. */
interface Waiting {
  readonly bytes: Buffer;
  readonly answer: (result: Promise<Result<void, Failure>>) => void;
}

// What it holds is counted, not asked for: a disk that keeps less than it says is found out.
function logIn(
  disk: Disk,
  { path, file }: { readonly path: HostPath; readonly file: number },
): AppendLog {
  let size = 0;
  let ended: 'failed' | 'closed' | undefined;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  const write = async (bytes: Buffer): Promise<Result<void, Failure>> => {
    if (ended !== undefined) return notWritable(path, WHY_ENDED[ended]);
    try {
      writeAll(disk, file, bytes);
      await disk.flush(file);
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
  const writeWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      const together = linesOfOneBlock(waiting, size);
      waiting = waiting.slice(together.length);
      const bytes = Buffer.concat(together.map((line) => line.bytes));
      const result = attemptLater(path, () => write(bytes));
      for (const { answer } of together) answer(result);
      await Promise.allSettled([result]);
    }
    writing = undefined;
  };
  return {
    async append(line) {
      if (line.includes('\n')) throw new Error('a line of a log holds no end of line');
      const answered = new Promise<Result<void, Failure>>((answer) => {
        waiting.push({ bytes: Buffer.from(`${line}\n`), answer });
      });
      writing ??= writeWaiting();
      return await answered;
    },
    async close() {
      await writing;
      if (ended === 'closed') return;
      ended = 'closed';
      closeQuietly(disk, file);
    },
  };
}

/** What file systems write whole. */
const BLOCK_BYTES = 4096;

/** The first lines that end in the block in which a log of this size ends; one at least. Of what is in two blocks a power cut may leave the second alone, and a line without those before it is damage. */
function linesOfOneBlock(lines: readonly Waiting[], size: number): readonly Waiting[] {
  let room = BLOCK_BYTES - (size % BLOCK_BYTES);
  const beyond = lines.findIndex(({ bytes }) => (room -= bytes.length) < 0);
  return beyond < 0 ? lines : lines.slice(0, Math.max(1, beyond));
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
