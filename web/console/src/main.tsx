import '@mantine/core/styles.css'
import '@mantine/dates/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import '@aisle/ui/styles.css'
import './app.css'
import { queryClient } from '@aisle/api'
import { resolver, theme } from '@aisle/ui'
import { DirectionProvider, MantineProvider } from '@mantine/core'
import { DatesProvider } from '@mantine/dates'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { language, languages } from './language'
import { router } from './router'
import { t } from './words'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient()}>
      <DirectionProvider initialDirection={languages[language].dir}>
        <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
          <ModalsProvider modalProps={{ lockScroll: false, centered: true, closeButtonProps: { 'aria-label': t.close } }} labels={{ confirm: t.yes, cancel: t.cancel }}>
            <Notifications position={languages[language].dir === 'rtl' ? 'bottom-left' : 'bottom-right'} />
            <DatesProvider settings={{ locale: language }}>
              <RouterProvider router={router} />
            </DatesProvider>
          </ModalsProvider>
        </MantineProvider>
      </DirectionProvider>
    </QueryClientProvider>
  </StrictMode>,
)
