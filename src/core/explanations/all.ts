import { DEFINITION_EXPLANATIONS } from './definition.ts';
import { DESIRED_EXPLANATIONS } from './desired.ts';
import type { Explanation } from './explanation.ts';
import { FAILURE_EXPLANATIONS } from './failures.ts';
import { INI_EXPLANATIONS } from './ini.ts';
import { SETTINGS_EXPLANATIONS } from './settings.ts';
import { SETTINGS_SCHEMA_EXPLANATIONS } from './settings-schema.ts';
import { YAML_EXPLANATIONS } from './yaml.ts';

/** What each code stands for: of diagnostics and of failures. One row for a file; no code is in two of them. */
export const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map(
  [
    FAILURE_EXPLANATIONS,
    YAML_EXPLANATIONS,
    DESIRED_EXPLANATIONS,
    SETTINGS_EXPLANATIONS,
    SETTINGS_SCHEMA_EXPLANATIONS,
    INI_EXPLANATIONS,
    DEFINITION_EXPLANATIONS,
  ].flatMap((part) => Object.entries<Explanation>(part)),
);
