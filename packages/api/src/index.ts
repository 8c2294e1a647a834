export type { components, paths } from './schema'
