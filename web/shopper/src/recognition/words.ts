import { m } from '../words'

/** Why a face was deleted. */
export const whyWords = (why: string) => m.deletedBy[why.startsWith('sms') ? 'sms' : why] ?? why
