import type { Explanations } from './explanation.ts';

/** What can be wrong with what bootstrap.ini says. */
export const DEFINITION_EXPLANATIONS = {
  'definition-section-name': {
    meaning: 'A section looks as if it were meant for bootstrap, and is not written so.',
    wrong: '[products: web]',
    right: '[product: web]',
    fix: 'Write [bootstrap] or [product: NAME].',
  },
  'definition-product-name': {
    meaning:
      'The name cannot be the name of a product: 1 to 64 lower-case letters, digits, dots, dashes and underscores, with a letter or digit at both ends and no "..".',
    wrong: '[product: Web]',
    right: '[product: web]',
    fix: 'Take another name.',
  },
  'definition-product-repeated': {
    meaning: 'Two sections are about the same product.',
    wrong: '[product: web]\n[product:web]',
    right: '[product: web]',
    fix: 'Move all keys into the first one.',
  },
  'definition-unknown-key': {
    meaning: 'A product has no such key.',
    wrong: '[product: web]\nupgrade-scirpt = /etc/bootstrap/upgrade-web',
    right: '[product: web]\nupgrade-script = /etc/bootstrap/upgrade-web',
    fix: 'Take the name suggested, or one of those listed.',
  },
  'definition-key-missing': {
    meaning: 'A key says nothing without another one, which is not there.',
    wrong: '[product: web]\nconfig-file = /etc/web.ini',
    right: '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini',
    fix: 'Add the key that the message names.',
  },
  'definition-template-unused': {
    meaning: 'A config-template stands beside a format that is written without one.',
    wrong:
      '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini\nconfig-template = /etc/bootstrap/web.tmpl',
    right: '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini',
    fix: 'Remove config-template, or write `config-format = template`.',
  },
  'definition-value-empty': {
    meaning: 'A key has no value.',
    wrong: '[product: web]\nupgrade-script =',
    right: '[product: web]\nupgrade-script = /etc/bootstrap/upgrade-web',
    fix: 'Give it one, or remove the line.',
  },
  'definition-interpolation': {
    meaning:
      'Python would put another value in place of %(name)s. Here values stand for themselves.',
    wrong: '[product: web]\nupgrade-script = %(home)s/upgrade-web',
    right: '[product: web]\nupgrade-script = /etc/bootstrap/upgrade-web',
    fix: 'Write the value out.',
  },
  'definition-path': {
    meaning:
      'Paths are absolute, name a file and hold no `..`: --root is put before them, and they may not climb out of it.',
    wrong: '[product: web]\nupgrade-script = ./upgrade-web',
    right: '[product: web]\nupgrade-script = /etc/bootstrap/upgrade-web',
    fix: 'Write the whole path, beginning with /.',
  },
  'definition-duration': {
    meaning: 'A duration is a number with a unit, from 1ms to 24d.',
    wrong: '[product: web]\ntimeout = 10 minutes',
    right: '[product: web]\ntimeout = 10m',
    fix: 'Write it as in 200ms, 30s, 10m, 1h or 2d.',
  },
  'definition-choice': {
    meaning: 'The key takes one of a few words, and this is none of them.',
    wrong: '[product: web]\nrollback = false',
    right: '[product: web]\nrollback = no',
    fix: 'Take one of the words that the message lists.',
  },
  'definition-check': {
    meaning:
      'config-check is a command line without a shell: the program first, {file} among its arguments, quotes closed.',
    wrong:
      '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini\nconfig-check = /usr/sbin/web --check',
    right:
      '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini\nconfig-check = /usr/sbin/web --check {file}',
    fix: 'Write {file} where the program wants the file to look at.',
  },
  'definition-account': {
    meaning:
      'config-owner and config-group take a name of /etc/passwd or /etc/group, or a number. Without them the file keeps what it has.',
    wrong:
      '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini\nconfig-owner = web:web',
    right:
      '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini\nconfig-owner = web\nconfig-group = web',
    fix: 'Write one name, or one number; the group has a line of its own.',
  },
  'definition-permission-bits': {
    meaning:
      'config-mode takes the permission bits of the config file as three octal digits, with or without a 0 before them.',
    wrong:
      '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini\nconfig-mode = rw-r-----',
    right: '[product: web]\nconfig-file = /etc/web.ini\nconfig-format = ini\nconfig-mode = 0640',
    fix: 'Write it as in 0640, 0600 or 0644.',
  },
  'definition-heartbeat': {
    meaning:
      'heartbeat takes http://…, https://…, tcp://HOST:PORT, unix:/SOCKET, process:/PIDFILE, exec:COMMAND, systemd:UNIT, monit:SERVICE, haproxy:/SOCKET or file:/PATH. A path may also be written as a URL: unix:///SOCKET.',
    wrong: '[product: web]\nheartbeat = 127.0.0.1:80',
    right: '[product: web]\nheartbeat = tcp://127.0.0.1:80',
    fix: 'Write it in one of these forms; what must be in the answer, and when it counts, can be declared in the desired state.',
  },
  'definition-callback-allow': {
    meaning:
      'callback-allow says where callbacks may go: https (any address, over https), private (loopback and private addresses, over http too), addresses and ranges (over http too), or none alone. Without it: https, private.',
    wrong: '[bootstrap]\ncallback-allow = https, *.ops.example',
    right: '[bootstrap]\ncallback-allow = https, 10.20.0.0/16',
    fix: 'Write addresses in place of names: what counts is what a name is resolved to.',
  },
  'definition-dependency': {
    meaning: 'depends-on names the product itself, or one that has no section.',
    wrong: '[product: web]\ndepends-on = stor\n[product: store]',
    right: '[product: web]\ndepends-on = store\n[product: store]',
    fix: 'Correct the name, add the section, or remove the name.',
  },
  'definition-file-shared': {
    meaning:
      'Two products have the same config file. A config file belongs to one product whole: they would take it from each other at every apply.',
    wrong:
      '[product: web]\nconfig-file = /etc/a.ini\nconfig-format = ini\n[product: store]\nconfig-file = /etc/a.ini\nconfig-format = ini',
    right:
      '[product: web]\nconfig-file = /etc/a.ini\nconfig-format = ini\n[product: store]\nconfig-file = /etc/b.ini\nconfig-format = ini',
    fix: 'Give each product a file of its own.',
  },
} as const satisfies Explanations;
