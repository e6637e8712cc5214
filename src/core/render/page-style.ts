import { STYLE } from './style.ts';

/** What the page looks like, beyond what a report does. */
export const PAGE_STYLE = `${STYLE}
small { font-size: .65em; font-weight: 400; }
.conditions { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.conditions li { display: grid; align-content: start; gap: .1rem; flex: 1 1 10rem; padding: .55rem .8rem; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; font-size: .88em; overflow-wrap: anywhere; }
.conditions .word { font-size: 1.1em; }
.columns { display: grid; gap: 0 1.25rem; align-items: start; }
.columns > *, .columns > div > * { min-width: 0; }
@media (min-width: 72rem) { .columns { grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); } }
.scroll { max-height: 34rem; overflow: auto; }
#products .scroll { max-height: max(34rem, 78vh); }
thead th { position: sticky; top: 0; background: var(--paper); }
.row { display: grid; grid-template-columns: 3fr 3fr 4fr; gap: 0 .75rem; padding: .45rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.row:nth-child(n+18) { content-visibility: auto; contain-intrinsic-size: auto 2.6rem; }
.row[hidden] { display: none; }
.row.head { position: sticky; top: 0; z-index: 1; padding-top: 0; border: 0; background: var(--paper); color: var(--faint); font-size: .85em; }
.row [role=rowheader] { font-weight: 600; }
.row small { display: block; font-size: .9em; }
.row .word { margin-right: .75rem; }
@media (min-width: 40.01rem) { .row { grid-template-columns: 24fr 20fr 26fr 30fr; } }
.filter { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin: 0 0 .75rem; }
.filter[hidden] { display: none; }
input[type=search] { padding: .3rem .6rem; color: inherit; background: var(--ground); border: 1px solid var(--faint); border-radius: 6px; font: inherit; }
.steps { margin: .6rem 0 0; padding: 0; list-style: none; }
.steps li { display: flex; flex-wrap: wrap; gap: .1rem 1rem; align-items: baseline; padding: .35rem 0; border-top: 1px solid var(--line); }
.steps code { flex: 1 1 10rem; }
.steps pre { flex-basis: 100%; margin: 0; }
.beat > span { white-space: nowrap; }
.beat { display: flex; align-items: center; gap: .6rem; margin: 0 0 .2rem; font-size: .85em; }
.plot { flex: none; width: 120px; height: 24px; }
.plot path { fill: none; stroke: var(--calm); stroke-width: 1.5; }
.plot path.bad { stroke: var(--bad); }
.bar { width: 4.5rem; height: 2px; margin: .2rem 0 0 auto; }
.bar rect { fill: var(--calm); }
#lost { padding: .5rem 0; font-weight: 600; }
`;
