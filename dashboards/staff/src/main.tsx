import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/global.css'
import '@mantine/core/styles/UnstyledButton.css'
import '@mantine/core/styles/VisuallyHidden.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/ScrollArea.css'
import '@mantine/core/styles/Popover.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Loader.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Input.css'
import '@mantine/core/styles/Combobox.css'
import '@mantine/core/styles/ActionIcon.css'
import '@mantine/core/styles/Button.css'
import '@mantine/core/styles/Tooltip.css'
import '@mantine/core/styles/Drawer.css'
import '@aisle/ui/styles.css'
import './app.css'
import { queryClient } from '@aisle/api'
import { resolver, theme } from '@aisle/ui'
import { DirectionProvider, MantineProvider, useDirection } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { SpeakContext } from './Languages'
import { choose, language, languages, speakFirst, type Language } from './words'

/** The app, drawn anew when another language is chosen. */
function Spoken() {
  const [spoken, setSpoken] = useState(language)
  const { setDirection } = useDirection()
  const speak = (next: Language) =>
    void choose(next).then(
      () => {
        setDirection(languages[next].dir)
        setSpoken(next)
      },
      () => {}, // it stays as it was
    )
  return (
    <SpeakContext value={speak}>
      <App key={spoken} />
    </SpeakContext>
  )
}

const draw = () =>
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <QueryClientProvider client={queryClient()}>
        <DirectionProvider initialDirection={languages[language].dir}>
          <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
            <Spoken />
          </MantineProvider>
        </DirectionProvider>
      </QueryClientProvider>
    </StrictMode>,
  )

void speakFirst().then(draw, draw)
