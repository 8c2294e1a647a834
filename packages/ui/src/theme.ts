import {
  convertCssVariables,
  createTheme,
  defaultCssVariablesResolver,
  DEFAULT_THEME,
  mergeMantineTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core'
import { decimalSign } from './format'

const iris: MantineColorsTuple = [
  '#eeeffe', '#dcddfb', '#b9bbf4', '#9396ee', '#7478e8', '#6165ea', '#5458e0', '#4549c7', '#3b3fb3', '#30349e',
]
const gray: MantineColorsTuple = [
  '#fafafb', '#f4f4f6', '#e8e8ec', '#d9d9e0', '#c3c3cc', '#a0a0ab', '#71717d', '#54545f', '#36363f', '#1b1b21',
]
const dark: MantineColorsTuple = [
  '#ececf1', '#b9b9c3', '#8f8f9b', '#62626e', '#3a3a44', '#2b2b33', '#1c1c22', '#131317', '#101014', '#0c0c0f',
]

/** Dark enough for white words on it. */
const red: MantineColorsTuple = [
  '#fdebeb', '#f9d3d3', '#f1abab', '#e78080', '#dc5a5a', '#cb3b3b', '#bd2c2c', '#a32323', '#8a1d1d', '#6f1717',
]

/** What floats may not lock the page's scroll: that writes a style element, which the policy forbids. */
const overlayProps = { backgroundOpacity: 0.3 }
const floating = { defaultProps: { lockScroll: false, overlayProps } }

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 6, dark: 5 },
  colors: { iris, gray, dark, red },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  headings: { fontFamily: 'var(--font)', fontWeight: '600' },
  fontSizes: { xs: '11px', sm: '12.5px', md: '13.5px', lg: '15px', xl: '18px' },
  components: {
    Modal: floating,
    Drawer: floating,
    Spotlight: floating,
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false } },
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: () => ({ size: 'xs', decimalSeparator: decimalSign() }) },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', allowDeselect: false } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    TagsInput: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    DateTimePicker: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
  },
})

/** Mantine's own variables, mapped onto tokens.css. */
const onTokens = {
  '--mantine-color-body': 'var(--canvas)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-bright': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-dim)',
  '--mantine-color-placeholder': 'var(--text-faint)',
  '--mantine-color-error': 'var(--neg)',
  '--mantine-color-anchor': 'var(--accent-text)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-default-color': 'var(--text)',
}

export const resolver: CSSVariablesResolver = () => ({ variables: {}, light: onTokens, dark: onTokens })

/** The stylesheet that Mantine would write into the page; mantine.css holds it, so that the policy can forbid inline styles. */
export function variables(): string {
  const whole = mergeMantineTheme(DEFAULT_THEME, theme)
  const own = defaultCssVariablesResolver(whole)
  return convertCssVariables(
    {
      variables: own.variables,
      light: { ...own.light, ...onTokens, '--mantine-color-scheme': 'light' },
      dark: { ...own.dark, ...onTokens, '--mantine-color-scheme': 'dark' },
    },
    ':root',
  ).replaceAll(/[{;]/g, '$&\n').replaceAll('}', '}\n')
}
