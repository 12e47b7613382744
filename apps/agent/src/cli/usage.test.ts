import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';
import { help } from './usage.ts';
import { ALIASES, findVerb, HEADINGS, VERBS } from './verbs.ts';

test('every verb has a line below a heading, with its other names', async () => {
  const lines = (await help([])).split('\n');
  for (const heading of HEADINGS.values()) expect(lines).toContain(heading);
  for (const name of VERBS.keys()) {
    const own = lines.filter((line) => line.startsWith(`  ${name} `) || line.startsWith(`  ${name},`));
    expect(own, name).toHaveLength(1);
  }
  for (const [alias, name] of ALIASES) {
    const both = lines.filter((line) => line.startsWith(`  ${name}, `) && line.includes(alias));
    expect(both, alias).toHaveLength(1);
  }
  for (const verb of HEADINGS.keys()) expect(VERBS.has(verb), verb).toBe(true);
});

test('the first word of several verbs is answered with those', async () => {
  const text = await help(['volume']);
  expect(text).toMatch(/^Usage: plimsoll volume VERB …\n\n {2}volume ls +list volumes\n/);
  expect(text).not.toContain('image');
});

test('examples may be typed as they stand', async () => {
  let count = 0;
  for (const [name, load] of VERBS) {
    const verb = await load();
    for (const line of verb.examples) {
      const words = line.match(/'[^']*'|"[^"]*"|\S+/g)?.map((word) => word.replaceAll(/^['"]|['"]$/g, '')) ?? [];
      const found = findVerb(words);
      expect(found?.name, line).toBe(name);
      expect(() => parseArguments(verb, found?.args ?? []), line).not.toThrow();
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(15);
});

test('every option is explained', async () => {
  for (const [name, load] of VERBS) {
    const { options, optionHelp } = await load();
    expect(Object.keys(optionHelp).toSorted(), name).toEqual(Object.keys(options).toSorted());
  }
});
