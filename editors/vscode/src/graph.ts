/** The picture of a deployment, in a panel of its own. */
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { page } from './page';
import { run } from './run';

const panels = new Map<string, vscode.WebviewPanel>();

/** Draws what a folder deploys, in the panel that it has already or in another. */
export async function draw(program: string, folder: string): Promise<void> {
  const said = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'hardlint draws the deployment' },
    () => run(program, ['graph', '--output-format', 'svg'], folder),
  );
  if (said.out === '') {
    void vscode.window.showErrorMessage(`hardlint: ${said.err.trim() || 'there is nothing to draw'}`);
    return;
  }
  const panel = panels.get(folder) ?? opened(folder);
  panel.webview.html = page({
    nonce: randomBytes(16).toString('hex'),
    svg: said.out,
    folder: path.basename(folder),
    notes: said.err,
    links: [
      { title: 'Draw again', command: 'hardlint.drawGraph', argument: folder },
      { title: 'Text', command: 'hardlint.tellGraph', argument: { folder, form: 'text' } },
      { title: 'Mermaid', command: 'hardlint.tellGraph', argument: { folder, form: 'mermaid' } },
      { title: 'DOT', command: 'hardlint.tellGraph', argument: { folder, form: 'dot' } },
      { title: 'JSON', command: 'hardlint.tellGraph', argument: { folder, form: 'json' } },
    ],
  });
  panel.reveal(undefined, true);
}

function opened(folder: string): vscode.WebviewPanel {
  const panel = vscode.window.createWebviewPanel(
    'hardlint.graph',
    `Deployment of ${path.basename(folder)}`,
    { viewColumn: vscode.ViewColumn.Active, preserveFocus: false },
    { enableScripts: false, localResourceRoots: [], enableCommandUris: ['hardlint.drawGraph', 'hardlint.tellGraph'] },
  );
  panels.set(folder, panel);
  panel.onDidDispose(() => panels.delete(folder));
  return panel;
}
