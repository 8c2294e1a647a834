import { changesBetween, Changes, said, type Change } from '@aisle/ui'
import { Button } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { fieldErrors } from './errors'
import { useUndo, type Undo } from './undo'
import { UndoButtons } from './UndoButtons'
import { useUnsavedGuard } from './unsaved'
import { t } from './words'

interface Keeping<D> {
  what: keyof typeof t.unsaved.lost
  /** What the server calls otherwise than the form. */
  renamed?: Record<string, string>
  /** Keeps it; what the server refuses is shown beside its fields. */
  keep: (values: D) => Promise<unknown>
  /** Hears whether there are changes that are not kept. */
  onDirty?: ((dirty: boolean) => void) | undefined
}

const toFirstMistake = () => requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())

/** What each form does that is kept whole: it takes changes back, asks before they are lost, and shows what is wrong where it is. */
export function useKeeping<D extends object>(form: UseFormReturnType<D>, { what, renamed, keep, onDirty }: Keeping<D>) {
  const undo = useUndo(form)
  const saving = useRef(false)
  const dirty = form.isDirty()
  useUnsavedGuard(what, () => form.isDirty() && !saving.current)
  useEffect(() => onDirty?.(dirty), [dirty, onDirty])
  const save = async (values: D) => {
    saving.current = true
    try {
      await keep(values)
      form.resetDirty(values)
    } catch (error) {
      form.setErrors(fieldErrors(error, renamed))
      toFirstMistake()
    } finally {
      saving.current = false
    }
  }
  return { undo, onSubmit: form.onSubmit(save, toFirstMistake) }
}

interface SaveBarProps<D extends object> {
  form: UseFormReturnType<D>
  /** It was never kept, so it can be kept unchanged. */
  isNew: boolean
  /** What the button says that keeps it. */
  label: string
  undo?: Undo
  children?: ReactNode
}

/** Whether all is kept, and the way to keep it or to take it back. */
export const SaveBar = <D extends object>({ form, isNew, label, undo, children }: SaveBarProps<D>) => (
  <div className="save-bar">
    {undo && <UndoButtons {...undo} />}
    <span className="grow dim small" role="status">
      {Object.keys(form.errors).length > 0 ? <span className="error">{t.keeping.mistakes}</span> : form.isDirty() || isNew ? t.keeping.unsaved : t.keeping.saved}
    </span>
    {form.isDirty() && (
      <Button variant="default" onClick={form.reset}>
        {t.keeping.undo}
      </Button>
    )}
    {children}
    <Button type="submit" disabled={!isNew && !form.isDirty()} loading={form.submitting}>
      {label}
    </Button>
  </div>
)

/** Why it was not kept. */
export const NotKept = ({ error }: { error: unknown }) => (
  <div className="problem" role="alert">
    <p dir="auto">{said(error)}</p>
  </div>
)

export interface Versioned {
  version: number
}

/** What is different to who writes: the state has doors of its own, the server writes the audience, and a tree is its rule in other words. */
export const theirs = <T extends Versioned>(before: T, after: T): Change[] => changesBetween(before, after).filter(({ field }) => !/^(status|audience|trees?\..*)$/.test(field))

/**
 * What a form is about while `newest` is asked for again and again. A newer version begins the form anew, but never over
 * changes that are not kept: then `newer` says what somebody else changed, and who writes chooses. Then `chosen` hears of it.
 */
export function useEdited<T extends Versioned>(newest: T, chosen: () => void) {
  const [begun, setBegun] = useState(newest)
  const [over, setOver] = useState(newest.version)
  const [dirty, setDirty] = useState(false)
  if (!dirty && begun.version !== newest.version) setBegun(newest)
  const changes = theirs(begun, newest)
  const choose = (way: () => void) => () => {
    way()
    chosen()
  }
  const aware = over === newest.version || changes.length === 0
  return {
    key: begun.version,
    /** It is kept in place of the version that who writes knows of. */
    edited: aware ? { ...begun, version: newest.version } : begun,
    onDirty: setDirty,
    newer: dirty && !aware ? { changes, take: choose(() => setBegun(newest)), over: choose(() => setOver(newest.version)) } : undefined,
  }
}

interface NewerProps {
  changes: Change[]
  take: () => void
  over: () => void
}

/** What somebody else changed while it was written here. */
export const Newer = ({ changes, take, over }: NewerProps) => (
  <div className="problem" role="alert">
    <p>
      <strong>{t.newer.title}</strong> {t.newer.says}
    </p>
    <Changes changes={changes} />
    <div className="row">
      <Button variant="default" onClick={over}>
        {t.newer.over}
      </Button>
      <Button variant="default" onClick={take}>
        {t.newer.take}
      </Button>
    </div>
  </div>
)
