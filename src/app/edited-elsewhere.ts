import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Files } from '../host/host.ts';
import type { OldError } from '../model/old-error.ts';
import { readTrust } from './trust-record.ts';

/** Why the desired state is not edited here, and where it is; undefined where this server's own file says what it is to be. */
export function editedElsewhere(files: Pick<Files, 'read'>, root: string): OldError | undefined {
  const trust = readTrust(files, root);
  // A record that cannot be read is one of git: what is edited here would not be what counts.
  if (!trust.ok) return { tag: 'invalid-operation', message: renderFailureLine(trust.error) };
  if (trust.value?.url === undefined) return undefined;
  const { url, ref, desired } = trust.value;
  const read = desired.map(({ shown }) => shown).join(', ');
  const place = `${url}${ref === undefined ? '' : `, ${ref}`}`;
  const message = `the desired state comes from git: change it there, in ${place} (read from ${read})`;
  return { tag: 'invalid-operation', message };
}
