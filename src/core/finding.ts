import type { DocumentPath } from '../model/document.ts';

/** Something wrong with a desired state that its schema cannot say; the path says where. */
export interface Finding {
  readonly code: string;
  readonly path: DocumentPath;
  /** Whether the key at the end of the path is at fault, or its value. */
  readonly part: 'key' | 'value';
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly fix?: string | undefined;
}

/** Takes a finding; the caller goes on, so that all of them are found in one go. */
export type NoteFinding = (finding: Finding) => void;
