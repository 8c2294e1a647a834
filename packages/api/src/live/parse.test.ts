import { expect, test } from 'vitest'
import { reader, type Message } from './parse'

const cases: { name: string; pieces: string[]; want: Message[] }[] = [
  { name: 'one event', pieces: ['id: 7\nevent: kpis\ndata: {"a":1}\n\n'], want: [{ id: '7', type: 'kpis', data: '{"a":1}' }] },
  { name: 'cut anywhere', pieces: ['ev', 'ent: kp', 'is\nda', 'ta: 1\n', '\n'], want: [{ id: '', type: 'kpis', data: '1' }] },
  { name: 'carriage returns, cut between them', pieces: ['data: 1\r', '\n\r', '\ndata: 2\r\n\r\n'], want: [
    { id: '', type: 'message', data: '1' },
    { id: '', type: 'message', data: '2' },
  ] },
  { name: 'lines of data are joined', pieces: ['data: a\ndata: b\n\n'], want: [{ id: '', type: 'message', data: 'a\nb' }] },
  { name: 'the id stays, the type does not', pieces: ['id: 1\nevent: x\ndata: 1\n\ndata: 2\n\n'], want: [
    { id: '1', type: 'x', data: '1' },
    { id: '1', type: 'message', data: '2' },
  ] },
  { name: 'comments and events without data say nothing', pieces: [': hello\n\nevent: x\n\n'], want: [] },
  { name: 'an id with a null is not one', pieces: ['id: 1\nid: 2\0\ndata: 1\n\n'], want: [{ id: '1', type: 'message', data: '1' }] },
  { name: 'one space after the colon goes', pieces: ['data:  a\n\ndata:b\n\n'], want: [
    { id: '', type: 'message', data: ' a' },
    { id: '', type: 'message', data: 'b' },
  ] },
  { name: 'what is not ended is not told', pieces: ['data: 1\n'], want: [] },
]

test.each(cases)('$name', ({ pieces, want }) => {
  const read = reader()
  expect(pieces.flatMap((piece) => read(piece))).toEqual(want)
})
