import { resolve } from 'node:path';
import type { Files } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import { valueOf } from '../model/fact.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { folderOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';

/**
 * Where a file that the command line names is to be written; undefined where it names none. Fails as `file-unusable` where there is
 * no such folder, to be asked before anything else is done: a slip in a path is told, and makes no folder.
 */
export function outputPath(
  files: Pick<Files, 'inspect'>,
  written: string | undefined,
): Result<HostPath | undefined, Failure> {
  if (written === undefined) return ok(undefined);
  const path = hostPath('', resolve(written));
  const folder = folderOf(path);
  const unusable = (why: string): Result<never, Failure> =>
    err<Failure>({ code: 'file-unusable', path, why, what: 'write' });
  // What cannot be looked at may be there: the write will tell.
  const above = files.inspect(folder);
  if (above.kind === 'absent') return unusable(`there is no folder ${folder}`);
  return valueOf(above)?.type === 'file' ? unusable(`${folder} is not a folder`) : ok(path);
}
