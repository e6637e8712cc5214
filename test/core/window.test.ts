import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseWindow, windowsAt } from '../../src/core/window.ts';
import type { Window } from '../../src/model/window.ts';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

describe('a window is written as', () => {
  test.each([
    ['02:00-04:00', EVERY_DAY, 120, 240, 'UTC'],
    ['Mon 02:00-04:00', [1], 120, 240, 'UTC'],
    ['02:00-04:00 Europe/Berlin', EVERY_DAY, 120, 240, 'Europe/Berlin'],
    ['Mon-Fri 22:30-05:15 America/New_York', [1, 2, 3, 4, 5], 1350, 315, 'America/New_York'],
    ['Sat,Sun 00:00-24:00', [0, 6], 0, 1440, 'UTC'],
    ['Mon-Wed,Fri 12:00-12:00', [1, 2, 3, 5], 720, 720, 'UTC'],
    ['Fri-Mon 23:59-00:00', [0, 1, 5, 6], 1439, 0, 'UTC'],
    ['Sat-Sun 01:00-02:00', [0, 6], 60, 120, 'UTC'],
    ['Tue-Mon 01:00-02:00', EVERY_DAY, 60, 120, 'UTC'],
    ['Wed-Wed,wed 01:00-02:00', [3], 60, 120, 'UTC'],
    ['mON-TUE 01:00-02:00 etc/gmt+5', [1, 2], 60, 120, 'etc/gmt+5'],
    ['  Sun   01:00-02:00   Asia/Kathmandu ', [0], 60, 120, 'Asia/Kathmandu'],
  ])('%s', (text, days, startMinute, endMinute, zone) => {
    expect(parseWindow(text)).toEqual({
      ok: true,
      value: { text, days, startMinute, endMinute, zone },
    });
  });
});

describe('is no window, and is told why:', () => {
  const FORM = 'write [DAYS ]HH:MM-HH:MM[ ZONE], such as Mon-Fri 02:00-04:00 Europe/Berlin';
  const noTime = (time: string) => `${time} is no time from 00:00 to 23:59, nor an end at 24:00`;
  const noDay = (day: string) =>
    `"${day}" is none of Mon Tue Wed Thu Fri Sat Sun, nor a range of them`;
  const noZone = (zone: string) => `"${zone}" is no time zone known here`;

  test.each([
    ...['', 'night', '2:00-4:00', '02:00', '02:00 - 04:00', '02:00–04:00', 'Mon, Tue 02:00-04:00']
      .concat('Mon-Fri', '02:00-04:00 Europe/Berlin please', '02:00-04:00,06:00-08:00')
      .map((text): [string, string] => [text, `${JSON.stringify(text)} is no window`]),
    ['25:00-04:00', noTime('25:00')],
    ['24:00-04:00', noTime('24:00')],
    ['02:00-04:60', noTime('04:60')],
    ['02:00-24:01', noTime('24:01')],
    ['Mo 02:00-04:00', noDay('Mo')],
    ['Monday 02:00-04:00', noDay('Monday')],
    ['Mon,Xyz-Fri 02:00-04:00', noDay('Xyz-Fri')],
    ['Mon-Wed-Fri 02:00-04:00', noDay('Mon-Wed-Fri')],
    ['Mon-,Fri 02:00-04:00', noDay('Mon-')],
    ['Mon, 02:00-04:00', noDay('')],
    ['02:00-04:00 Europe/Berln', noZone('Europe/Berln')],
    ['02:00-04:00 Mon-Fri', noZone('Mon-Fri')],
    ['02:00-04:00 +01:00', noZone('+01:00')],
  ])('%s', (text, why) => {
    expect(parseWindow(text)).toEqual({ ok: false, error: `${why}: ${FORM}` });
  });
});

describe('at a moment', () => {
  // 22 November 2026 is a Sunday.
  test.each([
    ['the first minute is inside', ['Sun 02:00-04:00'], '2026-11-22T02:00:00Z'],
    ['the last second is inside', ['Sun 02:00-04:00'], '2026-11-22T03:59:59.999Z'],
    ['until midnight', ['Sun 22:00-24:00'], '2026-11-22T23:59:00Z'],
    ['past midnight, on the day named', ['Sun 22:00-02:00'], '2026-11-22T23:59:00Z'],
    ['past midnight, on the day after', ['Sun 22:00-02:00'], '2026-11-23T01:59:00Z'],
    ['from Saturday into Sunday', ['Sat 22:00-02:00'], '2026-11-22T00:00:00Z'],
    ['a whole day from noon', ['Sun 12:00-12:00'], '2026-11-23T11:59:00Z'],
    ['in its own zone', ['Sun 21:00-22:00 America/New_York'], '2026-11-23T02:30:00Z'],
    ['one of two is enough', ['Mon 02:00-04:00', 'Sun 02:00-04:00'], '2026-11-22T03:00:00Z'],
    ['no windows: always', [], '2026-11-22T03:00:00Z'],
    // Clocks go back at 2:00 EDT, 06:00Z, to 1:00 EST: each hour from one to two counts.
    ['an hour for the first time', ['01:30-02:00 America/New_York'], '2026-11-01T05:30:00Z'],
    ['an hour for the second time', ['01:30-02:00 America/New_York'], '2026-11-01T06:30:00Z'],
  ])('open: %s', (_, texts, now) => {
    expect(windowsAt(texts.map(windowOf), new Date(now))).toEqual({ open: true });
  });

  test.each([
    ['the end is outside', ['02:00-04:00'], '2026-11-22T04:00:00Z', '2026-11-23T02:00:00Z', 0],
    [
      'seconds do not count',
      ['02:00-04:00'],
      '2026-11-22T01:59:59.999Z',
      '2026-11-22T02:00:00Z',
      0,
    ],
    ['in a week', ['Sun 02:00-04:00'], '2026-11-22T04:00:00Z', '2026-11-29T02:00:00Z', 0],
    [
      'not on the day after another day',
      ['Sun 22:00-02:00'],
      '2026-11-22T01:00:00Z',
      '2026-11-22T22:00:00Z',
      0,
    ],
    [
      'the end on the day after is outside',
      ['Sun 22:00-02:00'],
      '2026-11-23T02:00:00Z',
      '2026-11-29T22:00:00Z',
      0,
    ],
    [
      'the first of two to open',
      ['Wed 02:00-04:00', 'Tue 02:00-04:00'],
      '2026-11-22T04:00:00Z',
      '2026-11-24T02:00:00Z',
      1,
    ],
    [
      'of two at once the first written',
      ['Tue 02:00-04:00', 'Tue 02:00-03:00'],
      '2026-11-22T04:00:00Z',
      '2026-11-24T02:00:00Z',
      0,
    ],
    // Clocks go forward at 2:00 EST, 07:00Z, to 3:00 EDT.
    [
      'a start that is leapt over: at the leap',
      ['02:30-04:00 America/New_York'],
      '2026-03-08T05:00:00Z',
      '2026-03-08T07:00:00Z',
      0,
    ],
    [
      'a window that is leapt over: the week after',
      ['Sun 02:15-02:45 America/New_York'],
      '2026-03-01T07:45:00Z',
      '2026-03-15T06:15:00Z',
      0,
    ],
    // In Beirut they go forward at midnight, 22:00Z.
    [
      'a midnight that is leapt over',
      ['Sun 00:00-02:00 Asia/Beirut'],
      '2026-03-28T21:00:00Z',
      '2026-03-28T22:00:00Z',
      0,
    ],
    [
      'into the middle of an hour that comes again',
      ['00:30-01:30 America/New_York'],
      '2026-11-01T05:30:00Z',
      '2026-11-01T06:00:00Z',
      0,
    ],
  ])('closed: %s', (_, texts, now, until, which) => {
    expect(windowsAt(texts.map(windowOf), new Date(now))).toEqual({
      open: false,
      until: new Date(until),
      window: texts[which],
    });
  });
});

test('a leap of the clocks is found to the minute, however long before it is looked for', () => {
  const leap = Date.parse('2026-03-08T07:00:00Z');
  const window = windowOf('Sun 02:30-04:00 America/New_York');
  for (let minutes = 1; minutes < 200; minutes++)
    expect(windowsAt([window], new Date(leap - minutes * MINUTE_MS))).toMatchObject({
      until: new Date(leap),
    });
});

test('until is the first minute in which a window is open by the clock on the wall', () => {
  fc.assert(
    fc.property(
      fc.array(anyWindow(), { minLength: 1, maxLength: 3 }),
      anyMoment(),
      (texts, now) => {
        const windows = texts.map(windowOf);
        const found = windowsAt(windows, now);
        const minute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
        const until = found.open ? minute : found.until.getTime();
        const walls = windows.map((window) => ({ window, clock: clockOf(window.zone) }));
        const openAt = (at: number) =>
          walls
            .filter(({ window, clock }) => isInside(window, clock(at)))
            .map(({ window }) => window);
        for (let at = minute; at < until; at += MINUTE_MS)
          if (openAt(at).length > 0) expect.fail(`open already at ${new Date(at).toISOString()}`);
        const shown = openAt(until).map(({ text }) => text);
        if (found.open) expect(shown).not.toEqual([]);
        else expect(shown).toContain(found.window);
      },
    ),
    { numRuns: 400 },
  );
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function windowOf(text: string): Window {
  const window = parseWindow(text);
  if (!window.ok) throw new Error(window.error);
  return window.value;
}

/** Most of them short and at night, where clocks are changed. */
function anyWindow(): fc.Arbitrary<string> {
  const day = fc.constantFrom(...DAY_NAMES);
  const days = fc.oneof(
    fc.constant(''),
    day.map((name) => `${name} `),
    fc.tuple(day, day, day).map(([a, b, c]) => `${a}-${b},${c} `),
  );
  const night = fc.constantFrom(0, 1, 2, 3, 23);
  const time = fc
    .tuple(fc.oneof(night, fc.nat(23)), fc.oneof(fc.constantFrom(0, 15, 30), fc.nat(59)))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const zone = fc.constantFrom(
    'UTC',
    'America/New_York',
    'America/St_Johns',
    'America/Havana', // back to midnight
    'America/Santiago', // at midnight, in the southern hemisphere
    'Asia/Beirut', // forward at midnight, back into the day before
    'Asia/Kathmandu',
    'Australia/Lord_Howe', // by half an hour
    'Europe/Berlin',
    'Pacific/Kiritimati',
  );
  return fc
    .tuple(days, time, fc.oneof(time, fc.constant('24:00')), zone)
    .map(([on, from, to, where]) => `${on}${from}-${to} ${where}`);
}

/** Most of them in the days before clocks are changed somewhere. */
function anyMoment(): fc.Arbitrary<Date> {
  const around = (iso: string) => anyDate(Date.parse(iso) - 4 * DAY_MS, Date.parse(iso) + DAY_MS);
  return fc.oneof(
    around('2026-03-08T07:00:00Z'),
    around('2026-03-29T00:00:00Z'),
    around('2026-04-04T15:00:00Z'),
    around('2026-09-06T04:00:00Z'),
    around('2026-10-03T15:30:00Z'),
    around('2026-10-25T00:00:00Z'),
    around('2026-11-01T06:00:00Z'),
    anyDate(Date.parse('2024-01-01'), Date.parse('2030-01-01')),
  );
}

function anyDate(fromMs: number, toMs: number): fc.Arbitrary<Date> {
  return fc.integer({ min: fromMs, max: toMs }).map((ms) => new Date(ms));
}

interface WallTime {
  readonly weekday: number;
  readonly minute: number;
}

/** The clock on the wall, as it is formatted for people. */
function clockOf(zone: string): (at: number) => WallTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (at) => {
    const [, name = '', hour, minute] = /^(\w+),? (\d\d):(\d\d)$/.exec(format.format(at)) ?? [];
    return { weekday: DAY_NAMES.indexOf(name), minute: Number(hour) * 60 + Number(minute) };
  };
}

function isInside(
  { days, startMinute, endMinute }: Window,
  { weekday, minute }: WallTime,
): boolean {
  return days.some((day) => {
    const sinceMidnight = minute + (weekday === day ? 0 : weekday === (day + 1) % 7 ? 1440 : NaN);
    const end = endMinute <= startMinute ? endMinute + 1440 : endMinute;
    return startMinute <= sinceMidnight && sinceMidnight < end;
  });
}
