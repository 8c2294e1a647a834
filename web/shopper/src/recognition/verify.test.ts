import { expect, test } from 'vitest'
import { verify } from './verify'
import { sayMore } from '../words'
import { whyWords } from './words'

const base64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)))

test('verify tells right from wrong, and says where it cannot', async () => {
  const pair = (await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair
  const key = base64(await crypto.subtle.exportKey('raw', pair.publicKey))
  const signature = base64(await crypto.subtle.sign({ name: 'Ed25519' }, pair.privateKey, new TextEncoder().encode('3 before, 0 after')))
  expect(await verify('3 before, 0 after', signature, key)).toBe('right')
  expect(await verify('3 before, 1 after', signature, key)).toBe('wrong')
  expect(await verify('3 before, 0 after', 'AAAA', key)).toBe('wrong')
  expect(await verify('3 before, 0 after', signature, 'no key')).toBe('unable')
})

test('words say why a face was deleted', async () => {
  await sayMore()
  expect(whyWords('sms FORGET MY FACE')).toBe('by text message')
  expect(whyWords('segment/website')).toBe('segment/website')
})
