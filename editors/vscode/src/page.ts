/** The page that shows the picture of a deployment. It runs no script, and loads nothing. */

export interface Page {
  readonly nonce: string;
  /** The picture, as the program drew it. It is shown as an image, so that nothing in it can act. */
  readonly svg: string;
  readonly folder: string;
  /** What the program had to say beside. */
  readonly notes: string;
  /** Commands that the links of the page run, by their titles. */
  readonly links: readonly { readonly title: string; readonly command: string; readonly argument: unknown }[];
}

export function page(page: Page): string {
  const policy = `default-src 'none'; img-src data:; style-src 'nonce-${page.nonce}'`;
  const links = page.links.map((link) => {
    const uri = `command:${link.command}?${encodeURIComponent(JSON.stringify([link.argument]))}`;
    return `<a href="${escaped(uri)}">${escaped(link.title)}</a>`;
  });
  const notes = page.notes.trim() === '' ? '' : `<pre>${escaped(page.notes.trim())}</pre>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Deployment graph</title>
<style nonce="${page.nonce}">
body { padding: 0; }
nav { position: sticky; top: 0; display: flex; gap: 1.5em; align-items: center; padding: 0.6em 1em; background: var(--vscode-editor-background); }
nav strong { font-weight: 600; margin-right: auto; }
pre { margin: 0 1em 1em; white-space: pre-wrap; color: var(--vscode-descriptionForeground); }
img { display: block; background: #fff; }
body:has(:checked) img { max-width: 100%; }
label { display: flex; gap: 0.3em; align-items: center; }
</style>
</head>
<body>
<nav><label><input type="checkbox" checked>Fit the width</label><strong>${escaped(page.folder)}</strong>${links.join('')}</nav>
${notes}<img alt="What is deployed in ${escaped(page.folder)}" src="data:image/svg+xml;base64,${Buffer.from(page.svg, 'utf8').toString('base64')}">
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
