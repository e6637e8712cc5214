import type { IniEntry, IniSection } from '../format/ini-sections.ts';
import type { Diagnostic, Place } from '../model/diagnostic.ts';
import type { Result } from '../model/result.ts';

/** What is wrong with a value, in words. */
export interface ValueFault {
  readonly code: string;
  readonly summary: string;
  readonly fix: string | undefined;
}

/** A section being read; what is wrong is added to the diagnostics, which whoever began the reading owns. */
export interface SectionReading {
  readonly section: IniSection;
  readonly diagnostics: Diagnostic[];
}

/** The parsed value of a key; undefined where the key is not there, or refused, which is then noted. */
export function readEntry<T>(
  { section, diagnostics }: SectionReading,
  key: string,
  parse: (text: string) => Result<T, ValueFault>,
): T | undefined {
  const entry = section.entries.find((candidate) => candidate.key === key);
  if (entry === undefined) return undefined;
  const refused = unusableValue(entry);
  const parsed = refused === undefined ? parse(entry.value) : undefined;
  if (parsed?.ok === true) return parsed.value;
  const fault = refused ?? parsed?.error;
  if (fault !== undefined) diagnostics.push(valueProblem(entry, fault));
  return undefined;
}

function unusableValue({ key, value }: IniEntry): ValueFault | undefined {
  if (value === '') {
    return {
      code: 'definition-value-empty',
      summary: `${key} has no value`,
      fix: 'give it one, or remove the line',
    };
  }
  const [found] = /%\([^()]*\)s/.exec(value) ?? [];
  if (found === undefined) return undefined;
  return {
    code: 'definition-interpolation',
    summary: `${found} would be replaced by Python, and is not here`,
    fix: 'write the value out',
  };
}

/** A problem with the value of an entry. */
export function valueProblem(entry: IniEntry, fault: ValueFault): Diagnostic {
  return {
    ...fault,
    severity: 'error',
    detail: undefined,
    span: entry.valueSpan,
    sourceLine: entry.sourceLine,
  };
}

/** A problem with the key of an entry. */
export function keyProblem(entry: IniEntry, fault: ValueFault): Diagnostic {
  return {
    ...fault,
    severity: 'error',
    detail: undefined,
    span: entry.keySpan,
    sourceLine: entry.sourceLine,
  };
}

/** A problem with a section as a whole, or with its name. */
export function headerProblem(
  section: IniSection,
  fault: ValueFault & Pick<Diagnostic, 'detail'>,
): Diagnostic {
  return { ...fault, severity: 'error', span: section.span, sourceLine: section.sourceLine };
}

/** Where a span begins. */
export function placeOf({ file, line, column }: Place): Place {
  return { file, line, column };
}
