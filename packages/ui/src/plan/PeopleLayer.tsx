import type { LivePerson } from '@aisle/api'
import { useComputedColorScheme } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import { chartFont, token } from '../Chart'
import type { View } from './geometry'
import { crowd } from './crowd'

/** The people of one floor, as dots that walk: SVG would not keep up with hundreds. */
export function PeopleLayer({ people, view, strideMs }: { people: LivePerson[]; view: View; strideMs?: number | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const walking = useRef(crowd())
  const scheme = useComputedColorScheme('light')
  const still = useReducedMotion()

  const wake = useRef(() => {})

  useEffect(() => {
    walking.current.told(people, performance.now(), strideMs)
    wake.current()
  }, [people, strideMs])

  useEffect(() => {
    const element = canvas.current!
    const pen = element.getContext('2d')!
    const sharp = (devicePixelRatio || 1) * (element.currentCSSZoom ?? 1)
    const resize = () => {
      element.width = element.clientWidth * sharp
      element.height = element.clientHeight * sharp
      wake.current()
    }
    const resized = new ResizeObserver(resize)
    resized.observe(element)
    resize()

    const color = { anonymous: token('--dot-anon'), known: token('--dot-known'), ring: token('--dot-ring'), pushed: token('--ping'), lent: token('--warn'), name: token('--plan-label'), halo: token('--plan-halo') }
    const dot = (x: number, y: number, radius: number, fill: string) => {
      pen.fillStyle = fill
      pen.beginPath()
      pen.arc(x, y, radius, 0, 2 * Math.PI)
      pen.fill()
    }

    let frame = 0
    const draw = (time: number) => {
      frame = walking.current.busy(time) ? requestAnimationFrame(draw) : 0
      pen.setTransform(sharp, 0, 0, sharp, 0, 0)
      pen.clearRect(0, 0, element.width, element.height)
      const all = walking.current.at(still ? Infinity : time)
      for (const { known, x, y, shown } of all) {
        if (known) continue
        pen.globalAlpha = 0.75 * shown
        dot(view.left + x * view.scale, view.top + y * view.scale, 3.4, color.anonymous)
      }
      for (const { known, named, lent, x, y, shown, offered, pulse } of all) {
        if (!known) continue
        const left = view.left + x * view.scale
        const top = view.top + y * view.scale
        if (pulse !== undefined && !still) {
          pen.strokeStyle = color.pushed
          pen.lineWidth = 1.8
          for (const late of [0, 0.3]) {
            const part = pulse - late
            if (part < 0 || part > 1) continue
            pen.globalAlpha = Math.max(0, 1 - part * 1.15)
            pen.beginPath()
            pen.arc(left, top, 5 + part * 22, 0, 2 * Math.PI)
            pen.stroke()
          }
        }
        pen.globalAlpha = shown
        dot(left, top, 6, color.ring)
        dot(left, top, 4.5, lent ? color.lent : offered ? color.pushed : color.known)
        if (!named) dot(left, top, 2.2, color.ring) // hollow: a possible member
      }
      pen.font = chartFont.replace('11px', '600 11px')
      pen.textBaseline = 'middle'
      pen.lineJoin = 'round'
      pen.lineWidth = 3
      pen.strokeStyle = color.halo
      pen.fillStyle = color.name
      for (const { name, x, y, shown } of all) {
        if (name === undefined) continue
        const left = view.left + x * view.scale + 9
        const top = view.top + y * view.scale
        pen.globalAlpha = shown
        pen.strokeText(name, left, top)
        pen.fillText(name, left, top)
      }
      pen.globalAlpha = 1
    }
    wake.current = () => {
      frame ||= requestAnimationFrame(draw)
    }
    wake.current()
    void document.fonts.ready.then(() => wake.current())
    return () => {
      wake.current = () => {}
      cancelAnimationFrame(frame)
      resized.disconnect()
    }
  }, [view.scale, view.left, view.top, scheme, still])

  return <canvas ref={canvas} aria-hidden="true" />
}
