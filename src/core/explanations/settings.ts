import type { Explanations } from './explanation.ts';

/** What can be wrong with the settings of a product, and with the config file made of them. */
export const SETTINGS_EXPLANATIONS = {
  'empty-setting': {
    meaning:
      'A setting has a key and no value. It could mean empty text, or that it is not managed.',
    wrong: 'products: {web: {settings: {greeting: }}}',
    right: 'products: {web: {settings: {greeting: ""}}}',
    fix: 'Write "" for empty text, or leave the key out.',
  },
  'inexact-number': {
    meaning: 'A number is infinite, or so large that a computer does not keep its last digits.',
    wrong: 'products: {web: {settings: {limit: .inf}}}',
    right: 'products: {web: {settings: {limit: "unlimited"}}}',
    fix: 'Put it in quotes, or write a number.',
  },
  'number-changes': {
    meaning:
      'A number would reach the config file otherwise than it is written, as 1.10, 0644, 1e3 and 1_000 do.',
    wrong: 'products: {web: {settings: {umask: 0027}}}',
    right: 'products: {web: {settings: {umask: "0027"}}}',
    fix: 'Put it in quotes to keep it as it is, or write the number that it is.',
  },
  'word-changes': {
    meaning: 'True and TRUE are read as true: the config file would get another word.',
    wrong: 'products: {web: {settings: {debug: True}}}',
    right: 'products: {web: {settings: {debug: "True"}}}',
    fix: 'Put it in quotes to keep it as it is, or write true or false.',
  },
  'secret-literal': {
    meaning:
      'The settings-schema of the product marks this setting as a secret (`writeOnly`), and it is written out. Whoever reads the file knows it.',
    wrong: 'products: {haproxy: {settings: {key: hunter2}}}',
    right: 'products: {haproxy: {settings: {key: {fromFile: /run/secrets/key}}}}',
    fix: 'Write where it is found: {fromFile: /PATH}, {fromEnv: NAME} or {fromCredential: NAME}. Then change the secret.',
  },
  'no-form-fits': {
    meaning:
      'The settings-schema of the product knows several forms of this setting, and this is none of them.',
    wrong: 'products: {haproxy: {settings: {bind: true}}}',
    right: 'products: {haproxy: {settings: {bind: 80}}}',
    fix: '`bootstrap explain` with the path of the setting says what it may be.',
  },
  'reserved-character': {
    meaning:
      'A setting holds U+E000 or U+E001, with which bootstrap marks the place of a secret inside a text.',
    wrong: 'products: {web: {settings: {greeting: "\uE000"}}}',
    right: 'products: {web: {settings: {greeting: "hello"}}}',
    fix: 'Leave the character out.',
  },
  'bad-secret-reference': {
    meaning:
      'A map with fromFile, fromEnv or fromCredential says where a secret is to be found. It has that one key, and names a path, a variable or a credential.',
    wrong: 'products: {web: {settings: {key: {fromFile: run/secrets/key}}}}',
    right: 'products: {web: {settings: {key: {fromFile: /run/secrets/key}}}}',
    fix: 'Write one of {fromFile: /PATH}, {fromEnv: NAME} and {fromCredential: NAME}, with nothing beside it.',
  },
  'unwritable-setting': {
    meaning:
      "The format of the product's config file cannot hold this setting: an ini file has one level of sections, and no line breaks in values.",
    wrong: 'products: {web: {settings: {tls: {key: {path: /etc/key}}}}}',
    right: 'products: {web: {settings: {tls: {key-path: /etc/key}}}}',
    fix: 'Write the setting in a form the format has, or choose another config-format in bootstrap.ini.',
  },
  'settings-unread': {
    meaning:
      'The product has neither a config file nor a set-script: its settings would reach nothing.',
    wrong: 'products: {worker: {settings: {threads: 4}}}',
    right: 'products: {worker: {version: "1"}}',
    fix: 'Add config-file or set-script to its section of bootstrap.ini, or remove the settings.',
  },
  'template-unknown-variable': {
    meaning:
      'A template asks for something it is not given. It knows settings, product, version, mode and root.',
    wrong: 'maxconn {{ settings.maxcon }}',
    right: 'maxconn {{ settings.maxconn }}',
    fix: 'Correct the name, give the setting a value, or write `| default: 100`.',
  },
  'template-invalid': {
    meaning: 'The config-template is not Liquid, or uses a tag or filter that is not there.',
    wrong: '{% if settings.tls %}bind :443',
    right: '{% if settings.tls %}bind :443{% endif %}',
    fix: 'Mend the template at the place shown.',
  },
  'template-too-large': {
    meaning: 'A template, or what becomes of it, is larger than any config file needs to be.',
    wrong: '{{ settings.blob }}{{ settings.blob }}{{ settings.blob }}',
    right: 'include /etc/haproxy/blob.cfg',
    fix: 'Move what does not change into a file that the config file names.',
  },
  'config-not-renderable': {
    meaning: 'The config file cannot be made: its template is not there, or a value does not fit.',
    wrong: 'config-template = /etc/bootstrap/haproxy.tmpl',
    right: 'config-template = /etc/bootstrap/haproxy.cfg.tmpl',
    fix: 'Put the template in place, or correct its path in bootstrap.ini.',
  },
} as const satisfies Explanations;
