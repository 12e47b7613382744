import { expect, test } from 'vitest';
import { encodeFrame, encodeMessage, decodeMessage, FrameReader, MalformedFrame, type Frame } from './frame.ts';

/** All frames of what is pushed in pieces of that many bytes. */
function read(bytes: Buffer, pieceBytes: number, mostBytes = 1024): { kind: string; payload: string }[] {
  const reader = new FrameReader(mostBytes);
  const found: { kind: string; payload: string }[] = [];
  const take = ({ kind, payload }: Frame): number => found.push({ kind, payload: payload.toString('latin1') });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    for (const frame of reader.push(bytes.subarray(at, at + pieceBytes))) take(frame);
  }
  return found;
}

const sent = Buffer.concat([
  encodeFrame('stdout', Buffer.from([0, 255, 10])),
  encodeFrame('stdinEnd'),
  encodeFrame('stderr', Buffer.alloc(1024, 'x')),
  encodeMessage('lost', { stream: 'stdout', bytes: 5 }),
]);

test.each([1, 3, 5, 7, 64, 4096])('frames are the same whatever the pieces are that they come in: %i bytes', (pieceBytes) => {
  expect(read(sent, pieceBytes)).toEqual([
    { kind: 'stdout', payload: '\0\xff\n' },
    { kind: 'stdinEnd', payload: '' },
    { kind: 'stderr', payload: 'x'.repeat(1024) },
    { kind: 'lost', payload: '{"stream":"stdout","bytes":5}' },
  ]);
});

test('an unfinished frame is none', () => {
  expect(read(sent.subarray(0, -1), 100)).toHaveLength(3);
});

test('a frame of no known kind, or longer than it may be, is refused before its payload has come', () => {
  expect(() => read(Buffer.from([99, 0, 0, 0, 0]), 5)).toThrow(MalformedFrame);
  expect(() => read(Buffer.from([17, 0, 0, 4, 1]), 5)).toThrow('a stdout frame of 1025 bytes');
});

test('a message is JSON', () => {
  const [frame] = new FrameReader(100).push(encodeMessage('attached', { stdin: null }));
  expect(decodeMessage(frame!.payload)).toEqual({ stdin: null });
});
