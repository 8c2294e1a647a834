import { describe, expect, test } from 'vitest'
import { routeOf, takeToken } from './route'

describe('routeOf', () => {
  test.each([
    ['', { page: 'offers' }],
    ['#/offers', { page: 'offers' }],
    ['#/offers/3-17-0', { page: 'offer', decision: '3-17-0', why: false }],
    ['#/offers/3-17-0/why', { page: 'offer', decision: '3-17-0', why: true }],
    ['#/offers/a%2Fb', { page: 'offer', decision: 'a/b', why: false }],
    ['#/recognition', { page: 'recognition' }],
    ['#/you', { page: 'you' }],
    ['#/join', { page: 'join', step: 0 }],
    ['#/join/2', { page: 'join', step: 2 }],
    ['#/join/-1', { page: 'join', step: 0 }],
    ['#/join/1.5', { page: 'join', step: 0 }],
    ['#/inbox', { page: 'inbox' }],
    ['#/sign-in', { page: 'sign-in' }],
    ['#/here', { page: 'here', code: '' }],
    ['#/here/abc.def', { page: 'here', code: 'abc.def' }],
    ['#/nowhere', { page: 'offers' }],
    ['#/offers/%E0%A4%A', { page: 'offers' }],
  ])('%s', (hash, want) => {
    expect(routeOf(hash)).toEqual(want)
  })
})

describe('takeToken', () => {
  test.each([
    ['in the fragment', '/shopper/#t=abc.def', { token: 'abc.def', rest: '/shopper/' }],
    ['in the query', '/shopper/?t=abc.def', { token: 'abc.def', rest: '/shopper/' }],
    ['with a page', '/shopper/?t=abc&source=sms#/offers/3-17-0', { token: 'abc', rest: '/shopper/?source=sms#/offers/3-17-0' }],
    ['none', '/shopper/#/you', undefined],
  ])('%s', (_name, link, want) => {
    expect(takeToken(new URL(link, 'https://aisle.example.com'))).toEqual(want)
  })
})
