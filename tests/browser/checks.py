"""Accessibility of a page as a browser computes it (WCAG 2.2 AA), without a library from the network."""

from playwright.sync_api import Page

STRUCTURE = """() => {
  const faults = [];
  const all = (q) => [...document.querySelectorAll(q)];
  const name = (e) => (e.getAttribute('aria-label') || e.textContent || e.getAttribute('title') || '').trim();
  if (!document.documentElement.lang) faults.push('no language');
  if (!document.title.trim()) faults.push('no title');
  if (all('main').length !== 1) faults.push('not one main');
  if (all('h1').length !== 1) faults.push('not one h1');
  let last = 0;
  for (const h of all('h1,h2,h3,h4')) {
    const level = Number(h.tagName[1]);
    if (level > last + 1) faults.push(`heading skips to ${h.tagName}: ${h.textContent.trim()}`);
    if (!name(h)) faults.push(`empty ${h.tagName}`);
    last = level;
  }
  for (const t of all('table')) if (!t.caption?.textContent.trim()) faults.push('table without caption');
  for (const h of all('th')) if (!h.scope) faults.push(`th without scope: ${h.textContent.trim()}`);
  for (const e of all('a[href],button,summary')) if (!name(e)) faults.push(`no name: ${e.outerHTML.slice(0, 80)}`);
  for (const e of all('input:not([type=hidden]),select,textarea'))
    if (!e.labels?.length) faults.push('input without label');
  for (const e of all('[role=region],nav,section,article')) {
    const by = e.getAttribute('aria-labelledby');
    if (!e.getAttribute('aria-label') && !(by && document.getElementById(by))) faults.push(`unnamed ${e.tagName}`);
  }
  for (const e of all('svg[role=img]'))
    for (const id of (e.getAttribute('aria-labelledby') || 'none').split(' '))
      if (!document.getElementById(id)?.textContent.trim()) faults.push('chart without text');
  const ids = all('[id]').map((e) => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id twice: ${id}`);
  for (const e of all('time')) if (!e.getAttribute('datetime')) faults.push('time without datetime');
  for (const e of all('.scroll'))
    if (e.scrollWidth > e.clientWidth && e.tabIndex !== 0) faults.push('scrolls by mouse only');
  const shown = document.documentElement;
  if (shown.scrollWidth > shown.clientWidth) faults.push(`page is wider than the window: ${shown.scrollWidth}`);
  for (const a of all('nav a')) if (a.getBoundingClientRect().height < 24) faults.push('small target in nav');
  return [...new Set(faults)];
}"""

CONTRAST = """() => {
  const parts = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length === 3 ? [...m, 1] : m; };
  const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    const layers = [];
    for (; e; e = e.parentElement) layers.push(parts(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const faults = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const e = n.parentElement;
    if (!n.textContent.trim() || !e.checkVisibility() || e.closest('.hidden,title,desc,script,style')) continue;
    const style = getComputedStyle(e);
    const back = ground(e);
    const ink = over(parts(e.closest('svg') ? style.fill : style.color), back);
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) faults.add(`${ratio.toFixed(2)}: ${n.textContent.trim().slice(0, 40)}`);
  }
  return [...faults];
}"""


def faults_of(page: Page) -> list[str]:
    """Give what is wrong with the page as it is shown now; empty when nothing is."""
    structure: list[str] = page.evaluate(STRUCTURE)
    contrast: list[str] = page.evaluate(CONTRAST)
    return structure + contrast
