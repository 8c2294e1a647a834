/** The decision that a text names: its id, or an address that ends in it. */
export const decisionIn = (text: string): string | undefined => /(?:^|\/|=)(\d+-\d+-\d+)\s*$/.exec(text.trim())?.[1]
