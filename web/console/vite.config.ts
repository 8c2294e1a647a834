import { app } from '../../packages/ui/vite'
import { defineConfig } from 'vite'

export default defineConfig(app('console'))
