import { useMay, useSaveShop, useShops } from '@aisle/api'
import { Empty } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { fieldErrors } from '../errors'
import { Page } from '../Page'
import { done, failed } from '../say'
import { newShop } from './plan'
import { newShopDraft, ShopFields, shopMistakes, type ShopDraft } from './ShopFields'
import { t } from './words'

/** A new shop with an empty floor; its zones come next. */
export default function NewShopPage() {
  const may = useMay('marketer')
  const shops = useShops()
  const save = useSaveShop()
  const navigate = useNavigate()
  const form = useForm<ShopDraft>({ initialValues: newShopDraft(), validate: shopMistakes })
  const send = form.onSubmit(({ name, timeZone, currency, width, depth }) =>
    save.mutate(newShop(name, timeZone, currency, Number(width), Number(depth), (shops.data ?? []).map(({ id }) => id)), {
      onSuccess: (shop) => {
        done(t.new.created(shop.name))
        void navigate({ to: '/shops/$shop', params: { shop: shop.id } })
      },
      onError: (error) => {
        const fields = fieldErrors(error, { time_zone: 'timeZone' })
        form.setErrors(fields)
        if (Object.keys(fields).length === 0) failed(error)
      },
    }),
  )
  if (!may) {
    return (
      <Page title={t.new.title} narrow>
        <div className="card">
          <Empty title={t.new.notYours.title}>{t.new.notYours.more}</Empty>
        </div>
      </Page>
    )
  }
  return (
    <Page title={t.new.title} note={t.new.note} narrow>
      <form className="card block" onSubmit={send} noValidate>
        <ShopFields form={form} />
        <Button type="submit" loading={save.isPending} disabled={!shops.data} style={{ justifySelf: 'start' }}>
          {t.new.create}
        </Button>
      </form>
    </Page>
  )
}
