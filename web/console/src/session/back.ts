/** Where to go after signing in: only to our own pages, whatever the address says. */
export function backTo(to: string | undefined): string {
  if (!to || !/^\/(console|staff)\//.test(to)) return '/console/'
  if (to.startsWith('/console/sign-in') || to.includes('\\') || to.includes('//')) return '/console/'
  return to
}
