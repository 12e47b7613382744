import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Server } from 'socket.io';
import { beforeEach, expect, test } from 'vitest';
import { SessionPlaces } from './session-places.ts';

let engine: EventEmitter;
let places: SessionPlaces;
beforeEach(() => {
  engine = new EventEmitter();
  places = new SessionPlaces();
  places.attach({ engine } as unknown as Server);
});

function take(session: string, query = '?EIO=4&transport=websocket') {
  const request = { url: `/socket.io/${query}` } as IncomingMessage;
  const answer = new PassThrough();
  places.take(session, request, answer);
  return { request, answer };
}

/** Handshakes whose clients never join. */
function open(session: string, count: number) {
  return Array.from({ length: count }, () => {
    const { request, answer } = take(session);
    const connection = Object.assign(new EventEmitter(), { request });
    engine.emit('connection', connection);
    return { connection, answer };
  });
}

const full = expect.objectContaining({ code: 'too-many' });

test('a session has 64 places, joined or not', () => {
  const [first] = open('mine', 64);
  expect(() => take('mine')).toThrow(full);
  open('another', 64);
  // The answer of a handshake over polling ends long before its connection does.
  first?.answer.emit('close');
  expect(() => take('mine')).toThrow(full);
  first?.connection.emit('close');
  open('mine', 1);
  expect(() => take('mine')).toThrow(full);
});

test('a handshake without a connection frees its place', () => {
  const handshakes = Array.from({ length: 64 }, () => take('mine'));
  expect(() => take('mine')).toThrow(full);
  for (const { answer } of handshakes) answer.emit('close');
  open('mine', 64);
});

test('requests of a connection take no place: a handshake is recognised as by engine.io', () => {
  open('mine', 64);
  for (const query of ['?sid=x', '?sid=&sid=x']) take('mine', query);
  for (const query of ['', '?sid=', '?sid=x&sid=', '?SID=x']) expect(() => take('mine', query), query).toThrow(full);
});
