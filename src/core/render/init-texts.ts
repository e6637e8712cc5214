/** The first bootstrap.ini. A line that begins with `;` alone is part of the example, one with `; ` explains. */
export const FIRST_DEFINITION = `; What this server can run, and how: it comes with the server, and seldom changes.
; What the server is to run, in which version and with which settings, stands in desired-state.yaml.

[bootstrap]
bootstrap-version = 1
;server-type = gateway          ; a word of your own for this kind of server
;path = /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin   ; PATH of the scripts; this is the default

; A section for each product. This small one needs no script: its settings become a config file.
; Take the ; away here and the # in desired-state.yaml, then run \`bootstrap plan\` again.
;
;[product: hello]
;config-file   = /etc/hello.ini        ; belongs to bootstrap whole; paths begin at --root
;config-format = ini                   ; or json, yaml, env; or template, with config-template = /PATH, a Liquid template

; Most products are brought into place by scripts. They are run without a shell, must belong to root or to you,
; and must be re-runnable: run again with the same words, they lead to the same server.
;
;   upgrade-script  = /etc/bootstrap/upgrade-hello   is given REPOSITORY VERSION MODE: puts this version in place
;   mode-script     = /etc/bootstrap/mode-hello      is given MODE: starts it (production) or stops it (idle)
;   reload-script   = /etc/bootstrap/reload-hello    is run after the config file changed, in production
;   set-script      = /etc/bootstrap/set-hello       is given the settings that changed; more of them as JSON on stdin
;   probe-script    = /etc/bootstrap/probe-hello     prints {"version": "…"}: what really is there; exit 3 where nothing is
;   config-check    = /usr/sbin/hello -t {file}      must accept a new config file before it is put in place
;   heartbeat       = http://127.0.0.1:8080/healthz  how to tell that it serves
;   depends-on      = store                          what must be in place before it
;   timeout         = 10m                            for one script; this is the default
`;

/** The first desired-state.yaml; `schema` is where an editor finds its schema. A line that begins with `#` and two blanks is part of the example. */
export function firstDesiredState(schema: string): string {
  return `# yaml-language-server: $schema=${schema}

# What this server is to run. Change it, look with \`bootstrap plan\`, make it so with \`bootstrap apply\`.
apiVersion: bootstrap/v1

server:
  mode: idle  # everything installed, nothing serving; production: everything serving

# The products, by name; each is a [product: NAME] section of bootstrap.ini.
# Whatever is left out here is left alone: no product is removed because it is not named.
#
# In place of the {} of the next line, take the # away from the lines below it.
products: {}
#  hello:
#    version: "1"                # in quotes: 1.10 without them would be the number 1.1
#    settings:                   # become /etc/hello.ini
#      greeting: Hello!
#      port: 8080

# More that a product can say:
#
#     repository: bookworm       where its upgrade-script gets the version from
#     dependsOn: [store]         products that must be in place before it
#     heartbeat:                 how to tell that it serves, over the one of bootstrap.ini
#       - {http: "http://127.0.0.1:8080/healthz", deadline: 30s}
#     suspend: true              looked at, but left alone
`;
}
