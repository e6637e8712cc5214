import type { Suspension } from '../../model/suspension.ts';

/** Why nothing is done for now, who said so, and until when. */
export function suspensionText({ reason, by, since, until }: Suspension): string {
  const end = until === null ? 'until somebody resumes it' : `until ${until}`;
  return `suspended by ${by} since ${since} (${reason}), ${end}`;
}
