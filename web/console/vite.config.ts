import { app } from '../../packages/ui/vite.ts'
import { defineConfig } from 'vite'

export default defineConfig(app('console'))
