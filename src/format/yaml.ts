import type { Diagnostic } from '../model/diagnostic.ts';
import type { Result } from '../model/result.ts';
import { err, ok } from '../model/result.ts';
import { linesOf } from './lines.ts';
import { readPlainYaml } from './yaml-plain.ts';
import type { YamlMap, YamlReading } from './yaml-value.ts';
import { inspectWhole } from './yaml-whole.ts';

/** The map that a YAML 1.2 file holds, or everything that is wrong with it. Anchors, tags and merge keys are wrong. */
export function readYaml(text: string, file: string): Result<YamlMap, readonly Diagnostic[]> {
  const { root, problems } = inspectYaml(text, file);
  return root !== undefined && problems.length === 0 ? ok(root) : err(problems);
}

/** Like `readYaml`, but hands out what could be read beside the problems, so that it can be looked at further. Never throws. */
export function inspectYaml(textOrBom: string, file: string): YamlReading {
  const text = textOrBom.startsWith('\uFEFF') ? textOrBom.slice(1) : textOrBom;
  const lines = linesOf(text, file);
  const root = readPlainYaml(text, file);
  return root === undefined ? inspectWhole(text, lines) : { root, problems: [], lines };
}
