import type { Explanations } from './explanation.ts';

/** What can be wrong with the settings-schema of a product. */
export const SETTINGS_SCHEMA_EXPLANATIONS = {
  'settings-schema-invalid': {
    meaning:
      'The settings-schema of a product is not JSON, not JSON Schema 2020-12, or says something that would have no effect.',
    wrong: '{"type": "object", "properties": {"port": {"type": "integer", "defualt": 80}}}',
    right: '{"type": "object", "properties": {"port": {"type": "integer", "default": 80}}}',
    fix: 'Mend the schema at the place shown. It must hold everything itself: nothing is loaded from elsewhere.',
  },
  'settings-schema-unreadable': {
    meaning: 'The file that settings-schema names is not there, or may not be read.',
    wrong: 'settings-schema = /etc/bootstrap/haproxy.json',
    right: 'settings-schema = /etc/bootstrap/haproxy.schema.json',
    fix: 'Put the schema in place, or correct its path in bootstrap.ini.',
  },
  'settings-schema-at-fault': {
    meaning:
      'Settings cannot be held against their schema, for a reason that lies in the schema: a default that the schema itself refuses, or defaults that bring along defaults without end.',
    wrong: '{"type": "object", "properties": {"port": {"type": "integer", "default": "80"}}}',
    right: '{"type": "object", "properties": {"port": {"type": "integer", "default": 80}}}',
    fix: 'Mend the schema at the place that the message names.',
  },
} as const satisfies Explanations;
