import { describe, expect, it } from 'vitest';
import { webUid } from './web-user.ts';

describe('webUid', () => {
  it('is the one that was asked for', async () => {
    expect(await webUid('1234')).toBe(1234);
  });

  it('is never root, nor a name', async () => {
    await expect(webUid('0')).rejects.toThrow('PLIMSOLL_WEB_UID');
    await expect(webUid('00')).rejects.toThrow('PLIMSOLL_WEB_UID');
    await expect(webUid('www-data')).rejects.toThrow('PLIMSOLL_WEB_UID');
  });

  it('is otherwise one that nobody has, and the same each time', async () => {
    const uid = await webUid('');
    expect(uid).toBeGreaterThanOrEqual(61_870);
    expect(await webUid('')).toBe(uid);
  });
});
