import { words } from '../../language'
import { en } from './en'

export const t = await words(en, { nl: () => import('./nl'), ar: () => import('./ar') })
