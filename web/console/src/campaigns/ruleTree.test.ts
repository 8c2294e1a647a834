import { describe, expect, it } from 'vitest'
import { byKey, comparisons, fitting, keyed, kindOf, plain, type Group } from './ruleTree'

const tree: Group = {
  combinator: 'and',
  rules: [
    { field: 'searches', key: 'footwear', operator: '>=', value: 2 },
    { combinator: 'or', not: true, rules: [{ field: 'tier', operator: 'null', value: '' }] },
  ],
}

describe('a rule that is built', () => {
  it('is kept without the builder’s own marks', () => {
    const shown = { ...tree, id: '1', not: false, path: [], rules: tree.rules.map((one, i) => ({ ...one, id: `${i}`, valueSource: 'value' })) } as unknown as Group
    expect(plain(shown)).toEqual({ ...tree, rules: [tree.rules[0], { combinator: 'or', not: true, rules: [{ field: 'tier', operator: 'null' }] }] })
  })
  it('says which number is meant, wherever it stands', () => {
    expect(keyed(tree, [0], 'cycling').rules[0]).toMatchObject({ key: 'cycling', value: 2 })
    expect((keyed(tree, [1, 0], 'x').rules[1] as Group).rules[0]).toMatchObject({ field: 'tier', key: 'x' })
    expect(keyed(tree, [1, 0], 'x').rules[0]).toBe(tree.rules[0])
  })
  it('knows what is compared how', () => {
    expect([kindOf('text'), kindOf('number'), kindOf('numbers by category'), kindOf('yes or no')]).toEqual(['text', 'number', 'number', 'yes or no'])
    expect([byKey('numbers by category'), byKey('number')]).toEqual([true, false])
    expect(comparisons(['>=', 'in', '=']).map(({ label }) => label)).toEqual(['is', 'is at least', 'is any of'])
  })
  it.each<[Parameters<typeof fitting>, unknown]>([
    [['text', 'in', 'gold'], ['gold']],
    [['text', '=', ['gold', 'silver']], 'gold'],
    [['number', 'between', ''], []],
    [['number', '>', undefined], ''],
    [['yes or no', '=', ''], true],
    [['yes or no', '=', false], false],
  ])('keeps of %j what fits', (asked, want) => expect(fitting(...asked)).toEqual(want))
})
