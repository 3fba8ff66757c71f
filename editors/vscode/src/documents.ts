/**
 * Documents that nobody wrote: the effective configuration of a file, and a deployment as text. They are what the program
 * prints, made again when a file is saved. Secrets are masked in them, since the program is never asked to reveal any.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { argument, run, type Said } from './run';

export const SCHEME = 'hardlint';

/** Forms in which a deployment is told, with the endings that editors know them by, and how a comment begins. */
export const FORMS = {
  text: { ending: 'txt', comment: '#' },
  mermaid: { ending: 'mmd', comment: '%%' },
  dot: { ending: 'dot', comment: '//' },
  json: { ending: 'json', comment: undefined },
} as const;
export type Form = keyof typeof FORMS;

/** What a document shows. Its address holds this and no arguments: links anywhere can open an address. */
type Asked = { readonly file: string } | { readonly folder: string; readonly form: Form };

export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly saved: vscode.Disposable;
  readonly onDidChange = this.changes.event;

  constructor(private readonly program: () => string | undefined) {
    this.saved = vscode.workspace.onDidSaveTextDocument(() => {
      for (const document of vscode.workspace.textDocuments) {
        if (document.uri.scheme === SCHEME) this.changes.fire(document.uri);
      }
    });
  }

  dispose(): void {
    this.saved.dispose();
    this.changes.dispose();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const asked = read(uri);
    const program = this.program();
    if (!program) return '# hardlint is not installed\n';
    if ('file' in asked) {
      const folder = folderOf(asked.file);
      const said = await run(program, ['show', argument(path.relative(folder, asked.file))], folder);
      return text('#', said, unsaved(asked.file));
    }
    const said = await run(program, ['graph', '--output-format', asked.form], asked.folder);
    return text(FORMS[asked.form].comment, said, false);
  }
}

/** The document that shows what a file means. */
export function effective(file: string): vscode.Uri {
  return named(`${file} (in effect)`, { file });
}

/** The document that tells what a folder deploys. */
export function told(folder: string, form: Form): vscode.Uri {
  return named(path.join(folder, `deployment.${FORMS[form].ending}`), { folder, form });
}

function folderOf(file: string): string {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file))?.uri.fsPath ?? path.dirname(file);
}

function named(file: string, asked: Asked): vscode.Uri {
  return vscode.Uri.file(file).with({ scheme: SCHEME, query: JSON.stringify(asked) });
}

function read(uri: vscode.Uri): Asked {
  const query = JSON.parse(uri.query) as Partial<Record<string, unknown>>;
  const { file, folder, form } = query;
  if (typeof file === 'string' && path.isAbsolute(file)) return { file };
  if (isFolder(folder) && isForm(form)) return { folder, form };
  throw new Error('this is no address of a document that hardlint makes');
}

/** Whether it is a folder that is open. */
export function isFolder(given: unknown): given is string {
  return vscode.workspace.workspaceFolders?.some((it) => it.uri.fsPath === given) ?? false;
}

export function isForm(given: unknown): given is Form {
  return typeof given === 'string' && Object.hasOwn(FORMS, given);
}

function unsaved(file: string): boolean {
  return vscode.workspace.textDocuments.some((it) => it.isDirty && it.uri.scheme === 'file' && it.uri.fsPath === file);
}

function text(comment: string | undefined, said: Said, dirty: boolean): string {
  const notes = said.err.trim() === '' ? [] : said.err.trim().split('\n');
  if (dirty) notes.unshift('this is the file as it was saved; its editor has changes that are not');
  // A form without comments has no place for notes.
  const sign = comment ?? (said.out === '' ? '#' : undefined);
  return (sign ? notes.map((note) => `${sign} ${note}\n`).join('') : '') + said.out;
}
