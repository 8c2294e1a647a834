import { useSendAgain, type Quarantined } from '@aisle/api'
import { Button } from '@mantine/core'
import { RotateCcw } from 'lucide-react'
import { done, failed } from '../say'
import { t } from './words'

/** Sends one record through the door again; the page itself tells what came of it. */
export function SendOne({ record: { id, state } }: { record: Quarantined }) {
  const replay = useSendAgain()
  const taken = state === 'replayed'
  const atDoor = state === 'replaying'
  return (
    <Button
      leftSection={<RotateCcw size={14} />}
      loading={replay.isPending || atDoor}
      disabled={taken}
      onClick={() =>
        replay.mutate(
          { ids: [id] },
          {
            onSuccess: ({ replayed }) => done(replayed > 0 ? t.send.handed : t.send.notHanded),
            onError: failed,
          },
        )
      }
    >
      {taken ? t.send.became : t.send.yes}
    </Button>
  )
}
