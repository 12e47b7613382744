interface Segment {
  x1?: number | string | undefined;
  y1?: number | string | undefined;
  y2?: number | string | undefined;
  stroke?: string | undefined;
}

/** An incident at its time: a thin line from the top, with a small wedge that points at it. */
export function IncidentMark({ x1, y1, y2, stroke = 'currentColor' }: Segment) {
  const [x, from, to] = [Number(x1), Number(y1), Number(y2)];
  if (![x, from, to].every(Number.isFinite)) return <g />;
  const [top, bottom] = [Math.min(from, to), Math.max(from, to)];
  return (
    <g stroke={stroke} fill={stroke}>
      <line x1={x} x2={x} y1={top} y2={bottom} strokeWidth={1} strokeOpacity={0.75} />
      <path d={`M${x - 4} ${top - 6}h8l-4 6z`} strokeWidth={0} />
    </g>
  );
}
