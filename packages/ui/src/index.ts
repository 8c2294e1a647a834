export { resolver, theme } from './theme'
