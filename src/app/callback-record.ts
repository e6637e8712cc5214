import type { Files } from '../host/host.ts';
import { CALLBACKS_FORMAT, type CallbackRecord } from '../model/callback.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { readStateFile, writeStateFile, type StateFile } from './state-file.ts';

// Addresses of receivers may hold tokens.
const RECORD_BITS = 0o600;

const NOTHING_TOLD: CallbackRecord = { sequence: 0, standing: null, open: null, pending: [] };

/** What receivers were told, and are to be told still. Fails where that cannot be read: numbers given already must not be given again. */
export function readCallbackRecord(
  files: Pick<Files, 'read'>,
  root: string,
): Result<CallbackRecord, Failure> {
  const file = stateFile(root);
  const document = readStateFile(files, file);
  if (!document.ok) return document;
  if (document.value === undefined) return ok(NOTHING_TOLD);
  const { sequence, pending } = document.value;
  if (typeof sequence === 'number' && Array.isArray(pending))
    return ok(document.value as unknown as CallbackRecord);
  const why = 'it is damaged (it counts no events)';
  return err({ code: 'file-unusable', path: file.path, why, what: 'read' });
}

function stateFile(root: string): StateFile {
  return { path: layoutOf(root).callbacks, format: CALLBACKS_FORMAT };
}

/** Keeps the record, durably. For the holder of the main lock. */
export function writeCallbackRecord(
  files: Pick<Files, 'makeFolder' | 'replace'>,
  root: string,
  { sequence, standing, open, pending }: CallbackRecord,
): Result<void, Failure> {
  const body: CallbackRecord = { sequence, standing, open, pending };
  return writeStateFile(files, { ...stateFile(root), body, modeBits: RECORD_BITS });
}
