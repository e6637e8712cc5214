/** What happened and nobody has looked at yet, in order. One reader. */
export interface Mailbox<T> {
  put(letter: T): void;
  /** The reader gets this in place of a letter: nothing can be waited for any more. */
  fail(thrown: unknown): void;
  /** The oldest letter, once there is one. */
  take(): Promise<T>;
}

/** An empty mailbox. */
export function createMailbox<T>(): Mailbox<T> {
  const letters: (() => T)[] = [];
  let wake: (() => void) | undefined;
  const deliver = (letter: () => T): void => {
    letters.push(letter);
    wake?.();
  };
  return {
    put: (letter) => deliver(() => letter),
    fail: (thrown) =>
      deliver(() => {
        throw thrown;
      }),
    async take() {
      for (;;) {
        const letter = letters.shift();
        if (letter !== undefined) return letter();
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
