interface ChoiceProps<T> {
  label: string
  chosen: T
  onChoose: (choice: T) => void
  choices: [choice: T, name: string][]
}

/** One of a few, side by side. */
export const Choice = <T extends string | number | boolean>({ label, chosen, onChoose, choices }: ChoiceProps<T>) => (
  <div className="choice num" role="group" aria-label={label}>
    {choices.map(([choice, name]) => (
      <button key={String(choice)} type="button" aria-pressed={choice === chosen} onClick={() => onChoose(choice)}>
        {name}
      </button>
    ))}
  </div>
)
