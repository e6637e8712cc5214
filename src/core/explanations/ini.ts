import type { Explanations } from './explanation.ts';

/** What can be wrong with the lines of bootstrap.ini. */
export const INI_EXPLANATIONS = {
  'ini-no-separator': {
    meaning: 'A line is neither `key = value`, nor `[section]`, nor a comment.',
    wrong: '[product: web]\nupgrade-script /etc/bootstrap/upgrade-web',
    right: '[product: web]\nupgrade-script = /etc/bootstrap/upgrade-web',
    fix: 'Write `=` or `:` between key and value, or `;` before a comment.',
  },
  'ini-too-many': {
    meaning: 'So many lines are wrong that reading ended: mostly it is the wrong file.',
    wrong: 'bootstrap validate --config /etc/passwd.txt',
    right: 'bootstrap validate --config /etc/bootstrap/bootstrap.ini',
    fix: 'Look whether --config names the file you mean, and mend the first mistakes.',
  },
  'ini-key-empty': {
    meaning: 'There is no key before the separator.',
    wrong: '[product: web]\n= 10m',
    right: '[product: web]\ntimeout = 10m',
    fix: 'Write the key, or remove the line.',
  },
  'ini-key-before-section': {
    meaning: 'A key stands before the first section, so that nothing says what it is about.',
    wrong: 'server-type = gateway',
    right: '[bootstrap]\nserver-type = gateway',
    fix: 'Put [bootstrap] or [product: NAME] before it.',
  },
  'ini-key-repeated': {
    meaning: 'A section has the same key twice; capitals do not count.',
    wrong: '[product: web]\ntimeout = 10m\nTimeout = 20m',
    right: '[product: web]\ntimeout = 20m',
    fix: 'Keep one of the two lines.',
  },
  'ini-section-repeated': {
    meaning: 'The same section is there twice.',
    wrong: '[product: web]\ntimeout = 10m\n[product: web]\nrollback = no',
    right: '[product: web]\ntimeout = 10m\nrollback = no',
    fix: 'Move all keys into the first one.',
  },
  'ini-section-unclosed': {
    meaning: 'The name of a section has no closing bracket.',
    wrong: '[product: web',
    right: '[product: web]',
    fix: 'Add the bracket.',
  },
  'ini-section-unnamed': {
    meaning: 'A section has no name.',
    wrong: '[]',
    right: '[bootstrap]',
    fix: 'Name it, or remove the line.',
  },
  'ini-text-after-section': {
    meaning: 'Something follows the closing bracket of a section on the same line.',
    wrong: '[product: web] timeout = 10m',
    right: '[product: web]\ntimeout = 10m',
    fix: 'Put it on a line of its own; a comment begins with ` ;`.',
  },
  'ini-default-section': {
    meaning:
      'With Python, the keys of [DEFAULT] hold in all sections. Here they would reach none, so the section is refused.',
    wrong: '[DEFAULT]\ntimeout = 10m\n[product: web]',
    right: '[product: web]\ntimeout = 10m',
    fix: 'Write the keys into each section that needs them.',
  },
  'ini-line-indented': {
    meaning:
      'A line begins with a blank. To some readers it goes on with the value above, to others it stands for itself.',
    wrong: '[product: web]\n  timeout = 10m',
    right: '[product: web]\ntimeout = 10m',
    fix: 'Remove the blanks; a value stands on one line.',
  },
  'ini-control-character': {
    meaning: 'A line holds a control character that cannot be seen.',
    wrong: '[product: web]\ntimeout = 10m\u0007',
    right: '[product: web]\ntimeout = 10m',
    fix: 'Remove it. Many of them: it is no text file.',
  },
  'ini-name-reserved': {
    meaning: 'The names __proto__, constructor and prototype are reserved.',
    wrong: '[constructor]',
    right: '[builder]',
    fix: 'Take another name.',
  },
} as const satisfies Explanations;
