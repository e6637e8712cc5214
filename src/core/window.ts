import { err, ok, type Result } from '../model/result.ts';
import type { Weekday, Window } from '../model/window.ts';

const DAY_NAMES: ReadonlyMap<string, Weekday> = new Map([
  ['sun', 0],
  ['mon', 1],
  ['tue', 2],
  ['wed', 3],
  ['thu', 4],
  ['fri', 5],
  ['sat', 6],
]);
const ALL_DAYS = [...DAY_NAMES.values()];
const ZONE_DEFAULT = 'UTC';
const FORM = 'write [DAYS ]HH:MM-HH:MM[ ZONE], such as Mon-Fri 02:00-04:00 Europe/Berlin';

const times = /^(\d\d:\d\d)-(\d\d:\d\d)$/;
// An offset is none: Node 22 would take one, Node 20 does not.
const zoneName = /^[A-Za-z][\w+/-]*$/;

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** 1 January 1970 was a Thursday. */
const FIRST_WEEKDAY = 4;
/** A window comes back after a week, or after two where clocks that go forward leap over it. */
const HORIZON_DAYS = 15;

/** A window as it is written, or what is wrong with the text and how to write it. */
export function parseWindow(text: string): Result<Window, string> {
  const words = text.trim().split(/\s+/);
  const at = words.findIndex((word) => times.test(word));
  if (at === -1 || at > 1 || words.length > at + 2)
    return err(`${JSON.stringify(text)} is no window: ${FORM}`);
  const days = at === 0 ? ok(ALL_DAYS) : parseDays(words[0] ?? '');
  if (!days.ok) return days;
  const [, from = '', to = ''] = times.exec(words[at] ?? '') ?? [];
  const startMinute = parseTime(from);
  const endMinute = to === '24:00' ? DAY_MINUTES : parseTime(to);
  if (startMinute === undefined || endMinute === undefined) {
    const time = startMinute === undefined ? from : to;
    return err(`${time} is no time from 00:00 to 23:59, nor an end at 24:00: ${FORM}`);
  }
  const zone = words[at + 1] ?? ZONE_DEFAULT;
  if (!isZone(zone)) return err(`${JSON.stringify(zone)} is no time zone known here: ${FORM}`);
  return ok({ text, days: days.value, startMinute, endMinute, zone });
}

/** `Mon`, `Mon-Fri`, `Sat,Sun`, `Mon-Wed,Fri`; `Fri-Mon` goes over the end of the week. */
function parseDays(text: string): Result<readonly Weekday[], string> {
  const found = new Set<Weekday>();
  for (const part of text.split(',')) {
    const [first = '', last = first, ...more] = part.split('-');
    const [from, to] = [DAY_NAMES.get(first.toLowerCase()), DAY_NAMES.get(last.toLowerCase())];
    if (from === undefined || to === undefined || more.length > 0)
      return err(
        `${JSON.stringify(part)} is none of Mon Tue Wed Thu Fri Sat Sun, nor a range of them: ${FORM}`,
      );
    for (const day of ALL_DAYS)
      if (from <= to ? from <= day && day <= to : from <= day || day <= to) found.add(day);
  }
  return ok(ALL_DAYS.filter((day) => found.has(day)));
}

/** Minutes after midnight, or undefined where no clock shows such a time. */
function parseTime(text: string): number | undefined {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : undefined;
}

function isZone(name: string): boolean {
  if (!zoneName.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false; // a RangeError, by ECMA-402
  }
}

/** Whether work may be done now, or else the window that opens next, and when. */
export type WindowsState =
  { readonly open: true } | { readonly open: false; readonly until: Date; readonly window: string };

/**
 * Whether one of these windows is open; without any, it always is. A window is open while the clock on the wall shows
 * a time in it: where the clocks leap over its start, it opens at the leap; an hour that they repeat counts twice.
 */
export function windowsAt(windows: readonly Window[], now: Date): WindowsState {
  const minute = Math.floor(now.getTime() / MINUTE_MS);
  const openings = windows.map((window) => ({
    window: window.text,
    opens: nextOpening(window, minute),
  }));
  const [next] = openings.toSorted((a, b) => a.opens - b.opens);
  if (next === undefined || next.opens === minute) return { open: true };
  return { open: false, until: new Date(next.opens * MINUTE_MS), window: next.window };
}

/** The first minute of the epoch, from this one on, in which the window is open. */
function nextOpening(window: Window, minute: number): number {
  const offsetAt = offsetsOf(window.zone);
  if (isOpen(window, minute + offsetAt(minute))) return minute;
  for (let day = 0; day < HORIZON_DAYS; day++) {
    const opening = openingWithin(window, minute + day * DAY_MINUTES, offsetAt);
    if (opening !== undefined) return opening;
  }
  throw new Error(`${window.text} does not open within ${HORIZON_DAYS} days`);
}

/** Minutes by which the clocks of a zone are ahead of UTC, by the minute of the epoch. */
type OffsetAt = (minute: number) => number;

function offsetsOf(zone: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  return (minute) => {
    const shown = format.format(minute * MINUTE_MS); // 11/1/2026, GMT-05:00
    const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(shown) ?? [];
    const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
    return sign === '-' ? -offset : offset;
  };
}

function isOpen({ days, startMinute, endMinute }: Window, wallMinute: number): boolean {
  const minute = modulo(wallMinute, DAY_MINUTES);
  const today = modulo(Math.floor(wallMinute / DAY_MINUTES) + FIRST_WEEKDAY, 7);
  const opensOn = (weekday: number): boolean => days.some((day) => day === weekday);
  if (startMinute < endMinute) return opensOn(today) && startMinute <= minute && minute < endMinute;
  return minute < startMinute
    ? minute < endMinute && opensOn(modulo(today - 1, 7))
    : opensOn(today);
}

/** When a window that is closed at this minute opens in the day after it: as the clock shows its start, or as the clocks are changed. */
function openingWithin(window: Window, closed: number, offsetAt: OffsetAt): number | undefined {
  const starts = [offsetAt(closed), offsetAt(closed + DAY_MINUTES)].map(
    (offset) => closed + modulo(window.startMinute - (closed + offset), DAY_MINUTES),
  );
  return [...starts, ...shiftsWithin(closed, offsetAt)]
    .toSorted((a, b) => a - b)
    .find((minute) => isOpen(window, minute + offsetAt(minute)));
}

/** The first minute of changed clocks in the day after this one, where they are changed: never twice a day. */
function shiftsWithin(start: number, offsetAt: OffsetAt): readonly number[] {
  const before = offsetAt(start);
  let [same, changed] = [start, start + DAY_MINUTES];
  if (offsetAt(changed) === before) return [];
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetAt(middle) === before) same = middle;
    else changed = middle;
  }
  return [changed];
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
