import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { Problem, words } from '@aisle/api'
import { Check, ChevronRight, Copy, Moon, RotateCw, Sun } from 'lucide-react'
import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useEffect, useState, type CSSProperties, type ReactNode } from 'react'
import { spoken } from './spoken'
import type { State } from './words'

export const Status = ({ state }: { state: State }) => (
  <span className="status" data-tone={state.tone}>
    {state.word}
  </span>
)

/** What will be here, and the one thing to do about it. */
export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <svg width="120" height="64" viewBox="0 0 120 64" aria-hidden="true">
        <rect x="10" y="6" width="100" height="16" rx="4" fill="var(--hover)" />
        <rect x="10" y="27" width="100" height="16" rx="4" fill="var(--hover)" opacity="0.7" />
        <rect x="10" y="48" width="100" height="16" rx="4" fill="var(--hover)" opacity="0.4" />
        <circle cx="20" cy="14" r="3" fill="var(--accent)" />
        <rect x="30" y="11" width="44" height="6" rx="3" fill="var(--line-strong)" />
      </svg>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  )
}

/** What went wrong, in the language that is spoken. */
export const said = (error: unknown) => spoken.sentence(words(error)) ?? spoken.problem(error instanceof Problem ? error.status : 500, words(error))

/** What went wrong and what to do. */
export function Failure({ error, retry }: { error: unknown; retry?: () => unknown }) {
  return (
    <div className="problem" role="alert">
      <p>
        <strong>{spoken.failed}</strong> {said(error)}
      </p>
      {retry && (
        <Button variant="default" leftSection={<RotateCw size={13} />} onClick={() => void retry()}>
          {spoken.again}
        </Button>
      )}
    </div>
  )
}

/** A place that something will take, as large as that will be. */
export const Skeleton = ({ width = '100%', height = 14, style }: { width?: number | string; height?: number | string; style?: CSSProperties }) => (
  <span className="skeleton" aria-hidden="true" style={{ width, height, ...style }} />
)

/** An id that one click copies. */
export function CopyId({ value, label, show = value }: { value: string; label: string; show?: string }) {
  const clipboard = useClipboard({ timeout: 1_500 })
  return (
    <Tooltip label={clipboard.copied ? spoken.copied : spoken.copy(label)}>
      <button type="button" className="copy" aria-label={`${spoken.copy(label)} ${value}`} onClick={() => clipboard.copy(value)}>
        <span dir="ltr">{show}</span>
        {clipboard.copied ? <Check size={12} aria-hidden /> : <Copy size={12} aria-hidden />}
      </button>
    </Tooltip>
  )
}

/** The object as the API has it. */
export function RawJson({ value, label = spoken.rawJson, open = false }: { value: unknown; label?: string; open?: boolean }) {
  const text = JSON.stringify(value, null, 2)
  const [shown, setShown] = useState(open)
  return (
    <details className="fold" open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>
        <ChevronRight size={13} aria-hidden />
        {label}
      </summary>
      {shown && (
        // A long text that scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre className="json" tabIndex={0} aria-label={label}>
          {text}
        </pre>
      )}
    </details>
  )
}

export function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light') === 'dark'
  const label = dark ? spoken.lightColours : spoken.darkColours
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
        {dark ? <Sun size={16} /> : <Moon size={16} />}
      </ActionIcon>
    </Tooltip>
  )
}

/** The time by this page's clock, again each `step` ms. */
export function useNow(step = 1_000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), step)
    return () => clearInterval(timer)
  }, [step])
  return now
}

/** Two sides of a bolt of iris: the product's mark. */
export const Mark = ({ size = 30 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 30 30" aria-hidden="true" style={{ flex: 'none' }}>
    <defs>
      <linearGradient id="mark" x1="0" y1="0" x2="1" y2="1">
        <stop offset="0" stopColor="#7478f0" />
        <stop offset="1" stopColor="#4347c4" />
      </linearGradient>
    </defs>
    <rect width="30" height="30" rx="8" fill="url(#mark)" />
    <path d="M16.2 7.2 9.6 16.1h4.6l-.9 6.7 6.9-9.2h-4.7z" fill="none" stroke="#fff" strokeWidth="1.7" strokeLinejoin="round" />
  </svg>
)
