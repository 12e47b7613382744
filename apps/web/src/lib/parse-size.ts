const POWERS = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4 } as const;

/** Bytes of `256m`, `256 MiB`, `1.5g`, `1048576`: binary multiples, as the command line takes them. Null for anything else. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) return null;
  const power = POWERS[(match[2] ?? '').toLowerCase() as keyof typeof POWERS];
  return Math.round(Number(match[1]) * 1024 ** power);
}

/** What `parseSize` reads as exactly these bytes, in the greatest unit that divides them: `256m`. */
export function sizeText(bytes: number): string {
  const unit = (['t', 'g', 'm', 'k'] as const).find((name) => bytes > 0 && bytes % 1024 ** POWERS[name] === 0);
  return unit === undefined ? String(bytes) : `${bytes / 1024 ** POWERS[unit]}${unit}`;
}
