import type { Files } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import { ok, type Result } from '../model/result.ts';
import { RETRY_FORMAT, type Retry } from '../model/retry.ts';
import { readStateFile, writeStateFile, type StateFile } from './state-file.ts';

const STATE_FILE_BITS = 0o644;

/** What watch is to try again; undefined where nothing failed, or it cannot be read: then it begins anew. */
export function readRetry(files: Pick<Files, 'read'>, root: string): Retry | undefined {
  const document = readStateFile(files, stateFile(root));
  return document.ok ? (document.value as unknown as Retry | undefined) : undefined;
}

function stateFile(root: string): StateFile {
  return { path: layoutOf(root).retry, format: RETRY_FORMAT };
}

/** Keeps what is to be tried again, so that a watch that dies does not begin anew; undefined: nothing is. */
export function writeRetry(
  files: Pick<Files, 'inspect' | 'makeFolder' | 'remove' | 'replace'>,
  root: string,
  retry: Retry | undefined,
): Result<void, Failure> {
  const file = stateFile(root);
  if (retry !== undefined)
    return writeStateFile(files, { ...file, body: retry, modeBits: STATE_FILE_BITS });
  return files.inspect(file.path).kind === 'absent' ? ok(undefined) : files.remove(file.path);
}
