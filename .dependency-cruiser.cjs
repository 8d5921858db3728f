/**
 * The import rule. Three floors, and imports only go down: doors (main.ts and gateway*.ts, commands/, back-office/, and
 * the simulator of a core banking bus, a program of its own),
 * features (mandates, debits, statements), the rest. Tests may import anything.
 */
const doors = '^src/((main|gateway[a-z-]*)\\.ts$|commands/|back-office/|core-bank-simulator/)';
const features = '^src/(mandates|debits|statements)/';
const tests = '(\\.test\\.ts|/contract-(suite|bank|debit|inquiry|reversal|schedule|void)\\.ts)$';

module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two modules that need each other are one, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'imports-go-down-to-features',
      comment: 'A feature knows nothing of who opens its door.',
      severity: 'error',
      from: { path: features, pathNot: tests },
      to: { path: doors },
    },
    {
      name: 'imports-go-down-to-the-rest',
      comment: 'What features stand on knows no feature and no door.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: [doors, features, tests] },
      to: { path: [doors, features] },
    },
    {
      name: 'sql-stays-at-home',
      comment: "A feature's statements are its own: others use its functions.",
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: [doors, tests] },
      to: { path: '\\.sql\\.ts$', pathNot: '^src/$1/' },
    },
    {
      name: 'only-doors-read-settings',
      comment: 'Everything else is handed what it needs.',
      severity: 'error',
      from: { path: '^src/', pathNot: [doors, tests, '^src/(config|settings[a-z-]*)\\.ts$'] },
      to: { path: '^src/(config|settings[a-z-]*)\\.ts$' },
    },
    {
      name: 'only-doors-open-databases',
      comment: 'A pool, a server, migrations: built once, by the door, and closed by it.',
      severity: 'error',
      from: { path: '^src/', pathNot: [doors, tests, '^src/database/'] },
      to: { path: '^src/database/(embedded|migrations|roles)\\.ts$' },
    },
    {
      name: 'only-doors-open-the-log',
      comment: 'Everything else is handed a function to tell.',
      severity: 'error',
      from: { path: '^src/', pathNot: [doors, tests, '^src/operations/'] },
      to: { path: '^src/operations/(log|metrics|door)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-development-package-in-production',
      comment: 'The production image does not hold it. Only what makes development certificates may.',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/commands/(development-|demo|bench)'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'no-undeclared-package',
      comment: 'A package that is there by chance may be gone tomorrow.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'simulator-stands-alone',
      comment:
        'It plays the bank: a gateway that could reach into it would be tested against itself. What both need lies below.',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/core-bank-simulator/', '^src/commands/core-bank-simulator\\.ts$'] },
      to: { path: '^src/core-bank-simulator/' },
    },
    {
      name: 'simulator-reads-messages-itself',
      comment: 'With the code of the adapter it would make the same mistakes: of that it shares the XML reader alone.',
      severity: 'error',
      from: { path: '^src/core-bank-simulator/', pathNot: tests },
      to: { path: '^src/core-banking/iso20022/', pathNot: '/xml\\.ts$' },
    },
    {
      name: 'no-test-in-production',
      comment: 'What runs never imports what tests it.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: ['^test/', tests] },
    },
    {
      name: 'unresolved',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
