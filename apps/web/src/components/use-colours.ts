'use client';

import { useSyncExternalStore } from 'react';

/** What a canvas paints with: colours of the theme in force, resolved, since a canvas knows no CSS variables. */
export interface Colours {
  water: string;
  ice: string;
  loadLine: string;
  surface: string;
}

let cached: { key: string; colours: Colours } | null = null;

function resolve(): Colours {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const key = `${document.documentElement.dataset['theme']} ${dark}`;
  if (cached?.key === key) return cached.colours;
  const probe = document.body.appendChild(document.createElement('span'));
  const colour = (name: string) => {
    probe.style.color = `var(--color-${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = { water: colour('water'), ice: colour('ice'), loadLine: colour('load-line'), surface: colour('surface') };
  probe.remove();
  cached = { key, colours };
  return colours;
}

function subscribe(listener: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', listener);
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    media.removeEventListener('change', listener);
    observer.disconnect();
  };
}

export function useColours(): Colours | null {
  return useSyncExternalStore<Colours | null>(subscribe, resolve, () => null);
}
