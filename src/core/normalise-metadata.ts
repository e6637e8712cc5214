import { showPath, type MetadataDocument } from '../model/document.ts';
import type { Metadata } from '../model/state.ts';
import type { NoteFinding } from './finding.ts';

/** What a document says of itself; a moment that no calendar or clock has is noted. */
export function normaliseMetadata(
  { name, serial, expires, machineId }: MetadataDocument,
  note: NoteFinding,
): Metadata {
  const moment = expires === undefined ? undefined : parseMoment(expires);
  if (expires !== undefined && moment === undefined) {
    const path = ['metadata', 'expires'];
    const summary = `${showPath(path)}: there is no such moment as ${expires}`;
    note({ code: 'malformed', path, part: 'value', summary });
  }
  return { name, serial, expires: moment, machineId };
}

// The schema has seen to its form: 2026-12-01T00:00:00Z (RFC 3339).
function parseMoment(text: string): Date | undefined {
  const day = text.slice(0, 'YYYY-MM-DD'.length);
  const midnight = new Date(`${day}T00:00:00Z`);
  const moment = new Date(text);
  if (Number.isNaN(midnight.getTime()) || Number.isNaN(moment.getTime())) return undefined;
  // The 30th of February would quietly become the 2nd of March.
  return midnight.toISOString().startsWith(day) ? moment : undefined;
}
