'use client';

import { useChanges, useLive } from '../live-provider.tsx';

interface Control {
  id: string;
  name: string;
  className: string;
}

interface SubjectChoiceProps {
  control: Control;
  /** For events: anything, a container, or a group with all that is in it. */
  forEvents: boolean;
  value: string;
  change: (value: string) => void;
}

/** What a rule is about, of what there is. */
export function SubjectChoice({ control, forEvents, value, change }: SubjectChoiceProps) {
  const live = useLive();
  useChanges(live?.containers.notifier);
  useChanges(live?.groups.notifier);
  const containers = (live?.containers.all() ?? []).map(({ name }) => name).toSorted();
  const groups = (live?.groups.all() ?? []).map(({ path }) => path).toSorted();
  return (
    <select {...control} value={value} onChange={({ target }) => change(target.value)}>
      {forEvents ? (
        <option value="">Anything</option>
      ) : (
        <>
          <option value="every-container">Every container, each for itself</option>
          <option value="every-group">Every group, each for itself</option>
        </>
      )}
      <Choices label="A container" kind="container" names={containers} />
      <Choices label={forEvents ? 'A group and all in it' : 'A group as a whole'} kind="group" names={groups} />
      {!forEvents && <Choices label="Every container in" kind="in" names={groups} />}
    </select>
  );
}

function Choices({ label, kind, names }: { label: string; kind: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <optgroup label={label}>
      {names.map((name) => (
        <option key={name} value={`${kind}:${name}`}>
          {kind === 'in' ? `every container in ${name}` : name}
        </option>
      ))}
    </optgroup>
  );
}
