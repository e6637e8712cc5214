import type { Session } from './session.ts';

/** What the old tool called the words behind a verb, and how it explained them. */
const WORDS = {
  product: 'product name',
  key: 'configuration key name',
  value: 'configuration value',
  revision: 'product revision',
  test: 'name of the test',
  mode: 'the bootstrap-compatible server mode',
  callback: 'a url which should be visited when the upgrade is complete',
} as const;

/** The words that a verb takes. */
export interface Arity {
  readonly verb: string;
  readonly required: readonly (keyof typeof WORDS)[];
  readonly optional: readonly (keyof typeof WORDS)[];
}

const ERROR_EXIT_CODE = 1;

/** Says on stdout, as the old tool did, that a verb was given too few words or too many, and returns the exit code; undefined where they are as many as it takes. */
export function refuseArity(
  { streams }: Pick<Session, 'streams'>,
  { verb, required, optional }: Arity,
  words: readonly string[],
): number | undefined {
  const max = required.length + optional.length;
  if (words.length >= required.length && words.length <= max) return undefined;
  const isTooMany = words.length > max && optional.length > 0;
  const [verbPart, named] = isTooMany
    ? [`can have ${optional.length} optional`, optional]
    : [`requires ${required.length === 0 ? 'no' : required.length}`, required];
  const noun = required.length === 0 && !isTooMany ? 'parameters' : 'parameter[s]';
  const lines = [
    `Error: ${verb} subcommand ${verbPart} ${noun}`,
    ...(named.length === 0 ? [] : [isTooMany ? 'Optional parameters:' : 'Required parameters:']),
    ...named.map((word) => `  ${word.padEnd(NAME_COLUMNS)} ${WORDS[word]}`),
  ];
  streams.out(`${lines.join('\n')}\n`);
  return ERROR_EXIT_CODE;
}

const NAME_COLUMNS = 23;
