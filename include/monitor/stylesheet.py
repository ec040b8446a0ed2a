"""What the page wears and how it refreshes itself: two constants, and the policy that allows them and nothing else."""

from __future__ import annotations

import base64
import hashlib

REFRESH_S = 10

STYLE = """
:root {
  color-scheme: light dark;
  --page: light-dark(#f7f8fa, #12161b); --card: light-dark(#fff, #1a2027); --line: light-dark(#dfe3e8, #303943);
  --text: light-dark(#1c2733, #e6ebf0); --quiet: light-dark(#5b6875, #9aa7b4);
  --good: light-dark(#18794e, #6fd6a2); --good-soft: light-dark(#dff3e8, #173527);
  --idle: light-dark(#46566b, #b3c0ce); --idle-soft: light-dark(#e6ebf1, #2a333d);
  --warn: light-dark(#8f5200, #f2bd5c); --warn-soft: light-dark(#fdeccb, #3d2e10);
  --bad: light-dark(#b42318, #ff9d92); --bad-soft: light-dark(#fde3e0, #46201c);
  --track: light-dark(#e4e8ed, #2b333c); --bar: light-dark(#2f7fc1, #5aa9e6); --shade: light-dark(#c3cfdc, #46545f);
}
:root[data-theme=light] { color-scheme: light; }
:root[data-theme=dark] { color-scheme: dark; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
main { max-width: 84rem; margin: 0 auto; padding: 1rem 1.25rem 3rem; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .4rem 0; }
.quiet, figcaption, dt { color: var(--quiet); }
time, td, dd { font-variant-numeric: tabular-nums; }
time { white-space: nowrap; }
.top { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; justify-content: space-between; }
.verdict { font-weight: 600; margin: .35rem 0 1rem; }
.verdict.good, .up { color: var(--good); }
.verdict.bad, .down, strong.bad { color: var(--bad); }

.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 23rem), 1fr)); gap: .9rem; }
.card, .scroll { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.card { padding: .85rem 1rem; min-width: 0; }
.card.troubled { border-left: 4px solid var(--warn); }
.card.failure { border-left: 4px solid var(--bad); }
.card.failure h2 { margin-top: 0; }
.card header { display: flex; justify-content: space-between; align-items: center; gap: .5rem; }
.why { overflow-wrap: anywhere; color: var(--quiet); }
.badge { border-radius: 99px; padding: .1rem .6rem; font-size: .85rem; font-weight: 600; white-space: nowrap; }
.badge.fine { color: var(--good); background: var(--good-soft); }
.badge.closed, .badge.not-configured { color: var(--idle); background: var(--idle-soft); }
.badge.stale, .badge.stopped, .badge.never-ran { color: var(--warn); background: var(--warn-soft); }
.badge.lost, .badge.failed { color: var(--bad); background: var(--bad-soft); }
dl { margin: .6rem 0 0; }
dl div { display: flex; gap: .75rem; justify-content: space-between; padding: .12rem 0; }
dt { white-space: nowrap; }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
figure { margin: .75rem 0 0; }
figcaption { font-size: .82rem; margin-top: .25rem; }

svg { display: block; max-width: 100%; }
.patterns { position: absolute; }
.figure { display: inline-block; min-width: 8.5rem; }
.bar { display: inline-block; vertical-align: middle; width: 9rem; height: 8px; }
.spark { width: 100%; height: 40px; }
.timeline { width: 100%; height: 16px; border-radius: 4px; }
.track { fill: var(--track); }
.left { fill: var(--bar); }
.little { fill: var(--bad); }
.base { fill: var(--line); }
.stripe { stroke: var(--bad); stroke-width: 2; }
.open-hours { fill: var(--shade); }
.gap-open { fill: var(--bad); }
.gap-unfilled, .gap-closed { fill: url(#stripes); }
.gap-filled { fill: none; stroke: var(--good); stroke-width: 4; }
.cell.fresh { fill: var(--bar); }
.cell.old, .cell.never { fill: none; stroke: var(--quiet); }
.cell.failed { fill: var(--bad); }
.cross { stroke: var(--card); stroke-width: 1.6; fill: none; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
th, td { text-align: left; padding: .45rem .9rem; border-top: 1px solid var(--line); vertical-align: baseline; }
td { overflow-wrap: anywhere; }
thead th { border-top: 0; color: var(--quiet); font-size: .85rem; }
th { font-weight: 600; white-space: nowrap; }
@media (max-width: 40rem) {
  main { padding: .75rem .75rem 2rem; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  tr { display: block; border-top: 1px solid var(--line); padding: .4rem 0; }
  tbody tr:first-child { border-top: 0; }
  tbody th, td { display: flex; gap: 1rem; justify-content: space-between; border: 0; padding: .15rem .9rem; }
  td { text-align: right; }
  td::before { content: attr(data-head); color: var(--quiet); text-align: left; white-space: nowrap; }
  .figure { min-width: 0; }
  .bar { width: 5rem; align-self: center; }
}
"""

# Replaces what the page says by what it says now; where that fails, it goes on saying of when it is.
SCRIPT = f"""
const dress = () => {{
  let theme = null;
  try {{ theme = localStorage.getItem("theme"); }} catch (refused) {{ }}
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}};
const refresh = async () => {{
  if (document.hidden || String(getSelection())) return;
  const note = document.getElementById("refreshing");
  try {{
    const answer = await fetch(location.href, {{ headers: {{ Accept: "text/html" }}, cache: "no-store" }});
    if (answer.redirected) return location.reload();
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (!found) throw new Error(answer.status);
    document.querySelector("main").replaceWith(document.adoptNode(found));
  }} catch (failure) {{
    if (note) note.textContent = "could not be refreshed; it tries again";
  }}
}};
dress();
addEventListener("storage", dress);
setInterval(refresh, {REFRESH_S * 1000});
"""


def _allowed(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


# `frame-ancestors 'self'`: Airflow shows the page in a frame of its own.
POLICY = (
    f"default-src 'none'; style-src {_allowed(STYLE)}; script-src {_allowed(SCRIPT)}; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
