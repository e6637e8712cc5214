import { later } from './later.ts';

/** Something looked up on the server. Unreadable is not absent: it never causes an action. */
export type Fact<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** A fact that was read. */
export function known<T>(value: T): Fact<T> {
  return { kind: 'known', value };
}

/** A fact that is there, its value made when it is first asked for. */
export function knownLater<T>(make: () => T): Fact<T> {
  const value = later(make);
  return {
    kind: 'known',
    get value() {
      return value();
    },
  };
}

/** A fact that is not there. */
export const absent: Fact<never> = { kind: 'absent' };

/** A fact that may be there but could not be read. */
export function unreadable(why: string): Fact<never> {
  return { kind: 'unreadable', why };
}

/** The value of a known fact, else undefined: only where absent and unreadable are treated alike on purpose. */
export function valueOf<T>(fact: Fact<T>): T | undefined {
  return fact.kind === 'known' ? fact.value : undefined;
}

/** A known fact put through `change`; the other kinds as they are. */
export function mapFact<T, U>(fact: Fact<T>, change: (value: T) => U): Fact<U> {
  return fact.kind === 'known' ? known(change(fact.value)) : fact;
}
