// What a server is found as, and what follows from it: the tables behind diff.test.ts and plan.test.ts, and of the test that each
// kind of change, deed and reason is in one of them.
import { absent, known } from '../../src/model/fact.ts';
import { folded } from './journals.ts';
import { at, bare, beat, dark, having, mortal, versioned, type ServerCase } from './states.ts';

/** Two states, and what differs between them, in the words of `changeLine`. */
export type DiffCase = readonly [name: string, server: ServerCase, changes: readonly string[]];

const maxconn = { settings: { maxconn: 2000 }, config: 'ini' } as const;
const template = { settings: { maxconn: 2000 }, config: 'template' } as const;
const tls = { settings: { tls: { ports: [80, 443], key: 'a' } }, config: 'json' } as const;

const restartCut = known(folded('intent haproxy mode production, spawned haproxy'));

/** Found, and what differs. */
export const DIFF_CASES: readonly DiffCase[] = [
  ['a server as wished', { products: { haproxy: { ...maxconn, repository: 'bookworm' } } }, []],
  ['no products at all', {}, []],

  // Versions: recorded is what was last applied, found is what a probe-script says.
  [
    'a product that was never there',
    { products: { haproxy: { found: 'nothing' } } },
    ['haproxy missing -> 1'],
  ],
  [
    'a new version wished',
    { products: { haproxy: { version: '2', found: at('1') } } },
    ['haproxy 1 -> 2 (spec)'],
  ],
  [
    'a version somebody else installed',
    {
      products: {
        haproxy: { scripts: 'upgrade probe', found: { version: known(versioned('3')) } },
      },
    },
    ['haproxy 3 -> 1 (drift)'],
  ],
  [
    'a version somebody else installed, and a new one wished',
    {
      products: {
        haproxy: {
          version: '2',
          scripts: 'upgrade probe',
          found: { version: known(versioned('3')), recordedVersion: known(versioned('1')) },
        },
      },
    },
    ['haproxy 3 -> 2 (both)'],
  ],
  [
    'a version found that was never recorded',
    {
      products: {
        haproxy: {
          version: '2',
          scripts: 'upgrade probe',
          found: { version: known(versioned('1')), recordedVersion: absent },
        },
      },
    },
    ['haproxy 1 -> 2 (spec)'],
  ],
  [
    'a product that its probe-script does not find, whatever is recorded',
    { products: { haproxy: { scripts: 'upgrade probe', found: { version: absent } } } },
    ['haproxy missing -> 1'],
  ],
  [
    'a version that is not managed',
    { products: { haproxy: { version: null, found: at('7') } } },
    [],
  ],
  [
    'a product not there whose version is not managed',
    { products: { haproxy: { version: null, found: 'nothing' } } },
    [],
  ],
  [
    'a version recorded on a server never provisioned is a wish of the old tool',
    { mode: 'unprovisioned', products: { haproxy: { found: { status: absent } } } },
    ['haproxy missing -> 1', 'mode unprovisioned -> production'],
  ],
  [
    'the same without a server-mode file',
    { mode: undefined, products: { haproxy: { found: { status: absent } } } },
    ['haproxy missing -> 1', 'mode (none) -> production'],
  ],
  [
    'but not where the product has a status',
    { mode: 'provisioning', products: { haproxy: {} } },
    ['mode provisioning -> production'],
  ],
  [
    'nor where a probe-script found it',
    {
      mode: 'unprovisioned',
      products: { haproxy: { scripts: 'upgrade probe', found: { status: absent } } },
    },
    ['mode unprovisioned -> production'],
  ],
  [
    'nor on a server of the old tool, which wrote no status',
    { products: { haproxy: { found: { status: absent } } } },
    [],
  ],

  // Life: only a run that may restart a product asks whether it is dead.
  [
    'a product found dead',
    { products: { haproxy: { heartbeats: [mortal], dead: [mortal] } } },
    ['haproxy dead by http http://127.0.0.1/healthz'],
  ],
  [
    'a product whose restart was interrupted',
    { lastRun: restartCut, products: { haproxy: { heartbeats: [mortal] } } },
    ['haproxy restart unfinished'],
  ],
  [
    'the same where nothing serves any more',
    { wish: 'idle', lastRun: restartCut, products: { haproxy: { heartbeats: [mortal] } } },
    [],
  ],
  [
    'the same without a mode-script',
    { lastRun: restartCut, products: { haproxy: { scripts: 'upgrade' } } },
    [],
  ],
  [
    'a product that was left half done, and in its mode-script',
    { lastRun: restartCut, products: { haproxy: { found: { status: known('upgrading') } } } },
    ['haproxy upgrading at 1'],
  ],

  // Repositories.
  [
    'another repository',
    { products: { haproxy: { repository: 'trixie', found: { repository: known('bookworm') } } } },
    ['haproxy repository bookworm -> trixie'],
  ],
  [
    'a first repository',
    { products: { haproxy: { repository: 'trixie', found: { repository: absent } } } },
    ['haproxy repository (none) -> trixie'],
  ],
  [
    'a repository nobody asked for',
    { products: { haproxy: { found: { repository: known('bookworm') } } } },
    [],
  ],

  // Settings, by three-way compare: last applied, wished, found.
  [
    'a setting wished anew',
    {
      products: {
        haproxy: {
          ...maxconn,
          found: { applied: known({ maxconn: 100 }), ...having({ maxconn: '100' }) },
        },
      },
    },
    ['haproxy.maxconn "100" -> "2000" (spec)'],
  ],
  [
    'a setting edited on the server',
    { products: { haproxy: { ...maxconn, found: having({ maxconn: '9' }) } } },
    ['haproxy.maxconn "9" -> "2000" (drift)'],
  ],
  [
    'a setting edited on the server, and wished anew',
    {
      products: {
        haproxy: {
          ...maxconn,
          found: { applied: known({ maxconn: 100 }), ...having({ maxconn: '9' }) },
        },
      },
    },
    ['haproxy.maxconn "9" -> "2000" (both)'],
  ],
  [
    'a setting removed on the server',
    { products: { haproxy: { ...maxconn, found: having({}) } } },
    ['haproxy.maxconn (none) -> "2000" (drift)'],
  ],
  [
    'a setting added on the server: the file is ours, whole',
    { products: { haproxy: { ...maxconn, found: having({ maxconn: '2000', debug: '1' }) } } },
    ['haproxy.debug "1" -> (none) (drift)'],
  ],
  [
    'a setting no longer wished',
    {
      products: {
        haproxy: {
          ...maxconn,
          found: {
            applied: known({ maxconn: 2000, debug: 1 }),
            ...having({ maxconn: '2000', debug: '1' }),
          },
        },
      },
    },
    ['haproxy.debug "1" -> (none) (spec)'],
  ],
  [
    'a setting wished for the first time',
    { products: { haproxy: { ...maxconn, found: { applied: known({}), ...having({}) } } } },
    ['haproxy.maxconn (none) -> "2000" (spec)'],
  ],
  [
    'settings never applied by us',
    {
      products: {
        haproxy: {
          ...maxconn,
          found: { applied: absent, ...having({ maxconn: '9', debug: '1' }) },
        },
      },
    },
    ['haproxy.maxconn "9" -> "2000" (spec)', 'haproxy.debug "1" -> (none) (spec)'],
  ],
  [
    'settings that match though never applied by us: adopted',
    { products: { haproxy: { ...maxconn, found: { applied: absent } } } },
    [],
  ],
  [
    'numbers as an ini file has them',
    { products: { haproxy: { ...maxconn, found: having({ maxconn: '2000' }) } } },
    [],
  ],
  [
    'numbers as a JSON file does not',
    { products: { haproxy: { ...maxconn, config: 'json', found: having({ maxconn: '2000' }) } } },
    ['haproxy.maxconn "2000" -> 2000 (drift)'],
  ],
  [
    'maps without a prototype',
    {
      products: { haproxy: { ...maxconn, config: 'json', found: having(bare({ maxconn: 2000 })) } },
    },
    [],
  ],
  [
    'a nested setting edited on the server',
    { products: { haproxy: { ...tls, found: having({ tls: { ports: [80, 443], key: 'b' } }) } } },
    ['haproxy.tls.key "b" -> "a" (drift)'],
  ],
  [
    'an item of a list edited on the server',
    { products: { haproxy: { ...tls, found: having({ tls: { ports: [80, 8443], key: 'a' } }) } } },
    ['haproxy.tls.ports.1 8443 -> 443 (drift)'],
  ],
  [
    'an item of a list wished anew',
    {
      products: {
        haproxy: {
          ...tls,
          found: {
            applied: known({ tls: { ports: [80, 444], key: 'a' } }),
            ...having({ tls: { ports: [80, 444], key: 'a' } }),
          },
        },
      },
    },
    ['haproxy.tls.ports.1 444 -> 443 (spec)'],
  ],
  [
    'a whole map removed on the server, leaf by leaf',
    { products: { haproxy: { ...tls, found: having({}) } } },
    ['haproxy.tls.ports (none) -> [80,443] (drift)', 'haproxy.tls.key (none) -> "a" (drift)'],
  ],
  [
    'a map where a value was',
    { products: { haproxy: { ...tls, found: having({ tls: 'off' }) } } },
    ['haproxy.tls "off" -> {"ports":[80,443],"key":"a"} (drift)'],
  ],
  [
    'settings nobody asked for',
    { products: { haproxy: { config: 'ini', found: having({ maxconn: '9' }) } } },
    [],
  ],
  [
    'a config file removed on the server',
    { products: { haproxy: { ...maxconn, found: { configText: absent, settings: absent } } } },
    ['haproxy config /etc/haproxy.conf absent (drift)'],
  ],
  [
    'a config file broken by hand, so that no setting can be read from it',
    {
      products: { haproxy: { ...maxconn, found: { configText: known('['), settings: absent } } },
    },
    ['haproxy config /etc/haproxy.conf different (drift)'],
  ],
  [
    'settings of a product without a config file, as last applied',
    {
      products: {
        haproxy: {
          settings: { maxconn: 1 },
          found: { applied: known({ maxconn: 2 }), ...having({ maxconn: 2 }) },
        },
      },
    },
    ['haproxy.maxconn 2 -> 1 (spec)'],
  ],
  [
    'settings that the product itself says are others',
    {
      products: {
        haproxy: { settings: { maxconn: 1 }, scripts: 'set probe', found: having({ maxconn: 2 }) },
      },
    },
    ['haproxy.maxconn 2 -> 1 (drift)'],
  ],

  // Templates cannot be read back: settings against the last applied, text against text.
  ['a template as it was written', { products: { haproxy: template } }, []],
  [
    'a template edited on the server',
    { products: { haproxy: { ...template, found: { configText: known('edited') } } } },
    ['haproxy config /etc/haproxy.conf different (drift)'],
  ],
  [
    'a template removed on the server',
    { products: { haproxy: { ...template, found: { configText: absent } } } },
    ['haproxy config /etc/haproxy.conf absent (drift)'],
  ],
  [
    'a setting of a template wished anew',
    {
      products: {
        haproxy: {
          ...template,
          found: { applied: known({ maxconn: 9 }), configText: known('older') },
        },
      },
    },
    ['haproxy.maxconn 9 -> 2000 (spec)'],
  ],
  [
    'a template found before we ever wrote it',
    { products: { haproxy: { config: 'template', found: { configText: known('by hand') } } } },
    ['haproxy config /etc/haproxy.conf different (spec)'],
  ],
  [
    'a template without settings keeps the ones that were applied',
    { products: { haproxy: { config: 'template', found: { applied: known({ maxconn: 9 }) } } } },
    [],
  ],

  // Whose the config file is, where bootstrap.ini says it.
  [
    'a config file that somebody else may read',
    {
      products: {
        haproxy: {
          ...maxconn,
          access: { owner: 'haproxy', mode: '0600' },
          found: {
            configAccess: known({ owner: 'haproxy', group: undefined, mode: '0644' }),
          },
        },
      },
    },
    ['haproxy config-mode 0644 -> 0600 (drift)'],
  ],
  [
    'a config file of somebody else, found before we ever wrote it',
    {
      products: {
        haproxy: {
          ...maxconn,
          access: { owner: 'haproxy', group: 'haproxy' },
          found: {
            applied: absent,
            configAccess: known({ owner: '0', group: '0', mode: undefined }),
          },
        },
      },
    },
    ['haproxy config-owner 0 -> haproxy (spec)', 'haproxy config-group 0 -> haproxy (spec)'],
  ],
  [
    'the access of a config file that is left alone',
    {
      products: {
        haproxy: {
          config: 'ini',
          access: { mode: '0600' },
          found: { configAccess: known({ owner: undefined, group: undefined, mode: '0644' }) },
        },
      },
    },
    [],
  ],

  // What a run left behind.
  [
    'a run that ended early',
    { products: { haproxy: { found: { status: known('upgrading') } } } },
    ['haproxy upgrading at 1'],
  ],
  [
    'a run that failed before the version was there',
    { products: { haproxy: { version: '2', found: { ...at('1'), status: known('invalid') } } } },
    ['haproxy 1 -> 2 (spec)', 'haproxy invalid at 1'],
  ],
  [
    'a first run that failed',
    {
      mode: 'invalid',
      products: {
        haproxy: { found: { version: absent, recordedVersion: absent, status: known('invalid') } },
      },
    },
    ['haproxy missing -> 1', 'mode invalid -> production'],
  ],

  // Modes.
  ['another mode', { mode: 'idle' }, ['mode idle -> production']],
  ['a mode left invalid', { mode: 'invalid', wish: 'idle' }, ['mode invalid -> idle']],
  ['no mode at all', { mode: undefined, wish: 'idle' }, ['mode (none) -> idle']],

  // What cannot be read is said, and nothing else of that product is.
  ['an unreadable mode', { mode: dark }, ['server server-mode unreadable: permission denied']],
  [
    'an unreadable version, though the settings differ',
    { products: { haproxy: { ...maxconn, found: { version: dark, ...having({}) } } } },
    ['haproxy version unreadable: permission denied'],
  ],
  [
    'everything unreadable, though another product is not',
    {
      products: {
        haproxy: {
          found: {
            version: dark,
            repository: dark,
            status: dark,
            applied: dark,
            settings: dark,
            configText: dark,
          },
        },
        gateway: { version: '2', found: at('1') },
      },
    },
    [
      'gateway 1 -> 2 (spec)',
      'haproxy version unreadable: permission denied',
      'haproxy repository unreadable: permission denied',
      'haproxy status unreadable: permission denied',
      'haproxy applied settings unreadable: permission denied',
      'haproxy settings unreadable: permission denied',
      'haproxy config file unreadable: permission denied',
    ],
  ],
  // A config file whose template, settings or text moved: its digest as last written tells which.
  [
    'a template without settings, edited since it was written',
    {
      products: {
        haproxy: {
          config: 'template',
          found: {
            configText: known('edited'),
            written: known({ digest: '#template of {}\n', edited: true }),
          },
        },
      },
    },
    ['haproxy config /etc/haproxy.conf different (drift)'],
  ],
  [
    'a template that was changed: no drift',
    {
      products: {
        haproxy: {
          ...template,
          found: {
            configText: known('older'),
            written: known({ digest: '#older', edited: false }),
          },
        },
      },
    },
    ['haproxy config /etc/haproxy.conf different (spec)'],
  ],
  [
    'a template that was changed, and a file that was edited',
    {
      products: {
        haproxy: {
          ...template,
          found: {
            configText: known('edited'),
            written: known({ digest: '#older', edited: true }),
          },
        },
      },
    },
    ['haproxy config /etc/haproxy.conf different (both)'],
  ],
  [
    'a template that was changed, and a file whose secrets do not let it be told',
    {
      products: {
        haproxy: {
          ...template,
          found: {
            configText: known('sealed'),
            written: known({ digest: '#older', edited: undefined }),
          },
        },
      },
    },
    ['haproxy config /etc/haproxy.conf different (spec)'],
  ],

  // Drift that is left as it is.
  [
    'drift that is reported only',
    {
      products: {
        haproxy: { ...maxconn, driftPolicy: 'report', found: having({ maxconn: '9' }) },
        gateway: { driftPolicy: 'report', scripts: 'upgrade probe', found: { version: absent } },
      },
    },
    [],
  ],
  [
    'drift of one setting ignored, of another corrected',
    {
      products: {
        haproxy: {
          settings: { tls: { key: 'a', log: 1 }, maxconn: 1 },
          config: 'json',
          driftPolicy: { tls: 'ignore', 'tls.log': 'correct' },
          found: having({ tls: { key: 'b', log: 2 }, maxconn: 2 }),
        },
      },
    },
    ['haproxy.tls.log 2 -> 1 (drift)', 'haproxy.maxconn 2 -> 1 (drift)'],
  ],
  [
    'drift of all settings but one ignored',
    {
      products: {
        haproxy: {
          settings: { a: 1, b: 1 },
          config: 'json',
          driftPolicy: { '*': 'ignore', b: 'correct' },
          found: having({ a: 2, b: 2 }),
        },
      },
    },
    ['haproxy.b 2 -> 1 (drift)'],
  ],
  [
    'a setting wished anew is no drift, whatever is ignored',
    {
      products: {
        haproxy: {
          ...maxconn,
          driftPolicy: 'ignore',
          found: { applied: known({ maxconn: 100 }), ...having({ maxconn: '9' }) },
        },
      },
    },
    ['haproxy.maxconn "9" -> "2000" (both)'],
  ],

  // What is on record and not in the file.
  [
    'a product not in the file: nothing, unless pruning is on',
    { products: { haproxy: {} }, leftovers: { store: { found: at('1') } } },
    [],
  ],
  [
    'a product not in the file, with pruning',
    {
      policy: { prune: true },
      products: { haproxy: {} },
      leftovers: { store: { found: at('1') }, relay: { found: { version: dark } } },
    },
    ['relay version unreadable: permission denied', 'store 1 unwanted'],
  ],
  [
    'a file without products removes nothing',
    { policy: { prune: true }, leftovers: { store: { found: at('1') } } },
    [],
  ],
  [
    'protection wished, and taken back',
    {
      products: {
        haproxy: { protect: true, found: { protected: absent } },
        store: { found: { protected: known(true) } },
      },
    },
    ['haproxy protection -> true', 'store protection -> false'],
  ],
  [
    'an unreadable last message does not matter',
    { products: { haproxy: { found: { lastMessage: dark, recordedVersion: dark } } } },
    [],
  ],
];

/** Two states, and the plan that leads from one to the other, in the words of `planLines`. */
export type PlanCase = readonly [name: string, server: ServerCase, plan: readonly string[]];

/** The same mode before and after. */
const IDLE = { wish: 'idle' } as const;
const FIRST = { mode: 'unprovisioned' } as const;
const TO_WORK = { mode: 'idle' } as const;

const upgraded = {
  version: '2',
  repository: 'bookworm',
  found: { ...at('1'), repository: known('bookworm') },
} as const;
const added = { found: 'nothing', repository: 'bookworm' } as const;

/** Found, and planned. */
export const PLAN_CASES: readonly PlanCase[] = [
  ['nothing', { products: { haproxy: {} } }, []],

  // One product: script, then config-check, config file, reload.
  [
    'an upgrade where nothing serves',
    { ...IDLE, products: { haproxy: upgraded } },
    [
      'haproxy/upgrade: version-differs, spec, opaque; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
    ],
  ],
  [
    'an upgrade where it serves',
    { products: { haproxy: upgraded } },
    [
      'haproxy/upgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm valid',
    ],
  ],
  [
    'an upgrade that heartbeats judge',
    { products: { haproxy: { ...upgraded, heartbeats: [beat] } } },
    [
      'haproxy/upgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm',
      'haproxy/verify: new process; after haproxy/upgrade; valid',
    ],
  ],
  [
    'an upgrade that a probe-script can look at',
    { products: { haproxy: { ...upgraded, scripts: 'upgrade probe' } } },
    [
      'haproxy/upgrade: version-differs, spec, predicted, disruptive; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm valid',
    ],
  ],
  [
    'an upgrade without any script is a record',
    { products: { haproxy: { ...upgraded, scripts: '' } } },
    [
      'haproxy/upgrade: version-differs, spec, exact, disruptive; upgrading > version=2 repository=bookworm valid',
    ],
  ],
  [
    'an upgrade of a product that is one-way',
    { products: { haproxy: { ...upgraded, rollback: false } } },
    [
      'haproxy/upgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm valid',
    ],
  ],
  [
    'a downgrade',
    { products: { haproxy: { version: '1', found: at('2') } } },
    [
      'haproxy/downgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade( 1 production) > version=1 repository= valid',
    ],
  ],
  [
    'a step to what has no order',
    { products: { haproxy: { version: 'TRUNK/haproxy-latest', found: at('2') } } },
    [
      'haproxy/upgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade( TRUNK/haproxy-latest production) > version=TRUNK/haproxy-latest repository= valid',
    ],
  ],
  [
    'the recorded repository goes on being used',
    { products: { haproxy: { version: '2', found: { ...at('1'), repository: known('trixie') } } } },
    [
      'haproxy/upgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade(trixie 2 production) > version=2 repository=trixie valid',
    ],
  ],
  [
    'settings of an ini file, checked, written and read again',
    {
      products: {
        haproxy: {
          ...maxconn,
          scripts: 'upgrade mode set reload',
          check: ['/bin/check', '{file}'],
          found: having({ maxconn: '9' }),
        },
      },
    },
    [
      'haproxy/set: settings-differ, drift, opaque; check(/bin/check {file}) > upgrading > write(/etc/haproxy.conf) > digest > set(maxconn) < {"settings":{"maxconn":2000},"changed":["maxconn"]} > settings={"maxconn":2000} > reload() > valid',
    ],
  ],
  [
    'settings where nothing serves: no reload',
    {
      ...IDLE,
      products: { haproxy: { ...maxconn, scripts: 'reload', found: having({ maxconn: '9' }) } },
    },
    [
      'haproxy/set: settings-differ, drift, exact; upgrading > write(/etc/haproxy.conf) > settings={"maxconn":2000} digest valid',
    ],
  ],
  [
    'settings that only a set-script knows',
    {
      products: {
        haproxy: {
          settings: { a: 1, b: { c: 2 } },
          scripts: 'set',
          found: { applied: known({ a: 1 }), ...having({ a: 1 }) },
        },
      },
    },
    [
      'haproxy/set: settings-differ, spec, opaque; upgrading > set(b.c) < {"settings":{"a":1,"b":{"c":2}},"changed":["b.c"]} > settings={"a":1,"b":{"c":2}} valid',
    ],
  ],
  [
    'a template edited',
    {
      products: {
        haproxy: { ...template, scripts: 'reload', found: { configText: known('edited') } },
      },
    },
    [
      'haproxy/set: config-differs, drift, exact; upgrading > write(/etc/haproxy.conf) > settings={"maxconn":2000} digest > reload() > valid',
    ],
  ],
  [
    'the access of a config file, which nobody needs to read anew',
    {
      products: {
        haproxy: {
          ...maxconn,
          scripts: 'set reload',
          check: ['/c', '{file}'],
          access: { mode: '0600' },
          found: { configAccess: known({ owner: undefined, group: undefined, mode: '0644' }) },
        },
      },
    },
    [
      'haproxy/set: config-access-differs, drift, exact; upgrading > write(/etc/haproxy.conf) > digest valid',
    ],
  ],
  [
    'a config file removed',
    {
      products: {
        haproxy: { ...maxconn, scripts: '', found: { configText: absent, settings: absent } },
      },
    },
    [
      'haproxy/set: config-missing, drift, exact; upgrading > write(/etc/haproxy.conf) > settings={"maxconn":2000} digest valid',
    ],
  ],
  [
    'version and settings at once',
    {
      products: {
        haproxy: {
          ...maxconn,
          ...upgraded,
          scripts: 'upgrade reload',
          found: { ...upgraded.found, ...having({}) },
          heartbeats: [beat],
        },
      },
    },
    [
      'haproxy/upgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm',
      'haproxy/set: settings-differ, drift, exact; after haproxy/upgrade; upgrading > write(/etc/haproxy.conf) > settings={"maxconn":2000} digest > reload()',
      'haproxy/verify: new process; after haproxy/set; valid',
    ],
  ],
  [
    'a repository: nothing to run',
    { products: { haproxy: { repository: 'trixie', found: { repository: absent } } } },
    ['haproxy/set: repository-differs, spec, exact; repository=trixie valid'],
  ],
  [
    'a repository and settings',
    {
      products: {
        haproxy: {
          ...maxconn,
          scripts: '',
          repository: 'trixie',
          found: { repository: absent, ...having({}) },
        },
      },
    },
    [
      'haproxy/set: settings-differ, drift, exact; upgrading > write(/etc/haproxy.conf) > repository=trixie settings={"maxconn":2000} digest valid',
    ],
  ],

  // First apply, and products that come later.
  [
    'a first apply to production',
    { ...FIRST, products: { haproxy: { ...added, heartbeats: [beat], ...maxconn } } },
    [
      'server/mode-provisioning: first-apply, spec, exact; mode=provisioning',
      'haproxy/provision: not-installed, spec, opaque; after server/mode-provisioning; upgrading > upgrade(bookworm 1 provisioning) > version=1 repository=bookworm > write(/etc/haproxy.conf) > settings={"maxconn":2000} digest',
      'server/mode-idle: first-apply, spec, opaque; after server/mode-provisioning haproxy/provision; mode=mode-updating > each haproxy mode(idle) > mode=idle',
      'server/mode-production: mode-differs, spec, opaque; after server/mode-idle; mode=mode-updating > each haproxy mode(production) > mode=production',
      'haproxy/verify: after server/mode-production; valid',
    ],
  ],
  [
    'a first apply to idle',
    { ...FIRST, ...IDLE, products: { haproxy: added } },
    [
      'server/mode-provisioning: first-apply, spec, exact; mode=provisioning',
      'haproxy/provision: not-installed, spec, opaque; after server/mode-provisioning; upgrading > upgrade(bookworm 1 provisioning) > version=1 repository=bookworm valid',
      'server/mode-idle: first-apply, spec, opaque; after server/mode-provisioning haproxy/provision; mode=mode-updating > each haproxy mode(idle) > mode=idle',
    ],
  ],
  [
    'a first apply of nothing',
    { ...FIRST },
    [
      'server/mode-provisioning: first-apply, spec, exact; mode=provisioning',
      'server/mode-idle: first-apply, spec, exact; after server/mode-provisioning; mode=idle',
      'server/mode-production: mode-differs, spec, exact; after server/mode-idle; mode=production',
    ],
  ],
  [
    'a first apply with a provision-script and a set-script',
    {
      ...FIRST,
      ...IDLE,
      products: {
        haproxy: { ...added, scripts: 'provision upgrade set', settings: { b: 1, a: 2 } },
      },
    },
    [
      'server/mode-provisioning: first-apply, spec, exact; mode=provisioning',
      'haproxy/provision: not-installed, spec, opaque; after server/mode-provisioning; upgrading > provision(bookworm 1 provisioning) > version=1 repository=bookworm > set(b a) < {"settings":{"b":1,"a":2},"changed":["b","a"]} > settings={"b":1,"a":2} valid',
      'server/mode-idle: first-apply, spec, exact; after server/mode-provisioning haproxy/provision; mode=idle',
    ],
  ],
  [
    'a first apply that was interrupted',
    {
      mode: 'provisioning',
      products: {
        gateway: { found: { status: known('upgrading') } },
        haproxy: { found: 'nothing' },
      },
    },
    [
      'gateway/set: unfinished, retry, exact; valid',
      'haproxy/provision: not-installed, spec, opaque; upgrading > upgrade( 1 provisioning) > version=1 repository= valid',
      'server/mode-idle: first-apply, spec, opaque; after gateway/set haproxy/provision; mode=mode-updating > each haproxy mode(idle), gateway mode(idle) > mode=idle',
      'server/mode-production: mode-differs, spec, opaque; after server/mode-idle; mode=mode-updating > each gateway mode(production), haproxy mode(production) > mode=production',
    ],
  ],
  [
    'a product joins a working server',
    { products: { haproxy: { ...added, heartbeats: [beat] } } },
    [
      'haproxy/provision: not-installed, spec, opaque; upgrading > upgrade(bookworm 1 production) > version=1 repository=bookworm',
      'haproxy/mode: joins-working-server, spec, opaque; after haproxy/provision; mode(production)',
      'haproxy/verify: after haproxy/mode; valid',
    ],
  ],
  [
    'a product joins an idle server',
    { ...IDLE, products: { haproxy: { ...added, heartbeats: [beat] } } },
    [
      'haproxy/provision: not-installed, spec, opaque; upgrading > upgrade(bookworm 1 idle) > version=1 repository=bookworm valid',
    ],
  ],
  [
    'a product without mode-script joins',
    { products: { haproxy: { ...added, scripts: 'upgrade' } } },
    [
      'haproxy/provision: not-installed, spec, opaque; upgrading > upgrade(bookworm 1 production) > version=1 repository=bookworm valid',
    ],
  ],

  // Modes are barriers.
  [
    'idle to production: products first, then mode-scripts inward, then all heartbeats',
    {
      ...TO_WORK,
      products: {
        haproxy: { dependsOn: ['store'], heartbeats: [beat] },
        store: { ...upgraded },
        gateway: { dependsOn: ['haproxy'], heartbeats: [beat] },
      },
    },
    [
      'store/upgrade: version-differs, spec, opaque; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
      'server/mode-production: mode-differs, spec, opaque; after store/upgrade; mode=mode-updating > each store mode(production), haproxy mode(production), gateway mode(production) > mode=production',
      'haproxy/verify: after server/mode-production; no deeds',
      'gateway/verify: after server/mode-production; no deeds',
    ],
  ],
  [
    'production to idle: mode-scripts outward, then products',
    {
      wish: 'idle',
      mode: 'production',
      products: {
        haproxy: { dependsOn: ['store'] },
        store: upgraded,
        gateway: { dependsOn: ['haproxy'] },
      },
    },
    [
      'server/mode-idle: mode-differs, spec, opaque, disruptive; mode=mode-updating > each gateway mode(idle), haproxy mode(idle), store mode(idle) > mode=idle',
      'store/upgrade: version-differs, spec, opaque; after server/mode-idle; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
    ],
  ],
  [
    'a new product is not told to stop',
    { wish: 'idle', mode: 'production', products: { haproxy: { ...added }, store: {} } },
    [
      'server/mode-idle: mode-differs, spec, opaque, disruptive; mode=mode-updating > each store mode(idle) > mode=idle',
      'haproxy/provision: not-installed, spec, opaque; after server/mode-idle; upgrading > upgrade(bookworm 1 idle) > version=1 repository=bookworm valid',
    ],
  ],
  [
    'from invalid back to production',
    {
      mode: 'invalid',
      products: { haproxy: { heartbeats: [beat], found: { status: known('invalid') } } },
    },
    [
      'haproxy/upgrade: left-invalid, retry, opaque; upgrading > upgrade( 1 invalid) > version=1 repository= > mode(idle)',
      'server/mode-production: mode-differs, retry, opaque; after haproxy/upgrade; mode=mode-updating > each haproxy mode(production) > mode=production',
      'haproxy/verify: new process; after server/mode-production; valid',
    ],
  ],
  [
    'settings where a failed run may have left the old program running: it is stopped',
    {
      mode: 'invalid',
      products: {
        haproxy: { ...maxconn, scripts: 'mode reload', found: having({ maxconn: '9' }) },
      },
    },
    [
      'haproxy/set: settings-differ, drift, exact; upgrading > write(/etc/haproxy.conf) > settings={"maxconn":2000} digest > mode(idle) > valid',
      'server/mode-production: mode-differs, retry, opaque; after haproxy/set; mode=mode-updating > each haproxy mode(production) > mode=production',
    ],
  ],
  [
    'a product that somebody removed',
    { ...IDLE, products: { haproxy: { scripts: 'upgrade probe', found: { version: absent } } } },
    [
      'haproxy/provision: not-installed, drift, predicted; upgrading > upgrade( 1 idle) > version=1 repository= valid',
    ],
  ],
  [
    'from invalid to idle',
    { mode: 'invalid', wish: 'idle', products: { haproxy: {} } },
    [
      'server/mode-idle: mode-differs, retry, opaque; mode=mode-updating > each haproxy mode(idle) > mode=idle',
    ],
  ],
  [
    'a mode change that was interrupted',
    { mode: 'mode-updating', products: { haproxy: {} } },
    [
      'server/mode-production: mode-differs, retry, opaque; mode=mode-updating > each haproxy mode(production) > mode=production',
    ],
  ],
  [
    'a mode without mode-scripts',
    { ...TO_WORK, products: { haproxy: { scripts: 'upgrade' } } },
    ['server/mode-production: mode-differs, spec, exact; mode=production'],
  ],

  // What runs left unfinished.
  [
    'a run that ended after the script',
    {
      products: {
        haproxy: {
          ...maxconn,
          scripts: 'upgrade mode reload',
          heartbeats: [beat],
          found: { status: known('upgrading') },
        },
      },
    },
    [
      'haproxy/set: unfinished, retry, exact; upgrading > write(/etc/haproxy.conf) > settings={"maxconn":2000} digest > reload()',
      'haproxy/mode: unfinished, retry, opaque, disruptive; after haproxy/set; mode(production)',
      'haproxy/verify: after haproxy/mode; valid',
    ],
  ],
  [
    'a run that ended in the script',
    {
      products: {
        haproxy: { ...upgraded, found: { ...upgraded.found, status: known('upgrading') } },
      },
    },
    [
      'haproxy/upgrade: version-differs, retry, opaque, disruptive; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm',
      'haproxy/mode: unfinished, retry, opaque, disruptive; after haproxy/upgrade; mode(production) > valid',
    ],
  ],
  [
    'a run that left the product invalid',
    { products: { haproxy: { found: { status: known('invalid') } } } },
    [
      'haproxy/upgrade: left-invalid, retry, opaque, disruptive; upgrading > upgrade( 1 production) > version=1 repository=',
      'haproxy/mode: left-invalid, retry, opaque, disruptive; after haproxy/upgrade; mode(production) > valid',
    ],
  ],
  [
    'the same where nothing serves',
    { ...IDLE, products: { haproxy: { scripts: 'upgrade', found: { status: known('invalid') } } } },
    [
      'haproxy/upgrade: left-invalid, retry, opaque; upgrading > upgrade( 1 idle) > version=1 repository= valid',
    ],
  ],
  [
    'a script that must not run twice',
    { products: { haproxy: { idempotent: false, found: { status: known('invalid') } } } },
    ['haproxy/mode: left-invalid, retry, opaque, disruptive; mode(production) > valid'],
  ],
  [
    'a first apply whose script failed',
    {
      ...IDLE,
      products: {
        haproxy: { found: { version: absent, recordedVersion: absent, status: known('invalid') } },
      },
    },
    [
      'haproxy/provision: not-installed, retry, opaque; upgrading > upgrade( 1 idle) > version=1 repository= valid',
    ],
  ],

  // Life.
  [
    'a dead product is told the mode again, and judged by a new process',
    { products: { haproxy: { heartbeats: [mortal, beat], dead: [mortal] }, web: {} } },
    [
      'haproxy/restart: found-dead, retry, opaque; count > mode(production)',
      'haproxy/verify-restart: new process; failed before; after haproxy/restart; no deeds',
    ],
  ],
  [
    'what depends on a dead product waits until it lives',
    {
      products: {
        gateway: { ...upgraded, dependsOn: ['haproxy'] },
        haproxy: { heartbeats: [mortal], dead: [mortal], dependsOn: ['store'] },
        store: { dependsOn: ['web'] },
        web: upgraded,
      },
    },
    [
      'web/upgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm valid',
      'haproxy/restart: found-dead, retry, opaque; after web/upgrade; count > mode(production)',
      'gateway/upgrade: version-differs, spec, opaque, disruptive; after haproxy/verify-restart; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm valid',
      'haproxy/verify-restart: new process; failed before; after haproxy/restart; no deeds',
    ],
  ],
  [
    'a restart that was interrupted is run again, and was counted when it began',
    { lastRun: restartCut, products: { haproxy: { heartbeats: [mortal] } } },
    [
      'haproxy/restart: unfinished, retry, opaque; mode(production)',
      'haproxy/verify-restart: failed before; after haproxy/restart; no deeds',
    ],
  ],
  [
    'before what else is to be done to the product',
    { lastRun: restartCut, products: { haproxy: { ...upgraded, heartbeats: [mortal] } } },
    [
      'haproxy/restart: unfinished, retry, opaque; mode(production)',
      'haproxy/upgrade: version-differs, spec, opaque, disruptive; after haproxy/verify-restart; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm',
      'haproxy/verify-restart: failed before; after haproxy/restart; no deeds',
      'haproxy/verify: new process; after haproxy/upgrade; valid',
    ],
  ],
  [
    'but not where it must not be run twice',
    { lastRun: restartCut, products: { haproxy: { idempotent: false, heartbeats: [mortal] } } },
    ['haproxy/restart: unfinished, retry, opaque, blocked by interrupted; mode(production)'],
  ],
  [
    'nor on the way out of production',
    {
      wish: 'idle',
      mode: 'production',
      lastRun: restartCut,
      products: { haproxy: { heartbeats: [mortal], dead: [mortal] } },
    },
    [
      'server/mode-idle: mode-differs, spec, opaque, disruptive; mode=mode-updating > each haproxy mode(idle) > mode=idle',
    ],
  ],

  // Dependencies.
  [
    'each after what it depends on, all else at once',
    {
      ...IDLE,
      products: {
        gateway: { ...upgraded, dependsOn: ['haproxy'] },
        haproxy: { ...upgraded, dependsOn: ['store'] },
        store: upgraded,
        web: upgraded,
      },
    },
    [
      'store/upgrade: version-differs, spec, opaque; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
      'haproxy/upgrade: version-differs, spec, opaque; after store/upgrade; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
      'gateway/upgrade: version-differs, spec, opaque; after haproxy/upgrade; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
      'web/upgrade: version-differs, spec, opaque; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
    ],
  ],
  [
    'through a dependency that needs nothing',
    {
      ...IDLE,
      products: {
        gateway: { ...upgraded, dependsOn: ['haproxy'] },
        haproxy: { dependsOn: ['store'] },
        store: upgraded,
      },
    },
    [
      'store/upgrade: version-differs, spec, opaque; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
      'gateway/upgrade: version-differs, spec, opaque; after store/upgrade; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
    ],
  ],
  [
    'a dependency must be healthy first',
    {
      products: {
        haproxy: { ...upgraded, dependsOn: ['store'] },
        store: { ...upgraded, heartbeats: [beat] },
      },
    },
    [
      'store/upgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm',
      'haproxy/upgrade: version-differs, spec, opaque, disruptive; after store/verify; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm valid',
      'store/verify: new process; after store/upgrade; valid',
    ],
  ],

  // What is left alone.
  [
    'a suspended product, and what depends on it',
    {
      ...IDLE,
      products: {
        haproxy: { ...upgraded, suspend: true },
        gateway: { ...upgraded, dependsOn: ['haproxy'] },
      },
    },
    [
      'gateway/upgrade: version-differs, spec, opaque; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
      'haproxy suspended: suspend: true in the desired state',
    ],
  ],
  [
    'a suspended product is not told the mode',
    { ...TO_WORK, products: { haproxy: { suspend: true, heartbeats: [beat] }, store: {} } },
    [
      'server/mode-production: mode-differs, spec, opaque; mode=mode-updating > each store mode(production) > mode=production',
      'haproxy suspended: suspend: true in the desired state',
    ],
  ],
  [
    'an unreadable product',
    {
      products: {
        haproxy: { ...upgraded, found: { ...upgraded.found, status: dark } },
        store: upgraded,
      },
    },
    [
      'store/upgrade: version-differs, spec, opaque, disruptive; upgrading > upgrade(bookworm 2 production) > version=2 repository=bookworm valid',
      'haproxy unreadable: status: permission denied',
    ],
  ],
  [
    'an unreadable mode: nothing is done at all',
    { mode: dark, products: { haproxy: upgraded, store: { suspend: true } } },
    [
      'server unreadable: server-mode: permission denied',
      'haproxy unreadable: the server-mode that its scripts are given cannot be read',
      'store suspended: suspend: true in the desired state',
    ],
  ],

  // Drift that is left in what is written for another reason.
  [
    'a setting wished anew beside one whose drift is left',
    {
      ...IDLE,
      products: {
        haproxy: {
          settings: { a: 1, b: 2 },
          config: 'json',
          scripts: 'set',
          driftPolicy: { a: 'report' },
          found: { applied: known({ a: 1, b: 1 }), ...having({ a: 7, b: 1 }) },
        },
      },
    },
    [
      'haproxy/set: settings-differ, spec, opaque; upgrading > write(/etc/haproxy.conf) > digest > set(b) < {"settings":{"a":7,"b":2},"changed":["b"]} > settings={"a":1,"b":2} valid',
    ],
  ],

  // Removal and protection.
  [
    'a product not in the file, and left there',
    { ...IDLE, products: { haproxy: {} }, leftovers: { store: { found: at('1') } } },
    ['store not-in-file: policy.prune is off'],
  ],
  [
    'products removed, after all others, before the mode',
    {
      ...TO_WORK,
      policy: { prune: true },
      products: { haproxy: upgraded },
      leftovers: {
        store: { config: 'ini', found: at('3') },
        relay: { scripts: '', config: 'ini', found: { ...at('1'), applied: absent } },
        gone: { scripts: null, found: at('1') },
      },
    },
    [
      'haproxy/upgrade: version-differs, spec, opaque; upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid',
      'relay/remove: not-in-file, spec, exact; after haproxy/upgrade; forget',
      'store/remove: not-in-file, spec, opaque; after haproxy/upgrade; upgrading > remove(3) > forget',
      'server/mode-production: mode-differs, spec, opaque; after haproxy/upgrade relay/remove store/remove; mode=mode-updating > each haproxy mode(production) > mode=production',
      'gone not-in-file: /etc/bootstrap/bootstrap.ini has no section of it, so nothing says how to remove it',
    ],
  ],
  [
    'with the config file that bootstrap wrote',
    {
      policy: { prune: true },
      products: { haproxy: {} },
      leftovers: { store: { config: 'ini', found: { ...at('3'), applied: known({ a: 1 }) } } },
    },
    [
      'store/remove: not-in-file, spec, opaque, disruptive; upgrading > remove(3) > unlink(/etc/store.conf) > forget',
    ],
  ],
  [
    'a product that is protected, and one that only a script could remove',
    {
      policy: { prune: true },
      products: { haproxy: {} },
      leftovers: {
        relay: { scripts: 'upgrade', found: at('1') },
        store: { found: { ...at('3'), protected: known(true) } },
      },
    },
    [
      'relay/remove: not-in-file, spec, exact, disruptive, blocked by no-remove-script; forget',
      'store/remove: not-in-file, spec, opaque, disruptive, blocked by protection; upgrading > remove(3) > forget',
    ],
  ],
  [
    'protection of a product that is there, and of one that comes',
    {
      ...IDLE,
      products: {
        haproxy: { protect: true, found: { protected: absent } },
        store: { ...added, protect: true },
      },
    },
    [
      'haproxy/set: protection-differs, spec, exact; protect=true valid',
      'store/provision: not-installed, spec, opaque; upgrading > upgrade(bookworm 1 idle) > version=1 repository=bookworm protect=true valid',
    ],
  ],
];

/** Two states, what is selected (`--only web --redo store`), and the plan. */
export type SelectionCase = readonly [
  name: string,
  server: ServerCase,
  selection: string,
  plan: readonly string[],
];

const four = {
  products: {
    gateway: { ...upgraded, scripts: 'upgrade', dependsOn: ['haproxy'] },
    haproxy: { dependsOn: ['store'] },
    store: { ...upgraded, scripts: 'upgrade' },
    web: { ...upgraded, scripts: 'upgrade' },
  },
} as const;

const upgradeOf = (name: string, after = ''): string =>
  `${name}/upgrade: version-differs, spec, opaque; ${after}upgrading > upgrade(bookworm 2 idle) > version=2 repository=bookworm valid`;

/** Found, selected and planned. */
export const SELECTION_CASES: readonly SelectionCase[] = [
  [
    'only one: with what it depends on, through what needs nothing; never the mode',
    { ...TO_WORK, ...four },
    '--only gateway',
    [
      upgradeOf('store'),
      upgradeOf('gateway', 'after store/upgrade; '),
      'web not-selected: not among --only gateway',
      'server not-selected: --only gateway: a part of the products does not change the mode',
    ],
  ],
  [
    'all but one: without what depends on it; the mode goes on, and they are not told',
    { ...IDLE, ...four },
    '--exclude store',
    [
      upgradeOf('web'),
      'gateway not-selected: depends on store, which --exclude store leaves out',
      'store not-selected: --exclude store',
    ],
  ],
  [
    'what is left out and does not differ is not worth a word',
    { ...IDLE, products: { haproxy: {}, web: { ...upgraded, scripts: 'upgrade' } } },
    '--only web',
    [upgradeOf('web')],
  ],
  [
    'only one on a server that never was provisioned',
    { ...FIRST, products: { haproxy: added, web: added } },
    '--only web',
    [
      'server/mode-provisioning: first-apply, spec, exact; mode=provisioning',
      'web/provision: not-installed, spec, opaque; after server/mode-provisioning; upgrading > upgrade(bookworm 1 provisioning) > version=1 repository=bookworm valid',
      'haproxy not-selected: not among --only web',
      'server not-selected: --only web: a part of the products does not change the mode',
    ],
  ],
  [
    'a removal is left out too',
    {
      ...IDLE,
      policy: { prune: true },
      products: { haproxy: upgraded },
      leftovers: { store: { found: at('1') } },
    },
    '--exclude haproxy',
    [
      'store/remove: not-in-file, spec, opaque; upgrading > remove(1) > forget',
      'haproxy not-selected: --exclude haproxy',
    ],
  ],
  [
    'once more, though nothing differs',
    {
      products: {
        haproxy: {
          ...maxconn,
          scripts: 'upgrade mode reload',
          idempotent: false,
          heartbeats: [beat],
          found: {},
        },
      },
    },
    '--redo haproxy',
    [
      'haproxy/upgrade: redo, retry, opaque, disruptive; upgrading > upgrade( 1 production) > version=1 repository=',
      'haproxy/set: redo, retry, exact; after haproxy/upgrade; upgrading > write(/etc/haproxy.conf) > settings={"maxconn":2000} digest > reload()',
      'haproxy/mode: redo, retry, opaque, disruptive; after haproxy/set; upgrading > mode(production)',
      'haproxy/verify: new process; after haproxy/mode; valid',
    ],
  ],
  [
    'once more where a restart was interrupted: told the mode once',
    { lastRun: restartCut, products: { haproxy: { scripts: 'mode', heartbeats: [mortal] } } },
    '--redo haproxy',
    [
      'haproxy/mode: redo, retry, opaque, disruptive; upgrading > mode(production)',
      'haproxy/verify: after haproxy/mode; valid',
    ],
  ],
  [
    'what is missing is installed once, what is suspended is left alone',
    { ...IDLE, products: { haproxy: added, store: { suspend: true } } },
    '--redo haproxy --redo store',
    [
      'haproxy/provision: not-installed, spec, opaque; upgrading > upgrade(bookworm 1 idle) > version=1 repository=bookworm valid',
      'store suspended: suspend: true in the desired state',
    ],
  ],
];
