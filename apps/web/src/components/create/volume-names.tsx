'use client';

import { useVolumes } from '../volumes/use-volumes.ts';

/** Suggests the volumes that there are. Who types a name needs no suggestion, so that none come is no error. */
export function VolumeNames({ id }: { id: string }) {
  const { answer } = useVolumes();
  return (
    <datalist id={id}>
      {answer?.map(({ name }) => (
        <option key={name}>{name}</option>
      ))}
    </datalist>
  );
}
