import type { Explanations } from './explanation.ts';

/** What can be wrong with a desired state as YAML. */
export const YAML_EXPLANATIONS = {
  'yaml-too-large': {
    meaning: 'The desired state is larger than 16 MiB. No server needs that: it is another file.',
    wrong: '# a database dump, by mistake',
    right: 'server: {mode: production}',
    fix: 'Look whether -f or BOOTSTRAP_FILE names the file you mean.',
  },
  'yaml-too-many': {
    meaning: 'The file has more mistakes of YAML than anybody reads; only the first are shown.',
    wrong: '# a file in which every line begins with a tab',
    right: 'products:\n  web: {version: "1"}',
    fix: 'Mend the first ones, then look again: the others may follow from them.',
  },
  'yaml-too-deep': {
    meaning:
      'Maps and lists are nested more than 32 levels deep. Mostly a bracket was not closed; a file like that can also be made to exhaust memory.',
    wrong:
      'products: {web: {settings: {a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}}',
    right: 'products: {web: {settings: {a: 1}}}',
    fix: 'Close the bracket, or flatten the settings.',
  },
  'yaml-control-character': {
    meaning:
      'The file holds a control character that cannot be seen, such as a bell, a NUL or a carriage return alone. It would end up in a config file or on a terminal.',
    wrong: 'metadata: {name: web\u00071}',
    right: 'metadata: {name: web1}',
    fix: 'Remove it, or write it as an escape in double quotes: "\\a".',
  },
  'yaml-empty': {
    meaning:
      'The file holds nothing, or comments only. An empty file never means that everything is removed.',
    wrong: '# to be written',
    right: 'apiVersion: bootstrap/v1\nserver: {mode: idle}',
    fix: 'Write a desired state, or look whether something emptied the file.',
  },
  'yaml-not-a-map': {
    meaning:
      'The file holds a list or a single value. A desired state is a map of keys and values.',
    wrong: '- apiVersion: bootstrap/v1',
    right: 'apiVersion: bootstrap/v1\nserver: {mode: idle}',
    fix: 'Write keys and values at the left margin.',
  },
  'yaml-syntax': {
    meaning: 'The text is not YAML 1.2, so that nothing in the file can be trusted.',
    wrong: 'metadata: {name: "web-1}',
    right: 'metadata: {name: "web-1"}',
    fix: 'Look at the underlined place and the line before it: a quote, a bracket or a colon is missing there.',
  },
  'yaml-tab': {
    meaning: 'A tab indents a line. YAML allows blanks only, since nobody sees how wide a tab is.',
    wrong: 'metadata:\n\tname: web-1',
    right: 'metadata:\n  name: web-1',
    fix: 'Indent with blanks.',
  },
  'yaml-second-document': {
    meaning:
      'A line `---` begins a second document. One server has one desired state, so it is not clear which is meant.',
    wrong: 'metadata: {name: web-1}\n---\nmetadata: {name: web-2}',
    right: 'metadata: {name: web-1}',
    fix: 'Put each document into a file of its own.',
  },
  'yaml-directive': {
    meaning:
      'A line beginning with % tells the YAML reader how to read. The file is always YAML 1.2.',
    wrong: '%YAML 1.1\n---\napiVersion: bootstrap/v1\nserver: {mode: idle}',
    right: 'apiVersion: bootstrap/v1\nserver: {mode: idle}',
    fix: 'Remove the line.',
  },
  'yaml-anchor': {
    meaning:
      'Anchors (&name) are not allowed: what a block says must stand in the block, for people and for diffs.',
    wrong: 'products: {web: &base {version: "1"}}',
    right: 'products: {web: {version: "1"}}',
    fix: 'Remove the anchor. Text that begins with & needs quotes.',
  },
  'yaml-alias': {
    meaning: 'Aliases (*name) are not allowed, as anchors are not.',
    wrong: 'products: {web: {version: *base}}',
    right: 'products: {web: {version: "1"}}',
    fix: 'Write the value out. Text that begins with * needs quotes: "*".',
  },
  'yaml-tag': {
    meaning: 'Tags (!name) are not allowed: values are text, numbers, true, false, maps and lists.',
    wrong: 'products: {web: {version: !!str 1.10}}',
    right: 'products: {web: {version: "1.10"}}',
    fix: 'Remove the tag, and put text in quotes. Text that begins with ! needs quotes too.',
  },
  'yaml-merge-key': {
    meaning: 'Merge keys (<<) are not allowed: they are not part of YAML 1.2 and hide what holds.',
    wrong: 'policy: {<<: {prune: false}}',
    right: 'policy: {prune: false}',
    fix: 'Write the keys out. Several files can be merged with several -f.',
  },
  'yaml-key-not-text': {
    meaning: 'A key is a map or a list, or a number or word that is no text. Keys are text.',
    wrong: 'products: {web: {settings: {[a, b]: 1}}}',
    right: 'products: {web: {settings: {"a, b": 1}}}',
    fix: 'Put the key in quotes, if it is meant as one.',
  },
  'duplicate-key': {
    meaning:
      'A map has the same key twice. Many readers take the last one without a word; here neither is.',
    wrong: 'products:\n  web: {version: "1"}\n  web: {version: "2"}',
    right: 'products:\n  web: {version: "2"}',
    fix: 'Keep one of the two.',
  },
  'reserved-key': {
    meaning:
      'The keys __proto__, constructor and prototype are reserved: they reach into programs.',
    wrong: 'products: {web: {settings: {constructor: acme}}}',
    right: 'products: {web: {settings: {builder: acme}}}',
    fix: 'Take another name.',
  },
} as const satisfies Explanations;
