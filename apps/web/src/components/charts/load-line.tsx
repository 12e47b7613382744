interface Segment {
  x1?: number | string | undefined;
  x2?: number | string | undefined;
  y1?: number | string | undefined;
}

/** The mark: a thin line at the limit with a small circle on it. */
export function LoadLine({ x1, x2, y1 }: Segment) {
  const [left, right, y] = [Number(x1), Number(x2), Math.round(Number(y1)) + 0.5];
  if (![left, right, y].every(Number.isFinite)) return <g />;
  const circle = right - 14;
  return (
    <g stroke="var(--color-load-line)" strokeWidth={1}>
      <line x1={left} x2={circle - 4} y1={y} y2={y} />
      <line x1={circle + 4} x2={right} y1={y} y2={y} />
      <circle cx={circle} cy={y} r={4} fill="none" strokeWidth={1.25} />
      <line x1={circle - 4} x2={circle + 4} y1={y} y2={y} />
    </g>
  );
}
