import { useScenarios, useShops, useTryScenario, type Scenario, type ScenarioMoment, type Shop } from '@aisle/api'
import { Empty, exclusionWord, Failure, triggerChoices, triggerWord, worded } from '@aisle/ui'
import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { Play, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Loaded } from '../Page'
import { stepWords } from './draft'
import { askOf, newEvent, sampleOf, worthTelling, type StoryEvent } from './story'
import { t } from './words'
import './scenarios.css'

/** What somebody does, and what would come of it if the scenario were live: told by the same code as in the shop. */
export function TryScenario({ scenario }: { scenario: Scenario }) {
  const shops = useShops()
  return (
    <Loaded of={shops} height={420}>
      {(shops) => <Try key={scenario.version} scenario={scenario} shop={shops[0]} />}
    </Loaded>
  )
}

function Try({ scenario, shop }: { scenario: Scenario; shop: Shop | undefined }) {
  const zones = shop?.zones ?? []
  const [story, setStory] = useState(() => sampleOf(scenario, zones.find(({ kind }) => kind === 'sales')?.id ?? ''))
  const attempt = useTryScenario()
  const setEvents = (events: StoryEvent[]) => setStory({ ...story, events })
  const change = (i: number, part: Partial<StoryEvent>) => setEvents(story.events.map((event, j) => (i === j ? { ...event, ...part } : event)))
  const types = [...new Set([...triggerChoices().map(({ value }) => value), ...scenario.steps.flatMap(({ events }) => events), ...story.events.map(({ type }) => type)])].filter((type) => type !== '')
  const run = () => attempt.mutate(askOf(scenario, shop?.id, new Date().toISOString().slice(0, 10), story.events, story.clock))
  return (
    <div className="try">
      <form
        className="card block"
        aria-label={t.try.what}
        onSubmit={(event) => {
          event.preventDefault()
          run()
        }}
      >
        <div>
          <h2>{t.try.what}</h2>
          <p className="dim small">{shop ? t.try.whoIn(shop.name) : t.try.who}</p>
        </div>
        <ol className="try-events">
          {story.events.map((event, i) => (
            <li key={event.key}>
              <TextInput dir="ltr" label={i === 0 ? t.try.at : undefined} aria-label={t.try.atLabel(i + 1)} value={event.at} onChange={({ currentTarget }) => change(i, { at: currentTarget.value })} />
              <Select
                label={i === 0 ? t.try.event : undefined}
                aria-label={t.try.eventLabel(i + 1)}
                searchable
                data={types.map((value) => ({ value, label: triggerWord(value) }))}
                value={event.type || null}
                onChange={(type) => change(i, { type: type ?? '' })}
              />
              <Select
                label={i === 0 ? t.try.zone : undefined}
                aria-label={t.try.zoneLabel(i + 1)}
                placeholder={t.try.noZone}
                clearable
                data={zones.map(({ id, name }) => ({ value: id, label: name }))}
                value={event.zone || null}
                onChange={(zone) => change(i, { zone: zone ?? '' })}
              />
              <TextInput label={i === 0 ? t.try.about : undefined} aria-label={t.try.aboutLabel(i + 1)} placeholder={t.try.aboutSample} value={event.about} onChange={({ currentTarget }) => change(i, { about: currentTarget.value })} />
              <ActionIcon variant="subtle" color="gray" size={30} aria-label={t.try.remove(i + 1)} onClick={() => setEvents(story.events.toSpliced(i, 1))}>
                <Trash2 size={14} />
              </ActionIcon>
            </li>
          ))}
        </ol>
        <div className="row" style={{ alignItems: 'end', flexWrap: 'wrap' }}>
          <Button variant="default" leftSection={<Plus size={13} />} onClick={() => setEvents([...story.events, newEvent(story.events.at(-1)?.at ?? '15:00:00', '')])}>
            {t.try.another}
          </Button>
          <TextInput label={t.try.until} dir="ltr" w={150} value={story.clock} onChange={({ currentTarget }) => setStory({ ...story, clock: currentTarget.value })} />
          <Button type="submit" leftSection={<Play size={13} />} loading={attempt.isPending} disabled={story.events.length === 0}>
            {t.try.run}
          </Button>
        </div>
      </form>
      <section className="card block" aria-label={t.try.comes} aria-live="polite">
        <h2>{t.try.comes}</h2>
        {attempt.error ? (
          <Failure error={attempt.error} retry={run} />
        ) : attempt.data ? (
          <Told moments={attempt.data.moments} scenario={scenario} />
        ) : (
          <Empty title={t.try.notRun}>{t.try.notRunMore}</Empty>
        )}
      </section>
    </div>
  )
}

function Told({ moments, scenario }: { moments: ScenarioMoment[]; scenario: Scenario }) {
  const others = useScenarios()
  const find = (id: string) => (id === scenario.id ? scenario : others.data?.find((other) => other.scenario.id === id)?.scenario)
  const told = worthTelling(moments)
  return (
    <ol className="timeline">
      {told.map((moment, i) => {
        const done = moment.event === 'scenario_completed'
        return (
          // oxlint-disable-next-line react/no-array-index-key
          <li key={i} data-tone={done ? 'good' : moment.verdict === 'offered' ? 'info' : undefined} style={{ gridTemplateColumns: '64px 12px minmax(0, 1fr)' }}>
            <time className="num">{moment.time.slice(11, 19)}</time>
            <i />
            <div>
              <p className="strong">{done ? t.try.completed(find(moment.scenario ?? '')?.name ?? moment.scenario ?? '') : triggerWord(moment.event)}</p>
              {moment.said.map(({ scenario: id, step, what }) => {
                const at = find(id)
                return (
                  <p key={id + step + what} className="small">
                    {id !== scenario.id && <span className="dim"><bdi>{at?.name ?? id}</bdi>: </span>}
                    {t.try.said[what](at?.steps[step] ? stepWords(at.steps[step], triggerWord) : `${step + 1}`)}
                  </p>
                )
              })}
              {moment.verdict === 'offered' && <p className="small">{t.try.gets(moment.offer ?? '')}</p>}
              {moment.verdict === 'no_offer' && <p className="dim small">{t.try.noOffer(moment.why.map(({ name, out, detail }) => `${name}${t.step.comma}${exclusionWord(out ?? '').toLowerCase()}${detail ? ` (${worded(detail)})` : ''}`))}</p>}
            </div>
          </li>
        )
      })}
    </ol>
  )
}
