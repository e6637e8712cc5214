import { faultOf } from '../core/delivery.ts';
import type { Host } from '../host/host.ts';
import { ALLOWED_BY_DEFAULT } from '../model/address.ts';
import type { OldError } from '../model/old-error.ts';
import { visitWithQuery, type QueryParameter } from '../report/callback.ts';
import { loadDefinition } from './load.ts';
import type { Site } from './site.ts';

/** The verbs that tell a CALLBACK how they ended. */
export type ToldVerb =
  | { readonly verb: 'product.upgrade'; readonly product: string; readonly version: string }
  | { readonly verb: 'server.mode'; readonly mode: string }
  | { readonly verb: 'server.provision' };

/** What a CALLBACK is told: by which verb, and why that failed. */
export interface VerbEnd {
  readonly told: ToldVerb;
  readonly error: OldError | undefined;
}

/** Who is asked, and until when. */
export interface CallbackRequest {
  readonly site: Site;
  /** Aborted: the visit is cut off. */
  readonly signal: AbortSignal;
}

/** Visits the URL that a verb was given, with how it ended as query parameters (CONTRACT 7); returns a line where it was not reached. Once the lock is free: what it answers may be the next verb. */
export async function tellCallback(
  host: Host,
  url: string,
  { told, error, site, signal }: VerbEnd & CallbackRequest,
): Promise<string | undefined> {
  const query = parametersOf(told, error).map(([name, value]): QueryParameter => [
    name,
    value.slice(0, VALUE_CHARS_MAX),
  ]);
  const definition = loadDefinition(host, site);
  const allow = definition.ok ? definition.value.callbackAllow : ALLOWED_BY_DEFAULT;
  const ended = await visitWithQuery(host, { url, query }, { allow, signal });
  const fault = faultOf(ended);
  return fault && `callback to ${new URL(url).host}: ${fault}`;
}

// A character takes up to nine in a URL, and many servers refuse URLs beyond 8 KiB.
const VALUE_CHARS_MAX = 800;

function parametersOf(told: ToldVerb, error: OldError | undefined): readonly QueryParameter[] {
  switch (told.verb) {
    case 'product.upgrade': {
      const ofProduct: readonly QueryParameter[] = [
        ['product', told.product],
        ['version', told.version],
      ];
      return [...ofProduct, ...ending('valid', error)];
    }
    case 'server.mode': {
      if (error?.tag === 'invalid-mode')
        return [
          ['status', error.tag],
          ['message', `${error.message} is not a valid mode`],
        ];
      if (error !== undefined) return tagAndMessage(error);
      return [
        ['status', told.mode],
        ['message', `Server mode is now ${told.mode}`],
      ];
    }
    case 'server.provision':
      return ending('idle', error);
  }
}

// What was begun and failed is `invalid`; what was refused has its own word.
function ending(success: string, error: OldError | undefined): readonly QueryParameter[] {
  if (error === undefined) return [['status', success]];
  return error.tag === 'script-error'
    ? [
        ['status', 'invalid'],
        ['message', error.message],
      ]
    : tagAndMessage(error);
}

function tagAndMessage({ tag, message }: OldError): readonly QueryParameter[] {
  return [
    ['status', tag],
    ['message', message],
  ];
}
