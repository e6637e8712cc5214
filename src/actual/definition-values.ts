import { nearest } from '../core/nearest.ts';
import { parseIpRange, type AddressAllowance, type IpRange } from '../model/address.ts';
import { parseDuration, type DurationMs } from '../model/duration.ts';
import { parseProductName, type ProductName } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { ValueFault } from './definition-entry.ts';

/** A value, or what is wrong with its text. */
export type Parsed<T> = Result<T, ValueFault>;

// Node's timers hold no more than 24.8 days: a longer one fires at once.
const TIMEOUT_MAX_MS = 24 * 86_400_000;

/** An absolute path that names something below `/` and does not climb: `--root` is put before it. */
export function parsePath(text: string): Parsed<string> {
  if (!text.startsWith('/')) {
    return fault(
      'definition-path',
      `${text} is no absolute path`,
      `write /${text}, or the whole path`,
    );
  }
  if (text.split('/').includes('..')) {
    return fault(
      'definition-path',
      `${text} climbs out of its folder by \`..\``,
      'write the path without `..`',
    );
  }
  if (text.endsWith('/')) return fault('definition-path', `${text} is a folder`, 'name a file');
  return ok(text);
}

/** A PATH: absolute folders, with `:` between them. An empty or relative one would look into the current folder. */
export function parseSearchPath(text: string): Parsed<string> {
  const bad = text.split(':').find((folder) => !folder.startsWith('/'));
  if (bad === undefined) return ok(text);
  return fault(
    'definition-path',
    `${JSON.stringify(bad)} in path is no absolute folder`,
    'write absolute folders with `:` between them',
  );
}

/** A time limit above zero. */
export function parseTimeLimit(text: string): Parsed<DurationMs> {
  const limit = parseDuration(text);
  if (limit === undefined) {
    return fault(
      'definition-duration',
      `${text} is no duration`,
      'write a number with a unit: 30s, 10m, 1h',
    );
  }
  if (limit > 0 && limit <= TIMEOUT_MAX_MS) return ok(limit);
  return fault(
    'definition-duration',
    `${text} is out of range`,
    'write a duration from 1ms to 24d',
  );
}

/** `yes` or `no`. */
export function parseYesNo(text: string): Parsed<boolean> {
  return mapParsed(parseChoice(text, ['yes', 'no']), (word) => word === 'yes');
}

/** One of a few words. */
export function parseChoice<W extends string>(text: string, words: readonly W[]): Parsed<W> {
  const word = words.find((candidate) => candidate === text);
  if (word !== undefined) return ok(word);
  const near = nearest(text, words);
  const fix =
    near === undefined
      ? `write one of ${words.join(', ')}`
      : `did you mean ${near}? It is one of ${words.join(', ')}`;
  return fault('definition-choice', `${text} is not one of ${words.join(', ')}`, fix);
}

/** A user or a group: a name, or a number without a sign (shadow-utils, useradd(8)). Whether there is such a one is asked when it is needed. */
export function parseAccount(text: string): Parsed<string> {
  if (/^(?:[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?|0|[1-9][0-9]{0,8})$/.test(text)) return ok(text);
  return fault(
    'definition-account',
    `${text} is no name of a user or a group`,
    'write a name as in /etc/passwd or /etc/group, or a number',
  );
}

/** Permission bits in octal, without set-id bits, as `0640`. */
export function parseModeBits(text: string): Parsed<string> {
  if (/^0?[0-7]{3}$/.test(text)) return ok(text.padStart(4, '0'));
  return fault(
    'definition-permission-bits',
    `${text} is no set of permission bits`,
    'write three octal digits after a 0, as in 0640',
  );
}

/** Names of products, with commas or blanks between them; each once. */
export function parseProductNames(text: string): Parsed<readonly ProductName[]> {
  const names = new Set<ProductName>();
  for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const name = parseProductName(word);
    if (name === undefined) {
      return fault(
        'definition-product-name',
        `${word} is no name of a product`,
        'write the names of other [product: NAME] sections',
      );
    }
    names.add(name);
  }
  return ok([...names]);
}

/** Where callbacks may go: `https`, `private`, addresses and ranges of them, with commas or blanks between; `none` alone: nowhere. */
export function parseCallbackAllow(text: string): Parsed<AddressAllowance> {
  const words = new Set(text.split(/[\s,]+/).filter((part) => part !== ''));
  const isNone = words.size === 1 && words.has('none');
  const ranges: IpRange[] = [];
  for (const word of isNone ? [] : words) {
    if (word === 'https' || word === 'private') continue;
    const range = parseIpRange(word);
    if (range === undefined) {
      return fault(
        'definition-callback-allow',
        `${word} is neither https, private, an address nor a range of addresses`,
        'write them with commas between: private, 192.0.2.7, 10.20.0.0/16; or none alone',
      );
    }
    ranges.push(range);
  }
  return ok({ https: words.has('https'), private: words.has('private'), ranges });
}

/** An argv that has `{file}` among its arguments. */
export function parseCheck(text: string): Parsed<readonly string[]> {
  const words = splitWords(text);
  if (words === undefined) {
    return fault(
      'definition-check',
      'a quote is not closed',
      'close it; \'…\' and "…" keep blanks together, and nothing else is special',
    );
  }
  const [program = '', ...args] = words;
  if (program === '' || program.includes('{file}')) {
    return fault(
      'definition-check',
      'the first word must be the program',
      'write it as in /usr/sbin/haproxy -c -f {file}',
    );
  }
  if (args.some((word) => word.includes('{file}'))) return ok(words);
  return fault(
    'definition-check',
    'there is no {file} in it',
    'write {file} where the program wants the file to look at',
  );
}

/** The words of a command line that no shell will see: quotes keep blanks, nothing is expanded. Undefined where a quote stays open. */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (const character of text) {
    if (quote !== '') {
      if (character === quote) quote = '';
      else word = `${word ?? ''}${character}`;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = `${word ?? ''}${character}`;
    }
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}

/** A value that was parsed, put through `change`; a fault as it is. */
export function mapParsed<T, U>(parsed: Parsed<T>, change: (value: T) => U): Parsed<U> {
  return parsed.ok ? ok(change(parsed.value)) : parsed;
}

function fault(code: string, summary: string, fix: string): Parsed<never> {
  return err({ code, summary, fix });
}
