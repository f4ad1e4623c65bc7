'use strict';
// Everything here is a convenience: without it the page is one long document with the same content.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Light and dark: the system's choice until the button is pressed.
  const root = document.documentElement;
  const button = one('#theme');
  const remembered = (theme) => {
    try { return theme ? localStorage.setItem('theme', theme) : localStorage.getItem('theme'); } catch { return null; }
  };
  const isDark = () => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const label = () => { button.textContent = isDark() ? 'Light' : 'Dark'; button.ariaLabel = `Switch to ${button.textContent.toLowerCase()} colours`; };
  if (['light', 'dark'].includes(remembered())) root.dataset.theme = remembered();
  button.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; remembered(root.dataset.theme); label(); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', label);
  button.hidden = false;
  label();

  const title = document.title;
  // One part of the document at a time; the browser's own search still finds the others.
  const pages = all('.page');
  const show = (page) => {
    for (const other of pages) {
      if (other === page) other.removeAttribute('hidden');
      else other.setAttribute('hidden', 'until-found');
    }
    document.title = `${one('h2', page).textContent} · ${title}`;
    for (const link of all('nav a')) {
      if (link.hash === `#${page.id}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  };
  const follow = (moved) => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const page = target?.closest('.page');
    if (!page && target && pages.some((other) => !other.hidden)) return;
    show(page ?? pages[0]);
    if (!moved) return target?.scrollIntoView();
    if (target && target !== page) return target.scrollIntoView();
    scrollTo(0, 0);
    one('h2', page ?? pages[0]).focus({ preventScroll: true });
  };
  addEventListener('hashchange', () => follow(true));
  for (const page of pages) page.addEventListener('beforematch', () => show(page));
  follow(false);

  // The filter of the table of claims; a link may set it: index.html?text=risk&verdict=holds.
  const rows = all('#claims tbody tr');
  // Greek letters are also found by their names, and numbers only as whole ones.
  const greek = { α: 'alpha', β: 'beta', γ: 'gamma', δ: 'delta', ε: 'epsilon', ζ: 'zeta', η: 'eta', θ: 'theta', κ: 'kappa', λ: 'lambda', μ: 'mu', ξ: 'xi', ρ: 'rho', σ: 'sigma', τ: 'tau', Σ: 'sigma' };
  const spelt = (text) => `${text} ${[...text].map((letter) => greek[letter] ? `${greek[letter]} ` : '').join('')}`.toLowerCase();
  const texts = new Map(rows.map((row) => [row, spelt(`${row.textContent} ${row.dataset.text}`)]));
  const found = (text, word) => /^[\d.]+$/.test(word)
    ? new RegExp(`(?<![\\d.])${word.replaceAll('.', '\\.')}(?!\\.?\\d)`).test(text)
    : text.includes(word);
  const [text, verdict, paper] = ['text', 'verdict', 'paper'].map((name) => one(`#filter-${name}`));
  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !(words.every((word) => found(texts.get(row), word))
        && (!verdict.value || row.dataset.verdict === verdict.value)
        && (!paper.value || row.dataset.paper === paper.value));
      shown += row.hidden ? 0 : 1;
    }
    one('#filter-count').textContent = `${shown} of ${rows.length} claims`;
  };
  const asked = new URLSearchParams(location.search);
  for (const [name, field] of Object.entries({ text, verdict, paper })) {
    field.value = asked.get(name) ?? '';
    field.addEventListener('input', filter);
  }
  one('#filter').addEventListener('submit', (event) => event.preventDefault());
  one('#filter').hidden = false;
  filter();

  // Headers that sort: numbers by size, the rest by letter, what is missing last.
  const compare = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });
  };
  const key = (cell) => {
    const value = (cell.dataset.key ?? cell.textContent).trim();
    if (value === '–' || value === '') return null;
    if (value === 'inf') return Infinity;
    return Number.isNaN(Number(value)) ? value : Number(value);
  };
  for (const header of all('th[data-sort]')) {
    const sorter = document.createElement('button');
    sorter.type = 'button';
    sorter.className = 'sort';
    sorter.append(...header.childNodes);
    header.append(sorter);
    sorter.addEventListener('click', () => {
      const ascends = header.ariaSort ? header.ariaSort === 'descending' : header.dataset.sort !== 'descending';
      const sign = ascends ? 1 : -1;
      for (const other of all('th[data-sort]', header.parentElement)) other.removeAttribute('aria-sort');
      header.setAttribute('aria-sort', sign > 0 ? 'ascending' : 'descending');
      const body = header.closest('table').tBodies[0];
      const keyed = [...body.rows].map((row) => [key(row.cells[header.cellIndex]), row]);
      keyed.sort(([a], [b]) => (a === null || b === null ? compare(a, b) : sign * compare(a, b)));
      body.append(...keyed.map(([, row]) => row));
    });
  }
})();
