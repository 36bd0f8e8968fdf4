import graphqlPlugin from '@graphql-eslint/eslint-plugin'
import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import svelte from 'eslint-plugin-svelte'
import typescript from 'typescript-eslint'

const clientScripts = ['client/**/*.ts', 'client/**/*.svelte']

// What the compiler does not see: forgotten promises, values of type any that spread, switches that miss a case.
const typeAware = [typescript.configs.recommendedTypeChecked, typescript.configs.stylisticTypeChecked]
const rules = {
  'no-console': 'error',
  eqeqeq: 'error',
  '@typescript-eslint/consistent-type-definitions': 'off',
  '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
  ],
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/prefer-readonly': 'error',
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/return-await': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
}

export default defineConfig(
  globalIgnores(['node_modules/', '.data/', '.cache/', 'client/dist/', 'test-output/', '**/graphql-env.d.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  {
    files: ['{server,test,scripts,bench}/**/*.ts', '*.ts'],
    extends: [js.configs.recommended, ...typeAware],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules,
  },
  { files: ['{scripts,bench}/**/*.ts'], rules: { 'no-console': 'off' } },
  // Tests look into what came back and say so by failing when it is not there.
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // vitest reads which fixtures a hook wants from its pattern.
      'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }],
    },
  },
  {
    // .ts and .svelte by the same program: two programs for one folder would each see half of the types.
    files: clientScripts,
    extends: [js.configs.recommended, ...typeAware, svelte.configs.recommended],
    languageOptions: {
      parserOptions: {
        project: ['./client/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
        parser: typescript.parser,
      },
    },
    rules: {
      ...rules,
      // The compiler knows what a template uses; TypeScript's own checks of names do the rest.
      'no-undef': 'off',
    },
  },
  {
    // Pulls the documents out of the scripts that hold them, so that each is checked against the schema.
    files: ['client/src/lib/documents/**/*.ts'],
    processor: graphqlPlugin.processor,
  },
  {
    files: ['client/**/*.graphql'],
    languageOptions: { parser: graphqlPlugin.parser, parserOptions: { graphQLConfig: { schema: 'schema.graphql' } } },
    plugins: { '@graphql-eslint': graphqlPlugin },
    rules: {
      '@graphql-eslint/executable-definitions': 'error',
      '@graphql-eslint/fields-on-correct-type': 'error',
      '@graphql-eslint/fragments-on-composite-type': 'error',
      '@graphql-eslint/known-argument-names': 'error',
      '@graphql-eslint/known-directives': ['error', { ignoreClientDirectives: ['_unmask'] }],
      '@graphql-eslint/known-type-names': 'error',
      '@graphql-eslint/no-deprecated': 'error',
      '@graphql-eslint/possible-fragment-spread': 'error',
      '@graphql-eslint/provided-required-arguments': 'error',
      '@graphql-eslint/scalar-leafs': 'error',
      '@graphql-eslint/value-literals-of-correct-type': 'error',
      '@graphql-eslint/variables-are-input-types': 'error',
      '@graphql-eslint/variables-in-allowed-position': 'error',
    },
  },
  {
    files: ['schema.graphql'],
    languageOptions: { parser: graphqlPlugin.parser, parserOptions: { graphQLConfig: { schema: 'schema.graphql' } } },
    plugins: { '@graphql-eslint': graphqlPlugin },
    rules: {
      '@graphql-eslint/no-unreachable-types': 'error',
      '@graphql-eslint/require-deprecation-reason': 'error',
      '@graphql-eslint/require-description': [
        'error',
        { types: true, EnumValueDefinition: true, FieldDefinition: true, InputValueDefinition: true, rootField: true },
      ],
    },
  },
)
