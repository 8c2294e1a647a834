/** What a check of a signature found. Some browsers cannot check, and pages that were not opened by https. */
export type Verdict = 'right' | 'wrong' | 'unable'

/** Whether the owner of a public key signed these letters (Ed25519). Both keys and signatures are base64. */
export async function verify(text: string, signature: string, publicKey: string): Promise<Verdict> {
  try {
    const key = await crypto.subtle.importKey('raw', bytes(publicKey), { name: 'Ed25519' }, false, ['verify'])
    return (await crypto.subtle.verify({ name: 'Ed25519' }, key, bytes(signature), new TextEncoder().encode(text))) ? 'right' : 'wrong'
  } catch {
    return 'unable'
  }
}

const bytes = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
