import type { Files } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import { folderOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';

/** A file to begin with. */
export interface FirstFile {
  readonly path: HostPath;
  readonly text: string;
}

/** What became of the files to begin with. */
export interface Initialised {
  readonly written: readonly HostPath[];
  /** There already, and as they were. */
  readonly kept: readonly HostPath[];
}

const FILE_BITS = 0o644;

/** Writes the files that are not there, folders too, and never over one that is. Fails with `file-exists` when all are there. */
export function writeFirstFiles(
  files: Files,
  wanted: readonly FirstFile[],
): Result<Initialised, Failure> {
  // What cannot be looked at may be there.
  const missing = wanted.filter(({ path }) => files.inspect(path).kind === 'absent');
  const kept = wanted.filter((each) => !missing.includes(each)).map(({ path }) => path);
  if (missing.length === 0) return err({ code: 'file-exists', paths: kept, by: 'init' });
  for (const { path, text } of missing) {
    const made = files.makeFolder(folderOf(path));
    if (!made.ok) return made;
    const written = files.replace(path, text, { modeBits: FILE_BITS });
    if (!written.ok) return written;
  }
  return ok({ written: missing.map(({ path }) => path), kept });
}
