import type { Files } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import { parseCommitId } from '../model/git.ts';
import type { HostPath } from '../model/ids.ts';
import type { JsonObject } from '../model/json-object.ts';
import { layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Snapshot } from '../model/source.ts';
import { TRUST_FORMAT, type Trust } from '../model/trust.ts';
import { readStateFile, writeStateFile, type StateFile } from './state-file.ts';

const STATE_FILE_BITS = 0o644;

/** What was applied last from git; undefined where nothing ever was. Fails where that cannot be told: any old commit could be passed off as new then. */
export function readTrust(
  files: Pick<Files, 'read'>,
  root: string,
): Result<Trust | undefined, Failure> {
  const file = stateFile(root);
  const document = readStateFile(files, file);
  if (!document.ok) return document;
  if (document.value === undefined) return ok(undefined);
  const trust = trustIn(document.value);
  const why = 'it is damaged (it names no commit)';
  return trust === undefined
    ? err({ code: 'file-unusable', path: file.path, why, what: 'read' })
    : ok(trust);
}

function stateFile(root: string): StateFile {
  return { path: layoutOf(root).trust, format: TRUST_FORMAT };
}

/** Writes the record. For the holder of the lock only. */
export function writeTrust(files: Files, root: string, body: Trust): Result<void, Failure> {
  return writeStateFile(files, { ...stateFile(root), body, modeBits: STATE_FILE_BITS });
}

function trustIn({ commit: id, url, ref, desired, serial }: JsonObject): Trust | undefined {
  const commit = typeof id === 'string' ? parseCommitId(id) : undefined;
  if (commit === undefined) return undefined;
  if (serial !== undefined && !Number.isSafeInteger(serial)) return undefined;
  return {
    commit,
    url: typeof url === 'string' ? url : undefined,
    ref: typeof ref === 'string' ? ref : undefined,
    desired: Array.isArray(desired) ? desired.flatMap(fileIn) : [],
    serial: typeof serial === 'number' ? serial : undefined,
  };
}

function fileIn(value: unknown): Snapshot['desired'] {
  if (typeof value !== 'object' || value === null) return [];
  const { shown, path } = value as JsonObject;
  const isFile = typeof shown === 'string' && typeof path === 'string';
  return isFile ? [{ shown, path: path as HostPath }] : [];
}
