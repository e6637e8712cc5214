import type { Toned } from './account-words.ts';
import { markup, type Markup } from './markup.ts';

/** A word with its tone, and a shape of its own before it: nothing rests on colour. */
export function toned([words, tone]: Toned): Markup {
  return markup`<span class="word ${tone}">${words}</span>`;
}

/** A time, which the script of the page turns into how long ago that is. */
export function since(time: string): Markup {
  return markup`<time class="faint numbers" datetime="${time}">${time.slice(0, MINUTES_END).replace('T', ' ')}</time>`;
}

const MINUTES_END = '2026-11-22T14:22'.length;
