/**
 * Steps at which charts' samples are kept, finest first. The first is the sampler's own, a second or more. Each is stored in
 * chunks of so many ms; a coarser one is made of the finer one's chunks as soon as those of its own chunk are all there. Of a float's
 * mantissa it does without `sparedBits`: means and extremes keep three digits, and hours, which there are most of, two and a half.
 */
export const GRAINS = [
  { name: 'seconds', stepMs: 1000, chunkMs: 60_000, sparedBits: 0 },
  { name: 'tens', stepMs: 10_000, chunkMs: 600_000, sparedBits: 13 },
  { name: 'fives', stepMs: 300_000, chunkMs: 14_400_000, sparedBits: 13 },
  { name: 'hours', stepMs: 3_600_000, chunkMs: 86_400_000, sparedBits: 15 },
] as const;
export type Grain = (typeof GRAINS)[number];
export type GrainName = Grain['name'];
export const FINEST = GRAINS[0];
export const COARSEST = GRAINS[3];
export const COARSER = GRAINS.slice(1);

/** The next finer one. */
export function finerThan(grain: Grain): Grain {
  return GRAINS[GRAINS.indexOf(grain) - 1] ?? FINEST;
}

/** How long samples of each grain are kept, in ms. */
export type ChartRetention = Readonly<Record<GrainName, number>>;
