'use client';

import { conditionInWords, type AlertRuleView } from '@plimsoll/protocol';
import { Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { kindInWords } from '../../lib/event-texts.ts';
import { Button } from '../button.tsx';
import { PlainTable, ROW_CLASS } from '../plain-table.tsx';
import { Switch } from './switch.tsx';
import { useAlertActions } from './use-alert-actions.ts';

const HEAD = [
  { name: 'On', className: 'w-14' },
  { name: 'Rule', className: '' },
  { name: 'Fires for', className: 'max-md:hidden' },
  { name: 'Webhook', className: 'max-md:hidden' },
];

/** `changed`: called when one was changed or removed. */
export function RuleTable({ rules, changed }: { rules: readonly AlertRuleView[]; changed: () => void }) {
  return (
    <PlainTable head={HEAD}>
      {rules.map((rule) => (
        <Row key={rule.id} rule={rule} changed={changed} />
      ))}
    </PlainTable>
  );
}

function Row({ rule, changed }: { rule: AlertRuleView; changed: () => void }) {
  const { enable, remove, test } = useAlertActions(changed);
  const [isTesting, setIsTesting] = useState(false);
  const { name, enabled, when, webhook } = rule;
  const words = conditionInWords(when, kindInWords);
  async function tryOut(): Promise<void> {
    setIsTesting(true);
    await test(rule);
    setIsTesting(false);
  }
  return (
    <tr className={ROW_CLASS}>
      <td>
        <Switch label={`Rule ${name}`} checked={enabled} change={(checked) => void enable(rule, checked)} />
      </td>
      <td className="font-medium wrap-anywhere">
        {name}
        <span className="block text-12 font-normal text-ink-2 md:hidden">{words}</span>
        <span className="block text-12 font-normal text-ink-3 md:hidden">
          <Webhook webhook={webhook} />
        </span>
      </td>
      <td className="text-ink-2 wrap-anywhere first-letter:uppercase max-md:hidden">{words}</td>
      <td className="text-ink-2 wrap-anywhere max-md:hidden">
        <Webhook webhook={webhook} />
      </td>
      <td className="text-right whitespace-nowrap">
        {webhook !== null && (
          <Button
            tone="quiet"
            className="max-md:-mx-1.5"
            aria-label={`Send a test of ${name}`}
            title="Send a test"
            aria-busy={isTesting}
            disabled={isTesting}
            onClick={() => void tryOut()}
          >
            <Send aria-hidden size={15} />
          </Button>
        )}
        <Button
          tone="quiet"
          className="max-md:-mx-1.5"
          aria-label={`Remove ${name}`}
          title="Remove"
          onClick={() => void remove(rule)}
        >
          <Trash2 aria-hidden size={15} />
        </Button>
      </td>
    </tr>
  );
}

function Webhook({ webhook }: Pick<AlertRuleView, 'webhook'>) {
  if (webhook === null) return <span className="max-md:hidden">none</span>;
  const { url, waiting, last } = webhook;
  return (
    <>
      <span title={url}>{URL.parse(url)?.host ?? url}</span>
      {last?.delivered === false && <span className="block text-12 text-failed">Last attempt: {last.problem}</span>}
      {waiting > 0 && <span className="block text-12 text-warning">{waiting} still to be delivered</span>}
    </>
  );
}
