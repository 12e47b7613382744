interface Segment {
  x1?: number | string | undefined;
  y1?: number | string | undefined;
  y2?: number | string | undefined;
}

/** A start after the first: a dotted line with a small ring on it. */
export function RestartMark({ x1, y1, y2 }: Segment) {
  const [x, from, to] = [Number(x1), Number(y1), Number(y2)];
  if (![x, from, to].every(Number.isFinite)) return <g />;
  const [top, bottom] = [Math.min(from, to), Math.max(from, to)];
  return (
    <g stroke="var(--color-ink-3)" fill="none">
      <line x1={x} x2={x} y1={top} y2={bottom} strokeWidth={1} strokeDasharray="1 3" />
      <circle cx={x} cy={top - 4} r={2.5} strokeWidth={1.25} />
    </g>
  );
}
