import { defineConfig } from '@playwright/test'
import base from './playwright.config'

// A trace of every change on the page would be what is measured.
export default defineConfig({ ...base, testMatch: 'crowd.ts', retries: 0, use: { ...base.use, trace: 'off' } })
