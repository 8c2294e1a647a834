import { useQuery } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

export type RuleField = components['schemas']['RuleField']
export type RuleCheck = components['schemas']['RuleCheck']

export const useRuleFields = () =>
  useQuery({
    queryKey: ['rules', 'fields'],
    queryFn: ({ signal }) => answer(api.GET('/api/rules/fields', { signal })),
    select: (body) => body.fields,
    staleTime: Infinity,
  })

/** What was built, as a rule, if it is right. */
export const useTreeCheck = (tree: object | undefined) =>
  useQuery({
    queryKey: ['rules', 'check', tree],
    queryFn: ({ signal }) => answer(api.POST('/api/rules/check', { body: { tree }, signal })),
    enabled: tree !== undefined,
    placeholderData: (previous) => previous,
    staleTime: Infinity,
  })

/** Whether a rule is right. Nothing is asked of an empty one. */
export const useRuleCheck = (expression: string) =>
  useQuery({
    queryKey: ['rules', 'check', expression],
    queryFn: ({ signal }) => answer(api.POST('/api/rules/check', { body: { expression }, signal })),
    enabled: expression.trim() !== '',
    placeholderData: (previous) => previous,
    staleTime: Infinity,
  })
