'use client';

const WINDOWS = [
  { name: '1m', label: '1 min', ms: 60_000 },
  { name: '5m', label: '5 min', ms: 300_000 },
  { name: '10m', label: '10 min', ms: 600_000 },
];
const DEFAULT_MS = 300_000;
/** For a container that has not run for much longer: a wider window would be an empty one. */
const YOUNG_MS = 60_000;

export function defaultWindow(ranForMs: number): number {
  return ranForMs < 2 * YOUNG_MS ? YOUNG_MS : DEFAULT_MS;
}

export function readWindow(params: { get(name: string): string | null }, otherwise: number): number {
  return WINDOWS.find(({ name }) => name === params.get('window'))?.ms ?? otherwise;
}

export function WindowSwitch({ windowMs, path }: { windowMs: number; path: string }) {
  return (
    <div
      role="group"
      aria-label="Time shown"
      className="flex h-7 overflow-hidden rounded-md border border-line-strong bg-surface"
    >
      {WINDOWS.map(({ name, label, ms }) => (
        <button
          key={name}
          type="button"
          aria-pressed={ms === windowMs}
          onClick={() => {
            const params = new URLSearchParams(window.location.search);
            params.set('window', name);
            window.history.replaceState(null, '', `${path}?${params}`);
          }}
          className="border-r border-line px-2.5 text-12 text-ink-2 -outline-offset-2 last:border-r-0 hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent"
        >
          {label}
        </button>
      ))}
    </div>
  );
}
