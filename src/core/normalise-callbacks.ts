import { isList, showPath, type CallbackDocument, type DocumentPath } from '../model/document.ts';
import type { CallbackTarget } from '../model/state.ts';
import type { NoteFinding } from './finding.ts';
import { noteUnlessHttpUrl } from './normalise-heartbeat.ts';
import { readReference } from './secret-reference.ts';

/** What only the floors above can tell of a callback. */
export interface CallbackContext {
  /** Why an address may not be called, as far as its text tells; undefined where it may be. */
  readonly refuseCallback: (url: URL) => string | undefined;
}

/** Who is told how runs end; what cannot be told to anybody is noted. */
export function normaliseCallbacks(
  documents: readonly CallbackDocument[],
  { refuseCallback }: CallbackContext,
  note: NoteFinding,
): readonly CallbackTarget[] {
  return documents.map(({ url, format = 'cloudevents', secret = [] }, index): CallbackTarget => {
    const path = ['callbacks', index];
    const refusal = noteUnlessHttpUrl(url, [...path, 'url'], note)
      ? refuseCallback(new URL(url))
      : undefined;
    if (refusal !== undefined) note(refused([...path, 'url'], refusal));
    const secrets = isList(secret)
      ? secret.flatMap((each, at) => readReference(each, [...path, 'secret', at], note) ?? [])
      : [readReference(secret, [...path, 'secret'], note) ?? []].flat();
    return { url, format, secrets };
  });
}

function refused(path: DocumentPath, why: string): Parameters<NoteFinding>[0] {
  return {
    code: 'callback-address',
    path,
    part: 'value',
    summary: `${showPath(path)} may not be called: ${why}`,
    fix: 'name another address; callback-allow in [bootstrap] of bootstrap.ini says which may be called',
  };
}
