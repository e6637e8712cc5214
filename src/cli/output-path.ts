import { resolve } from 'node:path';
import type { Files } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { folderOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';

/**
 * Where a file that the command line names is to be written; undefined where it names none. Fails as `file-unusable` where the
 * folder is not there, to be asked before anything else is done: a slip in a path is told, and makes no folder.
 */
export function outputPath(
  files: Pick<Files, 'resolve'>,
  written: string | undefined,
): Result<HostPath | undefined, Failure> {
  if (written === undefined) return ok(undefined);
  const path = hostPath('', resolve(written));
  const folder = folderOf(path);
  // What cannot be looked at may be there: the write will tell.
  return files.resolve(folder).kind === 'absent'
    ? err({ code: 'file-unusable', path, why: `there is no folder ${folder}`, what: 'write' })
    : ok(path);
}
