'use client';

import { Segments } from '../segments.tsx';

const WINDOWS = [
  { name: '1m', label: '1 min', ms: 60_000 },
  { name: '5m', label: '5 min', ms: 300_000 },
  { name: '10m', label: '10 min', ms: 600_000 },
];
const OPTIONS = WINDOWS.map(({ label, ms }) => ({ value: ms, label }));
const DEFAULT_MS = 300_000;
/** For what has not run for much longer: a wider window would be an empty one. */
const YOUNG_MS = 60_000;

export function defaultWindow(ranForMs: number): number {
  return ranForMs < 2 * YOUNG_MS ? YOUNG_MS : DEFAULT_MS;
}

export function readWindow(params: { get(name: string): string | null }, otherwise: number): number {
  return WINDOWS.find(({ name }) => name === params.get('window'))?.ms ?? otherwise;
}

export function WindowSwitch({ windowMs, path }: { windowMs: number; path: string }) {
  const change = (chosen: number) => {
    const params = new URLSearchParams(window.location.search);
    params.set('window', WINDOWS.find(({ ms }) => ms === chosen)?.name ?? '');
    window.history.replaceState(null, '', `${path}?${params}`);
  };
  return <Segments small label="Time shown" options={OPTIONS} value={windowMs} change={change} />;
}
