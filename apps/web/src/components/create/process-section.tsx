import type { FieldErrors } from '../../lib/create-request.ts';
import { Field } from '../field.tsx';
import { FoldedSection } from './folded-section.tsx';

/** What surrounds the command of a container. */
export function ProcessSection({ errors }: { errors: FieldErrors }) {
  return (
    <FoldedSection title="Environment, directory, host name" fields={['env', 'workdir', 'hostname']} errors={errors}>
      <Field label="Environment" name="env" error={errors.env} hint="NAME=value, one a line" className="md:col-span-2">
        {(control) => <textarea {...control} rows={3} spellCheck={false} className={`${control.className} font-mono text-13`} />}
      </Field>
      <Field label="Working directory" name="workdir" error={errors.workdir}>
        {(control) => <input {...control} autoComplete="off" spellCheck={false} placeholder="/" />}
      </Field>
      <Field label="Host name" name="hostname" error={errors.hostname}>
        {(control) => <input {...control} autoComplete="off" spellCheck={false} />}
      </Field>
    </FoldedSection>
  );
}
