import type { Explanations } from './explanation.ts';

/** What can be wrong with what a desired state says. */
export const DESIRED_EXPLANATIONS = {
  'unknown-key': {
    meaning:
      'The format has no such key at this place. It is refused, since a key without effect is a wish that nobody fulfils.',
    wrong: 'products: {web: {verison: "1.10"}}',
    right: 'products: {web: {version: "1.10"}}',
    fix: 'Take the name suggested, or one of those listed. A setting of a product belongs under "settings:".',
  },
  'missing-key': {
    meaning: 'A key that must be there is not.',
    wrong: 'apiVersion: bootstrap/v1\nserver: {}',
    right: 'apiVersion: bootstrap/v1\nserver: {mode: idle}',
    fix: 'Add the key; `bootstrap explain` with its path says what it may hold.',
  },
  'wrong-type': {
    meaning:
      'The value is of another kind than the key takes: a number where text is wanted, text where a list is.',
    wrong: 'products: {web: {version: 1.10}}',
    right: 'products: {web: {version: "1.10"}}',
    fix: 'Write it as the message shows. Versions need quotes: without them YAML reads 1.10 as the number 1.1.',
  },
  'unknown-word': {
    meaning: 'The key takes one of a few words, and this is none of them.',
    wrong: 'policy: {onFailure: rolback}',
    right: 'policy: {onFailure: rollback}',
    fix: 'Take one of the words that the message lists.',
  },
  malformed: {
    meaning: 'The value is of the right kind, but not of the right form.',
    wrong: 'products: {web: {heartbeat: {tcp: "127.0.0.1:80", deadline: 5 sec}}}',
    right: 'products: {web: {heartbeat: {tcp: "127.0.0.1:80", deadline: 5s}}}',
    fix: 'Write it in the form that the message describes.',
  },
  'malformed-url': {
    meaning:
      'The text is no address that can be asked over HTTP: http:// or https://, without blanks.',
    wrong: 'products: {web: {heartbeat: {http: "127.0.0.1:80/healthz"}}}',
    right: 'products: {web: {heartbeat: {http: "http://127.0.0.1:80/healthz"}}}',
    fix: 'Write the whole address, http:// included.',
  },
  'bad-name': {
    meaning:
      'The name cannot be the name of a product. Names become folders and arguments of scripts, so they are 1 to 64 lower-case letters, digits, dots, dashes and underscores, with a letter or digit at both ends and no "..".',
    wrong: 'products: {Web: {version: "1"}}',
    right: 'products: {web: {version: "1"}}',
    fix: 'Take the name of the [product: NAME] section of bootstrap.ini.',
  },
  'heartbeat-kind': {
    meaning: 'A heartbeat asks exactly one thing; this one asks nothing, or two things.',
    wrong: 'products: {web: {heartbeat: {http: "http://127.0.0.1/", process: /run/web.pid}}}',
    right: 'products: {web: {heartbeat: [{http: "http://127.0.0.1/"}, {process: /run/web.pid}]}}',
    fix: 'Name one kind, or make a list of heartbeats: each of them must pass.',
  },
  'no-mode-script': {
    meaning:
      'A heartbeat with "restart: true" has the mode-script of its product run again when it is dead, and bootstrap.ini names none.',
    wrong: 'products: {web: {heartbeat: {process: /run/web.pid, restart: true}}}',
    right: 'products: {web: {heartbeat: {process: /run/web.pid}}}',
    fix: 'Add a mode-script to its section of bootstrap.ini, or remove the key.',
  },
  'misplaced-key': {
    meaning: 'The key means something only beside another one, which is not there.',
    wrong: 'products: {web: {heartbeat: {tcp: "127.0.0.1:80", status: 200}}}',
    right: 'products: {web: {heartbeat: {http: "http://127.0.0.1:80/", status: 200}}}',
    fix: 'Remove the key, or add the one it belongs to.',
  },
  'repeated-item': {
    meaning: 'A list names the same thing twice.',
    wrong: 'products: {store: {}, web: {dependsOn: [store, store]}}',
    right: 'products: {store: {}, web: {dependsOn: [store]}}',
    fix: 'Remove one of the two.',
  },
  'callback-address': {
    meaning:
      'Messages are not sent to this address: it is one of link-local or of cloud metadata, it is asked without https and neither loopback nor private, the URL carries a password, or callback-allow in bootstrap.ini leaves it out.',
    wrong: 'callbacks: [{url: "http://169.254.169.254/hook", format: query}]',
    right: 'callbacks: [{url: "https://ops.example/hook", format: query}]',
    fix: 'Name another address, or have bootstrap.ini allow it: callback-allow = https, private, 192.0.2.7',
  },
  'wrong-count': {
    meaning: 'A map that must hold exactly one of its keys holds none, or several.',
    wrong: 'callbacks: [{url: "https://ops.example/", format: query, secret: {}}]',
    right: 'callbacks: [{url: "https://ops.example/", format: query}]',
    fix: 'Keep exactly one of the keys that the message lists.',
  },
  'out-of-range': {
    meaning: 'The value is too small, too large, too short or too long.',
    wrong: 'policy: {maxChanges: -1}',
    right: 'policy: {maxChanges: 10}',
    fix: 'Take a value within the limits; `bootstrap explain` with the path of the key lists them.',
  },
  'unknown-dependency': {
    meaning: 'A product depends on one that is not in this file.',
    wrong: 'products: {web: {dependsOn: [stor]}, store: {}}',
    right: 'products: {web: {dependsOn: [store]}, store: {}}',
    fix: 'Correct the name, add the product, or remove the dependency.',
  },
  'depends-on-itself': {
    meaning: 'A product cannot wait for itself.',
    wrong: 'products: {web: {dependsOn: [web]}}',
    right: 'products: {web: {dependsOn: []}}',
    fix: 'Remove the name.',
  },
  'dependency-cycle': {
    meaning:
      'Products wait for each other in a circle, so that none can come first. depends-on of bootstrap.ini counts too.',
    wrong: 'products: {web: {dependsOn: [store]}, store: {dependsOn: [web]}}',
    right: 'products: {web: {dependsOn: [store]}, store: {}}',
    fix: 'Remove one of the dependencies that the message names.',
  },
  'more-problems': {
    meaning:
      'The file has more than 100 mistakes; only the first 100 are shown. Mostly it is one mistake many times.',
    wrong: '# a file with the same misspelt key in 500 products',
    right: 'products: {web: {version: "1"}}',
    fix: 'Mend what is shown, then look again.',
  },
} as const satisfies Explanations;
