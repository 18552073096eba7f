"""How pages look: on a screen, in the dark, on a telephone and on paper."""

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root{--ink:#1d2126;--faint:#565e66;--paper:#fff;--soft:#f4f6f8;--edge:#d5dade;--link:#0b57a4;
--error:#9c1c1c;--error-back:#fde8e6;--warning:#7a4a00;--warning-back:#fdf0d5;--note:#1b4f86;--note-back:#e6f0fb;
--good:#1c5f36;--good-back:#e3f4e8}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--faint:#a9b1b9;--paper:#16191d;--soft:#1f242a;--edge:#3a424a;
--link:#8ab8f0;--error:#ffb4ab;--error-back:#4a1a17;--warning:#f5ca7a;--warning-back:#43300c;--note:#a9cdf7;
--note-back:#17324f;--good:#9adbb0;--good-back:#173d26}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:64rem;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
h1{font-size:1.65rem;line-height:1.25;margin:0 0 .75rem}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--edge)}
h3{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--link)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
code{overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--edge);border-radius:6px;padding:.75rem 1rem;overflow-x:auto;
white-space:pre-wrap}
.lead{color:var(--faint)}
.badge{display:inline-block;padding:.05rem .5rem;border-radius:1rem;font-size:.85rem;font-weight:600;white-space:nowrap}
.error{color:var(--error);background:var(--error-back)}
.warning{color:var(--warning);background:var(--warning-back)}
.note{color:var(--note);background:var(--note-back)}
.good{color:var(--good);background:var(--good-back)}
figure{margin:1rem 0}
figure img{display:block;max-width:100%;height:auto;border:1px solid var(--edge);border-radius:6px;background:#fff}
figcaption{color:var(--faint);font-size:.9rem;margin-top:.35rem}
dl{display:grid;grid-template-columns:minmax(8rem,12rem) 1fr;gap:.35rem 1.25rem;margin:.75rem 0}
dt{color:var(--faint)}
dd{margin:0;min-width:0}
.wide{overflow-x:auto;margin:.75rem 0}
.wide:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.925rem}
caption{text-align:left;color:var(--faint);font-size:.9rem;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--edge)}
th{color:var(--faint);font-weight:600;white-space:nowrap}
td.number,th.number{text-align:right;white-space:nowrap}
td.number{font-variant-numeric:tabular-nums}
td code{font-size:.85em}
@media (max-width:36rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}table{min-width:34rem}}
@media print{:root{--ink:#000;--faint:#444;--paper:#fff;--soft:#fff;--edge:#bbb;--link:#000;--error:#7a0000;
--error-back:#fff;--warning:#5a3700;--warning-back:#fff;--note:#123a63;--note-back:#fff;
--good:#11451f;--good-back:#fff}
body{padding:0;max-width:none;font-size:10pt}.badge{border:1px solid}h2,h3,caption{break-after:avoid}
dl,figure,tr,pre{break-inside:avoid}.wide{overflow:visible}figure img{max-height:14cm;width:auto}@page{margin:1.5cm}}
"""
"""Every pair of text and background has a contrast of 4.5 to 1 or more (WCAG 2.2, criterion 1.4.3); a test holds it."""
