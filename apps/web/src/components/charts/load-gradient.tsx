import { AMBER_SHARE } from '../../lib/load.ts';

interface LoadGradientProps {
  id: string;
  limit: number;
  /** The axis' upper end, and the plot's upper and lower edge in pixels. */
  max: number;
  top: number;
  bottom: number;
}

/** Colour by height, fixed to the axis and not to the area's own box: water, amber from 80 % of the limit on, red from the limit on. */
export function LoadGradient({ id, limit, max, top, bottom }: LoadGradientProps) {
  const at = (value: number) => Math.min(1, Math.max(0, value / max));
  return (
    <linearGradient id={id} gradientUnits="userSpaceOnUse" x1="0" x2="0" y1={bottom} y2={top}>
      <stop offset={at(limit * (AMBER_SHARE - 0.03))} stopColor="var(--color-water)" />
      <stop offset={at(limit * (AMBER_SHARE + 0.03))} stopColor="var(--color-amber)" />
      <stop offset={at(limit * 0.97)} stopColor="var(--color-amber)" />
      <stop offset={at(limit)} stopColor="var(--color-over)" />
    </linearGradient>
  );
}
