import { useRuleFields, type RuleField } from '@aisle/api'
import { Skeleton, triggerChoices, worded } from '@aisle/ui'
import { ActionIcon, Autocomplete, Button, NumberInput, Select, Switch, TagsInput, TextInput } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import {
  QueryBuilder,
  type ActionProps,
  type Classnames,
  type FieldSelectorProps,
  type FullField,
  type NotToggleProps,
  type RuleGroupType,
  type Translations,
  type ValueEditorProps,
  type ValueSelectorProps,
} from 'react-querybuilder'
import { byKey, comparisons, fitting, keyed, kindOf, plain, type Group } from './ruleTree'
import { t } from './words'

interface RuleBuilderProps {
  label: string
  tree: Group
  onChange: (tree: Group) => void
  disabled: boolean
}

/** A rule, built of conditions in groups. */
export default function RuleBuilder(props: RuleBuilderProps) {
  const { data } = useRuleFields()
  return data ? <Builder fields={data} {...props} /> : <Skeleton height={120} />
}

type Asked = FullField & { of: RuleField }

function Builder({ fields, label, tree, onChange, disabled }: RuleBuilderProps & { fields: RuleField[] }) {
  // The builder marks what it shows; what is kept has no marks.
  const [shown, setShown] = useState(() => tree as RuleGroupType)
  const same = JSON.stringify(plain(shown as Group)) === JSON.stringify(plain(tree))
  const asked = useMemo(() => fields.map((of): Asked => ({ name: of.name, value: of.name, label: of.name, of, operators: comparisons(of.operators) })), [fields])
  return (
    <div role="group" aria-label={label}>
      <QueryBuilder
        fields={asked}
        query={same ? shown : (tree as RuleGroupType)}
        onQueryChange={(query) => {
          setShown(query)
          const next = plain(query as Group)
          if (JSON.stringify(next) !== JSON.stringify(plain(tree))) onChange(next)
        }}
        getDefaultField={() => 'tier'}
        getDefaultOperator="="
        combinators={[
          { name: 'and', value: 'and', label: t.builder.all },
          { name: 'or', value: 'or', label: t.builder.any },
        ]}
        controlElements={controls}
        controlClassnames={looks}
        translations={words}
        disabled={disabled}
        addRuleToNewGroups
        showNotToggle
        maxLevels={7}
      />
    </div>
  )
}

const looks: Partial<Classnames> = { queryBuilder: 'built', ruleGroup: 'built-group', header: 'built-head', body: 'built-body', rule: 'built-rule' }
const words: Partial<Translations> = {
  fields: { title: t.builder.field },
  operators: { title: t.builder.operator },
  value: { title: t.builder.value },
  combinators: { title: t.builder.combinator },
  notToggle: { label: t.builder.not, title: t.builder.notTitle },
  addRule: { label: t.builder.condition, title: t.builder.addCondition },
  addGroup: { label: t.builder.group, title: t.builder.addGroup },
  removeRule: { label: t.remove, title: t.builder.removeCondition },
  removeGroup: { label: t.remove, title: t.builder.removeGroup },
}

const Choice = ({ options, value, handleOnChange, title = '', disabled = false }: ValueSelectorProps) => (
  <Select aria-label={title} data={options as { value: string; label: string }[]} value={value ?? null} onChange={(name) => name && handleOnChange(name)} disabled={disabled} allowDeselect={false} w={150} />
)

/** By what a field's numbers are kept. */
function keyWord(type: string): string {
  const key = type.replace('numbers by ', '')
  return t.builder.keys[key as keyof typeof t.builder.keys] ?? key
}

function FieldChoice({ options, value, handleOnChange, title = '', disabled = false, rule, path, schema }: FieldSelectorProps) {
  const of = (options as Asked[]).find(({ name }) => name === value)?.of
  return (
    <>
      <Select
        aria-label={title}
        data={(options as Asked[]).map(({ name }) => name)}
        renderOption={({ option }) => (
          <span>
            <code dir="ltr">{option.value}</code>
            <br />
            <span className="dim small" dir="auto">{worded((options as Asked[]).find(({ name }) => name === option.value)?.of.doc ?? '')}</span>
          </span>
        )}
        comboboxProps={{ width: 320, position: 'bottom-start' }}
        value={value ?? null}
        onChange={(name) => name && handleOnChange(name)}
        searchable
        allowDeselect={false}
        disabled={disabled}
        w={190}
      />
      {of && byKey(of.type) && (
        <TextInput
          aria-label={t.builder.which(keyWord(of.type))}
          placeholder={t.builder.whichOne(keyWord(of.type))}
          value={(rule as { key?: string }).key ?? ''}
          onChange={({ currentTarget }) => schema.dispatchQuery(keyed(schema.getQuery() as unknown as Group, path, currentTarget.value) as unknown as RuleGroupType)}
          disabled={disabled}
          w={120}
        />
      )}
    </>
  )
}

function Value({ fieldData, operator, value, handleOnChange, title = '', disabled = false }: ValueEditorProps) {
  const { of } = fieldData as Asked
  const kind = kindOf(of.type)
  const now = fitting(kind, operator, value)
  const known = of.name === 'event.type' ? triggerChoices().map((choice) => choice.value) : (of.values ?? [])
  if (operator === 'null' || operator === 'notNull') return null
  if (kind === 'yes or no') return <Switch aria-label={title} checked={now === true} onChange={({ currentTarget }) => handleOnChange(currentTarget.checked)} disabled={disabled} />
  if (operator === 'between' || operator === 'notBetween') {
    const [least, most] = now as (number | string)[]
    return (
      <span className="row">
        <NumberInput aria-label={t.builder.least} value={least ?? ''} onChange={(n) => handleOnChange([n, most ?? ''])} disabled={disabled} w={90} />
        <span className="dim">{t.builder.and}</span>
        <NumberInput aria-label={t.builder.most} value={most ?? ''} onChange={(n) => handleOnChange([least ?? '', n])} disabled={disabled} w={90} />
      </span>
    )
  }
  if (operator === 'in' || operator === 'notIn') return <TagsInput aria-label={title} data={known} value={(now as unknown[]).map(String)} onChange={handleOnChange} disabled={disabled} w={240} />
  if (kind === 'number') return <NumberInput aria-label={title} value={now as number | string} onChange={handleOnChange} disabled={disabled} w={110} />
  return <Autocomplete size="xs" aria-label={title} data={known} value={now as string} onChange={handleOnChange} disabled={disabled} w={190} />
}

const Add = ({ handleOnClick, label, title = '', disabled = false }: ActionProps) => (
  <Button variant="default" size="compact-xs" leftSection={<Plus size={12} />} title={title} disabled={disabled} onClick={(event) => handleOnClick(event)}>
    {label}
  </Button>
)

const Remove = ({ handleOnClick, title = '', disabled = false }: ActionProps) => (
  <ActionIcon variant="subtle" color="gray" aria-label={title} disabled={disabled} onClick={(event) => handleOnClick(event)}>
    <Trash2 size={14} />
  </ActionIcon>
)

const Not = ({ checked, handleOnChange, label, title = '', disabled = false }: NotToggleProps) => (
  <Button variant={checked ? 'filled' : 'default'} size="compact-xs" aria-pressed={checked === true} title={title} disabled={disabled} onClick={() => handleOnChange(!checked)}>
    {label}
  </Button>
)

const controls = {
  fieldSelector: FieldChoice,
  operatorSelector: Choice,
  combinatorSelector: Choice,
  valueEditor: Value,
  addRuleAction: Add,
  addGroupAction: Add,
  removeRuleAction: Remove,
  removeGroupAction: Remove,
  notToggle: Not,
}
