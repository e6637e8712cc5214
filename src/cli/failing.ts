import { renderDiagnosticsForGithub } from '../core/render/diagnostics-github.ts';
import { diagnosticsDocument } from '../core/render/diagnostics-text.ts';
import { failureWords, renderFailure } from '../core/render/failure-text.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { EXIT_CODE, type Failure } from '../model/failure.ts';
import type { Session } from './session.ts';

/** Says why a command failed, on stderr for people, on stdout for programs (CONTRACT 4.5) and for GitHub; returns the exit code. */
export function failWith(
  { format, github, streams, text }: Pick<Session, 'format' | 'github' | 'streams' | 'text'>,
  failure: Failure,
): number {
  if (format === 'json')
    streams.out(`${JSON.stringify(diagnosticsDocument(diagnosticsOf(failure)), undefined, 2)}\n`);
  else if (format === 'github')
    streams.out(renderDiagnosticsForGithub(diagnosticsOf(failure), github));
  else streams.err(renderFailure(failure, text), 'error');
  return EXIT_CODE[failure.code];
}

function diagnosticsOf(failure: Failure): readonly Diagnostic[] {
  if (failure.code === 'desired-invalid' || failure.code === 'definition-invalid')
    return failure.diagnostics;
  const { summary, detail, fix } = failureWords(failure);
  return [
    {
      code: failure.code,
      severity: 'error',
      summary,
      detail: detail.length === 0 ? undefined : detail.join('\n'),
      span: undefined,
      sourceLine: undefined,
      fix,
    },
  ];
}

/** A failure of the command line itself. */
export function usage(message: string, hint?: string): Failure {
  return { code: 'usage', message, hint };
}
