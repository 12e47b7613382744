import { expect, it } from 'vitest';
import { cleanLogText } from './log-text.ts';

it.each([
  ['plain\ttext', 'plain\ttext'],
  ['\u001B[1;31mred\u001B[0m', 'red'],
  ['\u001B]0;title\u0007after', 'after'],
  ['\u001B]8;;http://x\u001B\\link\u001B]8;;\u001B\\', 'link'],
  ['windows\r', 'windows'],
  ['bell\u0007 nul\u0000', 'bell\uFFFD nul\uFFFD'],
  ['rtl\u202Eevil', 'rtl\uFFFDevil'],
])('%j', (text, clean) => expect(cleanLogText(text)).toBe(clean));
