# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""How the page looks: its colours, as a table that the tests compute contrasts from, and its style sheet."""

from __future__ import annotations

COLOURS = {
    "paper": ("#ffffff", "#12161c"),
    "panel": ("#f5f6f8", "#1b2129"),
    "line": ("#d3d8df", "#3a4450"),
    "rail": ("#e2e6eb", "#313a46"),
    "edge": ("#7b8594", "#7d8998"),
    "ink": ("#1b2330", "#e6eaf0"),
    "soft": ("#525c6b", "#a8b3c1"),
    "accent": ("#1d4f91", "#8ab8ff"),
    "pass": ("#17663a", "#6fd197"),
    "fail": ("#b3201f", "#ff8f87"),
    "error": ("#6a3fa0", "#c9a6ff"),
    "warn": ("#855000", "#f0b760"),
    "waived": ("#3f5873", "#a9c1dc"),
}
"""By name, in light and in dark."""

_TEXTS = ("ink", "soft", "accent", "pass", "fail", "error", "warn", "waived")
_MARKS = ("accent", "pass", "fail", "error", "warn", "edge")

CONTRASTS = (
    *((text, ground, 4.5) for text in _TEXTS for ground in ("paper", "panel")),
    *((mark, ground, 3.0) for mark in _MARKS for ground in ("paper", "panel")),
    ("accent", "rail", 3.0),
    ("fail", "rail", 3.0),
)
"""What stands on what, and the ratio that WCAG 2.2 AA wants there: 4.5 for text, 3 for what a chart is made of."""


def sheet() -> str:
    """The whole style sheet. Print has the light colours: paper is white."""
    light, dark = ("".join(f"--{name}:{pair[mode]};" for name, pair in COLOURS.items()) for mode in (0, 1))
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{_RULES}"


_RULES = """
:root{color-scheme:light dark}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
  "Helvetica Neue",Arial,"Noto Sans","Liberation Sans",sans-serif;overflow-wrap:anywhere}
header,main,nav,footer{max-width:68rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:2.75rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 1.5rem;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.35rem;line-height:1.3;margin:3.25rem 0 .5rem;font-weight:650}
h3{font-size:1.05rem;line-height:1.35;margin:0;font-weight:650}
p{margin:.5rem 0}
a{color:var(--accent);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
ul{margin:0;padding:0;list-style:none}
dl,dd{margin:0}
.defs{position:absolute;width:0;height:0;overflow:hidden}
.icon{width:1em;height:1em;flex:none;vertical-align:-.125em;fill:none;stroke:currentColor;stroke-width:1.6;
  stroke-linecap:round;stroke-linejoin:round}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.card caption,.quiet caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
  white-space:nowrap}
.whole{white-space:nowrap}
.pass{color:var(--pass)}.fail{color:var(--fail)}.error{color:var(--error)}.warn{color:var(--warn)}
  .waived{color:var(--waived)}.not-applicable{color:var(--soft)}

.kicker{margin:0 0 .25rem;color:var(--accent);font-size:.875rem;font-weight:600;letter-spacing:.02em}
.verdict{display:grid;grid-template-columns:auto 1fr;gap:0 1.1rem;align-items:start;padding:1.35rem 1.5rem;
  background:var(--panel);border:1px solid var(--line);border-left:.4rem solid currentColor;border-radius:.5rem}
.verdict .icon{width:2.6rem;height:2.6rem;margin-top:.15rem;stroke-width:1.3}
.verdict p{margin:0;color:var(--ink)}
.verdict .word{font-size:1.75rem;line-height:1.2;font-weight:700;letter-spacing:.01em;color:inherit}
.verdict .reason{margin:.35rem 0 .15rem;font-size:1.1rem}
.facts{display:flex;flex-wrap:wrap;gap:.9rem 3rem;margin:1.5rem 0 0}
.facts dt{font-size:.8125rem;color:var(--soft)}
.chips{display:flex;flex-wrap:wrap;gap:.5rem;margin:1.5rem 0 0}
.chips li,.pill{display:inline-flex;align-items:center;gap:.4rem;border:1.5px solid currentColor;border-radius:2rem;
  padding:.1rem .75rem;font-size:.875rem;font-weight:600;white-space:nowrap}
.chips .none{color:var(--soft);border-color:var(--line);font-weight:400}
.pill{font-size:.75rem;letter-spacing:.03em;padding:.05rem .6rem;flex:none}
nav{margin-top:1.75rem}
nav ul{display:flex;flex-wrap:wrap;gap:.35rem 1.35rem;padding:.75rem 0;border-top:1px solid var(--line);
  border-bottom:1px solid var(--line);font-size:.875rem}

.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(16rem,100%),1fr));gap:1rem;margin-top:1rem}
.card{border:1px solid var(--line);border-radius:.5rem;padding:1.1rem 1.25rem;margin-top:1rem}
.cards .card{margin-top:0}
.card-head{display:flex;flex-wrap:wrap;align-items:center;gap:.35rem .75rem}
.card-head code{color:var(--soft)}
.figure{font-size:1.5rem;line-height:1.3;font-weight:650;margin:.35rem 0 .5rem}
.figure small{font-size:.9375rem;font-weight:400;color:var(--soft)}
.over{color:var(--fail);font-weight:650}
.todo{margin-top:.85rem}

svg.gauge{display:block;width:100%;height:42px;overflow:visible}
.gauge text{font-size:11px;fill:var(--soft)}
.gauge .rail{fill:var(--rail)}
.gauge .empty{fill:none;stroke:var(--edge);stroke-dasharray:4 4}
.gauge .used{fill:var(--accent)}
.gauge .excess{fill:url(#stripes)}
.gauge .excess-edge{fill:none;stroke:var(--fail);stroke-width:1.5}
.gauge .limit{stroke:var(--ink);stroke-width:2}
.stripes-ground{fill:var(--paper)}.stripes-line{stroke:var(--fail);stroke-width:5}
.hatch-line{stroke:var(--edge);stroke-width:1}

.timeline{margin:1rem 0 0}
.lane{display:grid;grid-template-columns:12.5rem minmax(0,1fr) 12.5rem;gap:0 1.25rem;align-items:center;
  padding:.3rem 0;break-inside:avoid}
.lane .who{font-weight:600;font-size:.9375rem}
.lane .told{font-size:.8125rem;line-height:1.35;color:var(--soft)}
.lane .told b{color:var(--ink);font-weight:600;display:block}
.lane svg{display:block;width:100%;height:28px;overflow:visible}
.lane svg.axis{height:18px}
.axis text{font-size:12px;fill:var(--soft)}
.strip .ground{fill:var(--panel);stroke:var(--line)}
.unseen{fill:url(#hatch)}
.strip .day,.axis .day{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.strip .trail{stroke:var(--edge);stroke-width:2;vector-effect:non-scaling-stroke}
.strip .ticks{stroke:var(--accent);stroke-width:1.75;vector-effect:non-scaling-stroke}
.mark{fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.finished{stroke:var(--accent)}.failed{stroke:var(--fail);stroke-width:2.6}
  .finished-with-exception{stroke:var(--warn);fill:var(--warn)}.partially-finished{stroke:var(--warn);
  fill:var(--paper)}.unknown{stroke:var(--error);fill:var(--paper)}.in-progress{stroke:var(--accent);
  fill:var(--paper)}
.mark .halo{stroke:var(--paper);stroke-width:6.5}
.legend{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;margin-top:.75rem;font-size:.8125rem;color:var(--soft)}
.legend li{display:inline-flex;align-items:center;gap:.4rem}
.legend svg{width:16px;height:18px;flex:none}

.scroll{overflow-x:auto;margin-top:.75rem}
.scroll table{min-width:46rem}
table{border-collapse:collapse;width:100%;margin-top:.75rem;font-size:.9375rem}
caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .9rem .5rem 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.8125rem;font-weight:600;color:var(--soft);border-bottom-color:var(--edge)}
tbody th{font-weight:600}
tbody th b+small{font-weight:400}
tbody th small,td small{display:block;font-size:.8125rem;font-weight:400;color:var(--soft)}
td li+li{margin-top:.15rem}
.figures wbr{display:none}
.figures th,.figures td{font-size:.875rem;overflow-wrap:normal}
.found th:nth-child(1){width:18%}.found th:nth-child(2){width:20%}.found th:nth-child(3){width:22%}
.found.several th:nth-child(1){width:30%}.found.several th:nth-child(2){width:12%}
.found.cites th:nth-child(5){width:11%}
.passed th:nth-child(1){width:24%}.passed th:nth-child(2){width:32%}
.controls th:nth-child(1){width:25%}.controls th:nth-child(2){width:14%}.controls th:nth-child(4){width:13%}
.waivers th:nth-child(1){width:18%}.waivers th:nth-child(2){width:12%}.waivers th:nth-child(3){width:15%}
.waivers th:nth-child(4){width:13%}.waivers th:nth-child(5){width:16%}
.reads th:nth-child(1){width:22%}
.jobs th:nth-child(1),.jobs th:nth-child(2){width:18%}.jobs th:nth-child(3),.jobs th:nth-child(4){width:20%}
.figures tbody th{white-space:nowrap}
.figures td{font-variant-numeric:tabular-nums}
details{margin-top:1rem;border:1px solid var(--line);border-radius:.5rem;padding:0 1.25rem}
summary{cursor:pointer;padding:.7rem 0;font-weight:600}
details[open]{padding-bottom:1rem}
footer{margin-top:3.5rem;padding-top:1.25rem;padding-bottom:3rem;color:var(--soft);font-size:.875rem}
footer p{border-top:1px solid var(--line);padding-top:1.25rem}

@media screen and (max-width:60rem){
.lane{grid-template-columns:minmax(0,1fr);gap:.15rem;padding:.55rem 0}
.lane .told b{display:inline}
.lane.head{padding-bottom:0}
}
@media screen and (max-width:46rem){
header,main,nav,footer{padding-left:1rem;padding-right:1rem}
header{padding-top:1.5rem}
h1{font-size:1.4rem}
h2{margin-top:2.5rem}
.verdict{padding:1rem;gap:0 .8rem}
.verdict .icon{width:1.9rem;height:1.9rem}
.verdict .word{font-size:1.4rem}
.card,details{padding-left:1rem;padding-right:1rem}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack,.stack caption,.stack tbody,.stack tr,.stack th,.stack td{display:block}
.stack tr{border-bottom:1px solid var(--line);padding:.6rem 0}
.stack th[scope],.stack td{border:0;padding:.2rem 0;width:auto}
.stack td:empty{display:none}
.stack td::before{content:attr(data-label);display:block;font-size:.75rem;color:var(--soft)}
}
@media print{
@page{margin:16mm 15mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);font:9pt sans-serif}}
html{font-size:9.5pt}
header,main,footer{max-width:none;padding-left:0;padding-right:0}
header{padding-top:0}
nav{display:none}
footer{margin-top:1.5rem;padding-bottom:0}
h1{font-size:20pt}
h2{margin-top:1.75rem;break-after:avoid}
.card-head,caption,thead,summary{break-after:avoid}
tr,.verdict,.card,.legend{break-inside:avoid}
.lane{grid-template-columns:9rem minmax(0,1fr) 10.5rem}
.scroll{overflow:visible}
.scroll table{min-width:0}
.figures th,.figures td{font-size:.75rem;padding-right:.4rem}
.cards{grid-template-columns:repeat(3,1fr)}
table{font-size:.875rem}
details,.card,.verdict{border-color:#888}
details::details-content{content-visibility:visible;block-size:auto}
a{color:inherit}
.todo a::after{content:" (" attr(href) ")";font-size:7.5pt}
}
"""
