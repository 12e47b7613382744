import { NAMESPACE_HOLDS } from '../../lib/isolation-in-words.ts';
import { SHAREABLE } from '../../lib/isolation-texts.ts';
import { Field } from '../field.tsx';
import { useChanges, useLive } from '../live-provider.tsx';
import { FoldedSection } from './folded-section.tsx';
import { VolumeRows, type VolumeRowsProps } from './volume-rows.tsx';

const FIELDS = ['mounts', 'user', 'capabilities', 'namespaces', 'timeOffsets'] as const;

/** A container's volumes, and what divides it from the host where that is not as ever. */
export function IsolationSection({ errors, ...volumes }: VolumeRowsProps) {
  return (
    <FoldedSection title="Volumes and isolation" fields={FIELDS} errors={errors}>
      <VolumeRows errors={errors} {...volumes} />
      <Field label="User" name="user" error={errors.user} hint="1000, 1000:1000, or a name of the image. Empty: its own root.">
        {(control) => <input {...control} autoComplete="off" spellCheck={false} placeholder="0" />}
      </Field>
      <Field
        label="Capabilities"
        name="capabilities"
        error={errors.capabilities}
        hint="A word adds one to the default set; with “-” before it, it takes one away."
      >
        {(control) => <input {...control} autoComplete="off" spellCheck={false} placeholder="-ALL NET_BIND_SERVICE" />}
      </Field>
      <Sharing error={errors.namespaces} />
      <Field label="Clocks ahead" name="timeOffsets" error={errors.timeOffsets} hint="Seconds; fewer than none is behind.">
        {(control) => <input {...control} autoComplete="off" inputMode="numeric" placeholder="0" />}
      </Field>
      <label className="flex items-center gap-2 self-start text-14 md:mt-6">
        <input type="checkbox" name="readOnly" className="size-4 accent-accent" /> Nothing of the image can be changed
      </label>
    </FoldedSection>
  );
}

/** With which container it shares namespaces, and which. */
function Sharing({ error }: { error: string | undefined }) {
  const live = useLive();
  useChanges(live?.containers.notifier);
  const running = (live?.containers.all() ?? []).filter(({ state }) => 'pid' in state).map(({ name }) => name);
  return (
    <>
      <Field label="Shares namespaces with" name="namespaces" error={error}>
        {(control) => (
          <select {...control}>
            <option value="">nobody: all are its own</option>
            {running
              .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
              .map((name) => (
                <option key={name}>{name}</option>
              ))}
          </select>
        )}
      </Field>
      <fieldset className="min-w-0">
        <legend className="mb-1 text-13 font-medium">What is shared</legend>
        <div className="flex flex-wrap gap-x-4 gap-y-1.5 py-1.5">
          {SHAREABLE.map((type) => (
            <label key={type} className="flex items-center gap-2 text-14" title={NAMESPACE_HOLDS[type]}>
              <input type="checkbox" name="shares" value={type} className="size-4 accent-accent" /> {type}
            </label>
          ))}
        </div>
      </fieldset>
    </>
  );
}
