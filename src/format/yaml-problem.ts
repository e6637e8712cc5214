import type { Diagnostic } from '../model/diagnostic.ts';
import type { TextLines } from './lines.ts';

interface Wording {
  readonly code: string;
  readonly summary: string;
  readonly fix?: string;
}

const WORDINGS = {
  'too-large': { code: 'yaml-too-large', summary: 'the file is larger than 16 MiB' },
  'too-many': {
    code: 'yaml-too-many',
    summary: 'there are more problems than these',
    fix: 'mend the first ones: the others may follow from them',
  },
  'too-deep': {
    code: 'yaml-too-deep',
    summary: 'nesting deeper than 32',
    fix: 'a desired state needs no more than a handful of levels: look for a bracket that is not closed',
  },
  'control-character': {
    code: 'yaml-control-character',
    summary: 'control characters are not allowed',
    fix: 'remove it, or write it as an escape in double quotes',
  },
  empty: {
    code: 'yaml-empty',
    summary: 'the file is empty',
    fix: 'an empty file never means "remove everything"; start one with `bootstrap init`',
  },
  'not-a-map': { code: 'yaml-not-a-map', summary: 'the file must hold a map of keys and values' },
  syntax: { code: 'yaml-syntax', summary: 'not valid YAML' },
  tab: {
    code: 'yaml-tab',
    summary: 'tabs may not indent',
    fix: 'indent with blanks',
  },
  'second-document': {
    code: 'yaml-second-document',
    summary: 'a second document is not allowed',
    fix: 'one file, one document: remove this line and what follows, or put it into a file of its own',
  },
  directive: {
    code: 'yaml-directive',
    summary: 'YAML directives are not allowed',
    fix: 'remove this line: the file is read as YAML 1.2',
  },
  anchor: {
    code: 'yaml-anchor',
    summary: 'anchors and aliases are not allowed',
    fix: 'remove the anchor',
  },
  alias: {
    code: 'yaml-alias',
    summary: 'anchors and aliases are not allowed',
    fix: 'write the value out; text that begins with * needs quotes',
  },
  tag: {
    code: 'yaml-tag',
    summary: 'tags are not allowed',
    fix: 'remove the tag; text that begins with ! needs quotes',
  },
  'merge-key': {
    code: 'yaml-merge-key',
    summary: 'merge keys are not allowed',
    fix: 'write the keys out',
  },
  'key-not-text': { code: 'yaml-key-not-text', summary: 'a key must be a word or text in quotes' },
  'duplicate-key': { code: 'duplicate-key', summary: 'the key is there twice' },
  'reserved-key': { code: 'reserved-key', summary: 'the key is reserved' },
} as const satisfies Readonly<Record<string, Wording>>;

/** What can be wrong with a file as YAML, before anything is known of its meaning. */
export type ProblemKind = keyof typeof WORDINGS;

/** Where a problem is, and what the words of its kind leave open. */
export interface ProblemSite {
  readonly lines: TextLines;
  readonly start: number;
  readonly end: number;
  readonly summary?: string;
  readonly detail?: string;
}

/** The diagnostic for a problem of this kind at this place. */
export function yamlProblem(kind: ProblemKind, site: ProblemSite): Diagnostic {
  const wording: Wording = WORDINGS[kind];
  const span = site.lines.spanOf(site.start, site.end);
  return {
    code: wording.code,
    severity: 'error',
    summary: site.summary ?? wording.summary,
    detail: site.detail,
    span,
    sourceLine: site.lines.textOf(span.line),
    fix: wording.fix,
  };
}
