import type { CreateContainerInput } from '@plimsoll/protocol';

type Mount = NonNullable<CreateContainerInput['mounts']>[number];

/** What is filled in for one volume of a new container. */
export interface VolumeTexts {
  volume: string;
  destination: string;
  readOnly: boolean;
}

/** Where an error about mounts belongs: all of them, or one text of one row. */
export type VolumeField = 'mounts' | `mounts.${number}.${'volume' | 'destination'}`;

export const NO_VOLUME: VolumeTexts = { volume: '', destination: '', readOnly: false };

/** The rows in which something is typed. */
export function filledVolumes(rows: readonly VolumeTexts[]): VolumeTexts[] {
  return rows.filter(({ volume, destination }) => `${volume}${destination}`.trim() !== '');
}

export function volumeMounts(rows: readonly VolumeTexts[]): Mount[] {
  return rows.map(({ volume, destination, readOnly }) => ({
    kind: 'volume',
    volume: volume.trim(),
    destination: destination.trim(),
    readOnly,
  }));
}

/** By the path that a sentence of the schema's or the agent's names. */
export function volumeField(text: string): VolumeField | undefined {
  const named = /\bmounts(?:\.(\d+)\.(volume|destination))?/.exec(text);
  if (named === null) return undefined;
  const [, row, part] = named;
  return row === undefined ? 'mounts' : `mounts.${Number(row)}.${part === 'volume' ? part : 'destination'}`;
}
