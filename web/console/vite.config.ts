import { app } from '@aisle/ui/vite'
import { defineConfig } from 'vite'

export default defineConfig(app('console'))
