/** What pages and reports look like: colours by what they mean, one measure, nothing from another host. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ink: #1d2530; --faint: #566171; --line: #dfe3e9; --paper: #ffffff; --ground: #f4f5f7;
  --good: #14713f; --bad: #b3261e; --warn: #825300; --calm: #2d5da8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e3e8ee; --faint: #9ba7b6; --line: #2a323c; --paper: #161b22; --ground: #0e1217;
    --good: #56c991; --bad: #ff8a80; --warn: #e5b05c; --calm: #8ab4ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem clamp(.75rem, 3vw, 2.5rem) 4rem; max-width: 90rem;
  background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
h1 { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 .75rem; font-size: 1rem; font-weight: 600; }
p { margin: 0; }
a { color: var(--calm); text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--calm); outline-offset: 2px; border-radius: 2px; }
code, pre { font: .86em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
pre { margin: .35rem 0 0; white-space: pre-wrap; color: var(--faint); }
section { margin-top: 1.25rem; padding: 1.1rem 1.25rem 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
table { width: 100%; border-collapse: collapse; }
th { padding: 0 .75rem .4rem 0; text-align: left; font-weight: 500; font-size: .85em; color: var(--faint); }
td { padding: .45rem .75rem .45rem 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: .75rem 0 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
.faint { color: var(--faint); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .calm { color: var(--faint); }
.word { white-space: nowrap; }
.word::before { content: ""; display: inline-block; width: .55em; height: .55em; margin-right: .5em; background: currentColor; border-radius: 50%; }
.word.bad::before { border-radius: 1px; }
.word.warn::before { border-radius: 1px; transform: rotate(45deg) scale(.85); }
.word.calm::before { background: none; box-shadow: inset 0 0 0 .12em currentColor; }
svg { display: block; }
.span { width: 100%; min-width: 6rem; height: 1.35em; }
.span rect { fill: var(--calm); } .span rect.bad { fill: var(--bad); } .span rect.warn { fill: var(--warn); }
.span line { stroke: var(--line); }
.numbers { font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) {
  body { font-size: 14px; }
  section { padding: .9rem .9rem 1rem; }
  .wide { display: none; }
}
@media print { body { background: none; } section { break-inside: avoid; } }
`;
