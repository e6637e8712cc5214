import { explain as look, type Explained } from '../../app/explain.ts';
import { codeDocument, fieldDocument, overviewDocument } from '../../core/render/explain-json.ts';
import { renderCode, renderField, renderOverview } from '../../core/render/explain-text.ts';
import { failWith } from '../failing.ts';
import type { GlobalOptions } from '../options.ts';
import { openSession, type Session } from '../session.ts';

/** `bootstrap explain [PATH|CODE]`: what a field of the desired state or a code means; without either, which there are. */
export function explain(options: GlobalOptions, name: string | undefined): number {
  const session = openSession(options);
  const explained = look(session.host, session.site, name);
  if (!explained.ok) return failWith(session, explained.error);
  session.streams.out(
    session.json
      ? `${JSON.stringify(documentOf(explained.value), undefined, 2)}\n`
      : textOf(explained.value, session.text),
  );
  return 0;
}

function documentOf(explained: Explained): object {
  switch (explained.kind) {
    case 'code':
      return codeDocument(explained);
    case 'field':
      return fieldDocument(explained.field);
    case 'overview':
      return overviewDocument(explained.field, explained.codes);
  }
}

function textOf(explained: Explained, style: Session['text']): string {
  switch (explained.kind) {
    case 'code':
      return renderCode(explained, style);
    case 'field':
      return renderField(explained.field, style);
    case 'overview':
      return renderOverview(explained.field, explained.codes, style);
  }
}
