/** A place in a text file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A stretch of one line of a file, for underlining. `end` is the column after its last character. */
export interface Span extends Place {
  readonly endColumn: number;
}

/** Something wrong, or worth saying, about a file that a person wrote. */
export interface Diagnostic {
  /** Stable, for searching and for `explain`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string | undefined;
  readonly span: Span | undefined;
  /** The line of the span, as it stands in the file. */
  readonly sourceLine: string | undefined;
  readonly fix: string | undefined;
}

/** Diagnostics in the order in which a reader meets their places. */
export function inDocumentOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted(
    (a, b) =>
      (a.span?.file ?? '').localeCompare(b.span?.file ?? '') ||
      (a.span?.line ?? 0) - (b.span?.line ?? 0) ||
      (a.span?.column ?? 0) - (b.span?.column ?? 0),
  );
}
