import { defineConfig } from '@playwright/test'
import base from './playwright.config'

// A test a page: one that a busy machine spoils is drawn again, and the others stay.
export default defineConfig({ ...base, testMatch: 'screenshots.ts', retries: 2, timeout: 300_000, use: { ...base.use, trace: 'off', actionTimeout: 60_000 } })
