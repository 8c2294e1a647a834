const atLeast = (n: number) => `At least ${n} characters`

export const en = {
  showPassword: 'Show the password',
  atLeast,
  signIn: {
    page: 'Sign in',
    title: 'Sign in to Aisle',
    with: (provider: string) => `Sign in with ${provider}`,
    demo: 'This is the demonstration shop: its account is filled in already.',
    email: 'E-mail',
    yourEmail: 'Your e-mail address',
    password: 'Password',
    yourPassword: 'Your password',
    wrong: 'The e-mail address or the password is not right.',
    doIt: 'Sign in',
    /** Why the identity provider's answer let nobody in. */
    refusals: {
      denied: 'You are not let in here: none of your groups has a role. Ask an administrator.',
      taken: 'Your e-mail address is somebody else’s here, and your provider does not vouch for it. Ask an administrator.',
      unavailable: 'Your identity provider does not answer now. Try again in a moment.',
      failed: 'That did not work. Try again; if it does not help, ask an administrator.',
    },
  },
  choose: {
    title: 'Choose a password',
    password: 'Password',
    doIt: 'Keep it, and sign in',
    notWhole: 'This link is not whole. Copy all of it, or ask your administrator for a new one.',
  },
  account: {
    title: 'My account',
    where: 'Where I am signed in',
    outEverywhere: 'Sign out everywhere else',
    browser: 'Browser',
    address: 'Address',
    since: 'Since',
    used: 'Used',
    actions: 'Actions',
    here: 'This one',
    until: (time: string) => `until ${time} at the latest`,
    hows: { password: 'by password', link: 'by a link', oidc: 'by the identity provider' },
    out: 'Sign out',
    outThere: 'Signed out there.',
    showAll: (many: number) => `Show all ${many}`,
    outElsewhere: 'Signed out everywhere else.',
    browserOn: (browser: string, system: string) => `${browser} on ${system}`,
    program: 'A program',
  },
  another: {
    title: 'Another password',
    now: 'The password of now',
    missing: 'Your password of now',
    new: 'The new one',
    doIt: 'Change it',
    done: 'Your password is changed, and you are signed out everywhere else.',
  },
}

export type Words = typeof en
