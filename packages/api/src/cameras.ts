import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api, Problem, problemOf } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type CameraNow = Schemas['CameraNow']
export type CameraProcess = Schemas['CameraProcess']
export type GroundPoint = Schemas['GroundPoint']

const camerasKey = ['cameras']

/** Cameras and their processes, every five seconds. */
export const useCameras = () =>
  useQuery({ queryKey: camerasKey, queryFn: ({ signal }) => answer(api.GET('/api/cameras', { signal })), refetchInterval: 5_000 })

/** Keeps the four points by which a camera knows the floor, or none. */
export function useSaveGround(camera: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (ground: GroundPoint[]) => answer(api.PUT('/api/cameras/{camera}/ground', { params: { path: { camera } }, body: { ground } })),
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: camerasKey }), client.invalidateQueries({ queryKey: ['shops'] })]),
  })
}

const passFor = (camera: string, what: 'look' | 'send') => answer(api.POST('/api/cameras/{camera}/passes', { params: { path: { camera } }, body: { for: what } }))

/** The address of the page that makes a tablet this camera. */
export const useTabletAddress = (camera: string) => useMutation({ mutationFn: () => passFor(camera, 'send') })

/** The camera's next picture, straight from its process: it is kept nowhere. @throws {Problem} */
export const useCameraPicture = (camera: string) =>
  useMutation({
    mutationFn: async () => {
      const { address } = await passFor(camera, 'look')
      let response: Response
      try {
        response = await fetch(address, { cache: 'no-store' })
      } catch {
        throw new Problem(0, 'The cameras’ process does not answer.')
      }
      if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null))
      return response.blob()
    },
    gcTime: 0,
  })
