/** The extension: the server, its item in the status bar, and the commands. Nothing is judged here. */
import * as vscode from 'vscode';
import { Documents, SCHEME, effective, isFolder, isForm, told } from './documents';
import { draw } from './graph';
import { ways } from './install';
import { Server } from './server';
import { shown, type Counts } from './status';

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel('hardlint', { log: true });
  const running = new Server(log);
  server = running;
  const documents = new Documents(() => running.program);
  const item = vscode.window.createStatusBarItem('hardlint', vscode.StatusBarAlignment.Left, -1);
  item.name = 'hardlint';
  item.command = 'hardlint.menu';
  const tell = (): void => {
    const { text, tooltip, alarm } = shown(running.state, counts(), running.withheld);
    item.text = text;
    item.tooltip = new vscode.MarkdownString(tooltip);
    item.backgroundColor = alarm && new vscode.ThemeColor(`statusBarItem.${alarm}Background`);
    item.show();
  };
  const restart = (): Promise<void> => running.restart();
  const command = (name: string, run: (...args: never[]) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`hardlint.${name}`, run);
  context.subscriptions.push(
    log,
    running,
    documents,
    item,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, documents),
    running.onDidChange(tell),
    vscode.languages.onDidChangeDiagnostics(tell),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('hardlint.path')) void restart();
    }),
    command('restart', restart),
    command('output', () => {
      log.show();
    }),
    command('menu', menu),
    command('install', () => install(context, restart)),
    command('showEffective', (uri?: vscode.Uri) => showEffective(running, uri)),
    command('showGraph', async () => {
      const folder = await chosen();
      if (folder) await drawn(running, folder);
    }),
    // Those that the links of the graph's panel run.
    command('drawGraph', async (folder: unknown) => {
      if (isFolder(folder)) await drawn(running, folder);
    }),
    command('tellGraph', async (asked?: { folder?: unknown; form?: unknown }) => {
      if (isFolder(asked?.folder) && isForm(asked.form)) await open(told(asked.folder, asked.form));
    }),
  );
  tell();
  await restart();
  if (running.state.is === 'missing') void offer(context, running.state.why);
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

/** Findings of hardlint among all that is told. */
function counts(): Counts {
  const found = { errors: 0, warnings: 0, others: 0 };
  for (const [, diagnostics] of vscode.languages.getDiagnostics()) {
    for (const { source, severity } of diagnostics) {
      if (source !== 'hardlint') continue;
      if (severity === vscode.DiagnosticSeverity.Error) found.errors += 1;
      else if (severity === vscode.DiagnosticSeverity.Warning) found.warnings += 1;
      else found.others += 1;
    }
  }
  return found;
}

async function menu(): Promise<void> {
  const all = [
    { label: '$(list-flat) Show findings', command: 'workbench.actions.view.problems' },
    { label: '$(eye) Show effective configuration', command: 'hardlint.showEffective' },
    { label: '$(type-hierarchy) Show deployment graph', command: 'hardlint.showGraph' },
    { label: '$(debug-restart) Restart server', command: 'hardlint.restart' },
    { label: '$(output) Show output', command: 'hardlint.output' },
    { label: '$(cloud-download) Install…', command: 'hardlint.install' },
  ];
  const picked = await vscode.window.showQuickPick(all, { title: 'hardlint' });
  if (picked) await vscode.commands.executeCommand(picked.command);
}

const SILENT = 'hardlint.offerNoMore';

async function offer(context: vscode.ExtensionContext, why: string): Promise<void> {
  if (context.globalState.get(SILENT)) return;
  const [how, set, never] = ['Install…', 'Open settings', 'Do not ask again'] as const;
  const picked = await vscode.window.showWarningMessage(`hardlint was not found: ${why}.`, how, set, never);
  if (picked === how) await vscode.commands.executeCommand('hardlint.install');
  else if (picked === set) await vscode.commands.executeCommand('workbench.action.openSettings', 'hardlint.path');
  else if (picked === never) await context.globalState.update(SILENT, true);
}

async function install(context: vscode.ExtensionContext, restart: () => Promise<void>): Promise<void> {
  const all = ways(process.platform === 'win32').map((way) => ({ ...way, description: way.command }));
  const picked = await vscode.window.showQuickPick(all, {
    title: 'The command is written into a terminal; press Enter there to run it',
  });
  if (!picked) return;
  const terminal = vscode.window.createTerminal('Install hardlint');
  terminal.show();
  terminal.sendText(picked.command, false);
  const closed = vscode.window.onDidCloseTerminal((it) => {
    if (it !== terminal) return;
    closed.dispose();
    void restart();
  });
  context.subscriptions.push(closed);
  const again = 'Restart server';
  const done = await vscode.window.showInformationMessage('When hardlint is installed, restart the server.', again);
  if (done === again) await restart();
}

async function showEffective(running: Server, given: vscode.Uri | undefined): Promise<void> {
  const uri = given ?? vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme !== 'file') {
    void vscode.window.showInformationMessage('hardlint: open the file that the program is started with.');
  } else if (!running.program) {
    await vscode.commands.executeCommand('hardlint.install');
  } else {
    await open(effective(uri.fsPath));
  }
}

async function drawn(running: Server, folder: string): Promise<void> {
  if (running.program) await draw(running.program, folder);
  else await vscode.commands.executeCommand('hardlint.install');
}

async function open(uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
}

/** The folder that is meant: the only one, or the one that is picked. */
async function chosen(): Promise<string | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((it) => it.uri.scheme === 'file');
  if (folders.length > 1) return (await vscode.window.showWorkspaceFolderPick())?.uri.fsPath;
  if (!folders[0]) void vscode.window.showInformationMessage('hardlint: open a folder to draw what it deploys.');
  return folders[0]?.uri.fsPath;
}
