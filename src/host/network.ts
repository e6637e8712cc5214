import type { AddressAllowance } from '../model/address.ts';
import type { DurationMs } from '../model/duration.ts';
import type { HostPath } from '../model/ids.ts';

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case; of a repeated header all values, with `, ` between them. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A look over the network, or a reason why there was no answer. `error`: the look could not be made at all. */
export type NetResult<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string };

/** How an HTTP request is made. */
export interface HttpRequest {
  readonly timeoutMs: DurationMs;
  readonly bodyBytesMax: number;
  readonly signal?: AbortSignal;
}

/** An HTTP request to an address of our own choice. */
export interface GetRequest extends HttpRequest {
  /** A unix socket to ask over, in place of the URL's own address. */
  readonly socket?: HostPath | undefined;
}

/** An HTTP request to an address that somebody else named. */
export interface VisitRequest extends HttpRequest {
  readonly allow: AddressAllowance;
  /** What is posted; undefined: a GET. */
  readonly post: HttpPost | undefined;
}

/** What is sent with a POST. */
export interface HttpPost {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Where a connection leads: a port, or a unix socket. */
export type Address =
  { readonly host: string; readonly port: number } | { readonly socket: HostPath };

/** How long a connection may take, all that is said over it included. */
export interface ConnectRequest {
  readonly timeoutMs: DurationMs;
  readonly signal?: AbortSignal;
}

/** What is said over a connection, and how much of the answer is read. */
export interface AskRequest extends ConnectRequest {
  readonly text: string;
  readonly answerBytesMax: number;
}

/** The network. No redirects are followed. */
export interface Net {
  get(url: string, request: GetRequest): Promise<NetResult<HttpAnswer>>;
  /** GET or POST to an address that somebody else named: link-local and metadata addresses are refused, and what `allow` does not name. */
  visit(url: string, request: VisitRequest): Promise<NetResult<HttpAnswer>>;
  /** Connects, and lets go at once. */
  connect(to: Address, request: ConnectRequest): Promise<NetResult<void>>;
  /** Sends a text, and reads what comes until the other side has said all it has to say. */
  ask(to: Address, request: AskRequest): Promise<NetResult<string>>;
}
