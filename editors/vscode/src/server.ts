/** The language server, from its start to its end: found, run, watched, and started again when asked. */
import * as os from 'node:os';
import * as vscode from 'vscode';
import { LanguageClient, State as Running } from 'vscode-languageclient/node';
import { disk } from './disk';
import { find, type Found } from './finder';
import { ASKED, SELECTOR } from './told';
import type { State } from './status';

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private found: Found = { program: { missing: 'not looked for' }, withheld: [] };
  private readonly changes = new vscode.EventEmitter<State>();
  /** Starts and stops wait for each other. */
  private turn: Promise<void> = Promise.resolve();

  state: State = { is: 'stopped' };
  readonly onDidChange = this.changes.event;

  constructor(private readonly log: vscode.LogOutputChannel) {}

  /** What was passed over when the program was looked for. */
  get withheld(): readonly string[] {
    return this.found.withheld;
  }

  /** The program, if there is one. */
  get program(): string | undefined {
    return 'path' in this.found.program ? this.found.program.path : undefined;
  }

  /** Starts the server, or looks for it anew and starts it again. */
  restart(): Promise<void> {
    this.turn = this.turn.then(async () => {
      await this.end();
      await this.begin();
    });
    return this.turn;
  }

  stop(): Promise<void> {
    this.turn = this.turn.then(() => this.end());
    return this.turn;
  }

  dispose(): void {
    this.changes.dispose();
  }

  private async begin(): Promise<void> {
    this.found = find(here(), disk);
    for (const note of this.found.withheld) this.log.warn(`not used: ${note}`);
    const { program } = this.found;
    if ('missing' in program) {
      this.log.warn(program.missing);
      this.become({ is: 'missing', why: program.missing });
      return;
    }
    this.log.info(`${program.path} lsp (from ${program.from})`);
    this.become({ is: 'starting' });
    const client = new LanguageClient(
      'hardlint',
      'hardlint',
      { command: program.path, args: ['lsp'] },
      {
        documentSelector: SELECTOR,
        outputChannel: this.log,
        diagnosticCollectionName: 'hardlint',
        initializationOptions: settings,
        middleware: {
          workspace: {
            // What the server asks to be told of is every file, since one that another includes may have any name.
            didChangeWatchedFile: (event, next) =>
              /\/(?:\.git|node_modules)\//.test(event.uri) ? Promise.resolve() : next(event),
          },
        },
      },
    );
    client.onDidChangeState(({ newState }) => {
      if (client !== this.client) return;
      if (newState === Running.Running) this.become(running(client, program.path));
      else if (newState === Running.Starting) this.become({ is: 'starting' });
      else if (this.state.is === 'running') this.become({ is: 'failed', why: 'the server ended; the output says why' });
    });
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.log.error(why);
      this.become({ is: 'failed', why });
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (!client) return;
    this.become({ is: 'stopped' });
    try {
      await client.dispose();
    } catch (error) {
      // One that never started cannot be stopped.
      this.log.debug(String(error));
    }
  }

  private become(state: State): void {
    this.state = state;
    this.changes.fire(state);
  }
}

function running(client: LanguageClient, program: string): State {
  const version = client.initializeResult?.serverInfo?.version ?? '';
  return { is: 'running', version, program };
}

/** What the server is asked for beyond the files. */
function settings(): Record<string, unknown> {
  const all = vscode.workspace.getConfiguration('hardlint');
  return Object.fromEntries(ASKED.map((name) => [name, all.get(name)]));
}

/** What the finder goes by, as things are. */
function here(): Parameters<typeof find>[0] {
  const set = vscode.workspace.getConfiguration('hardlint').inspect<string>('path');
  return {
    user: set?.globalValue,
    workspace: set?.workspaceFolderValue ?? set?.workspaceValue,
    trusted: vscode.workspace.isTrusted,
    folders: (vscode.workspace.workspaceFolders ?? [])
      .filter((it) => it.uri.scheme === 'file')
      .map((it) => it.uri.fsPath),
    search: process.env['PATH'] ?? process.env['Path'] ?? '',
    home: os.homedir(),
    windows: process.platform === 'win32',
  };
}
