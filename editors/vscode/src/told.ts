/** What the server is told: which documents, and which settings. What a document is it decides itself, by name and content. */
import type { DocumentSelector } from 'vscode-languageclient/node';

/** Our own in package.json, and those of the editor and of other extensions. */
export const LANGUAGES = [
  'nginx',
  'sshd_config',
  'postgresql-conf',
  'pg-hba',
  'redis-conf',
  'dotenv',
  'dockerfile',
  'dockercompose',
  'yaml',
  'python',
  'ini',
  'properties',
  'ssh_config',
] as const;

/** Whatever language they are taken for. */
export const PATTERNS = [
  '**/*.{conf,cfg,config,vhost,nginx,hba}',
  '**/sites-{available,enabled}/*',
  '**/{.env,.env.*,*.env}',
] as const;

export const SELECTOR: DocumentSelector = [
  ...LANGUAGES.map((language) => ({ scheme: 'file', language })),
  ...PATTERNS.map((pattern) => ({ scheme: 'file', pattern })),
];

/** Settings, below `hardlint.`, that are the server's business. */
export const ASKED = [
  'pedantic',
  'preview',
  'severity',
  'confidence',
  'select',
  'ignore',
  'inlayHints',
  'codeLens',
] as const;
