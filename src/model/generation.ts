import type { PlainMap } from './document.ts';

/** How far the desired state of a generation came. Only a good one is gone back to. */
export type GenerationOutcome = 'good' | 'trial' | 'failed' | 'rolledBack' | 'incomplete';

/** A desired state as it was applied: what people wrote, references in place of secrets. */
export interface Generation {
  readonly number: number;
  readonly revision: string;
  readonly outcome: GenerationOutcome;
  readonly runId: string;
  /** RFC 3339. */
  readonly time: string;
  /** The files it was read from, as they were named. */
  readonly files: readonly string[];
  /** The templates that it was rendered with, by path. */
  readonly templates: Readonly<Record<string, string>>;
  /** The checksum of its document as its file has it; undefined in what was written before there was any. */
  readonly documentSum: number | undefined;
  /** All of them merged, defaults not filled in. */
  readonly document: PlainMap;
}

/** The format word of a generation's file. */
export const GENERATION_FORMAT = 'bootstrap.generation/1';
