import { EXIT_CODE_MEANINGS } from '../../model/failure.ts';
import type { GlobalOptions } from '../options.ts';

/** `bootstrap exit-codes`: what each exit code means. */
export function exitCodes({ format, printer }: GlobalOptions): number {
  const text =
    format === 'json'
      ? JSON.stringify(EXIT_CODE_MEANINGS, undefined, 2)
      : EXIT_CODE_MEANINGS.map(
          ({ code, meaning }) => `${String(code).padStart(3)}  ${meaning}`,
        ).join('\n');
  printer.out(`${text}\n`);
  return 0;
}
