'use client';

import { KeyRound } from 'lucide-react';
import { Button } from '../button.tsx';
import { Field } from '../field.tsx';
import type { RuleFieldsProps } from './metric-fields.tsx';

const SECRET_BYTES = 32;

/** Where else to tell of it. */
export function WebhookFields({ values, edit, errors }: RuleFieldsProps) {
  return (
    <div className="grid gap-4 border-t border-line pt-4 sm:grid-cols-2">
      <Field
        label="Webhook"
        name="url"
        error={errors.url}
        hint="Optional: posted to when it fires, and when it is over. No internal address, unless the host allows it."
      >
        {(control) => (
          <input
            {...control}
            type="url"
            value={values.url}
            onChange={({ target }) => edit({ url: target.value })}
            autoComplete="off"
            spellCheck={false}
            placeholder="https://example.com/hook"
          />
        )}
      </Field>
      {values.url !== '' && (
        <Field
          label="Secret"
          name="secret"
          error={errors.secret}
          hint="Deliveries are signed with it. Give it to the receiver now: it is never shown again."
        >
          {(control) => (
            <span className="flex gap-2">
              <input
                {...control}
                value={values.secret}
                onChange={({ target }) => edit({ secret: target.value })}
                autoComplete="off"
                spellCheck={false}
                className={`${control.className} font-mono`}
              />
              <Button className="h-auto" onClick={() => edit({ secret: newSecret() })}>
                <KeyRound aria-hidden size={15} /> Generate
              </Button>
            </span>
          )}
        </Field>
      )}
    </div>
  );
}

/** 256 bits, as base64url. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
