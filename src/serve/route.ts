/** What a route is asked. */
export interface Asked {
  readonly query: URLSearchParams;
  /** By name in lower case; of a repeated header all values, with `, ` between them. */
  readonly headers: ReadonlyMap<string, string>;
  /** As it came; empty but for a POST. */
  readonly body: Uint8Array;
}

/** What a route answers: a text, or one that goes on until somebody has enough. */
export type Answer =
  | {
      readonly kind: 'text';
      readonly status: number;
      /** The media type of the text; `text/plain` where none is given. */
      readonly type?: string;
      readonly text: string;
      /** Beside, or in place of, those that every answer has. */
      readonly headers?: Readonly<Record<string, string>>;
      /** What an operator should know of it: a line for the log. */
      readonly problem?: string;
    }
  | {
      readonly kind: 'stream';
      readonly type: string;
      /** Called once the answer is begun. */
      readonly begin: (outlet: Outlet) => void;
    };

/** Where the text of a stream goes. */
export interface Outlet {
  /** One who reads too slowly is let go of. Nothing happens once it is closed. */
  send(text: string): void;
  /** Aborted when the other side has left, or the server ends. */
  readonly closed: AbortSignal;
}

/** One address of the server. Whoever asks it with GET may also ask with HEAD. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  answer(asked: Asked): Answer;
}
