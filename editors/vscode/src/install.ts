/** How the program can be had. Nothing is installed here: a command is written into a terminal, and whoever sits there runs it. */

export interface Way {
  readonly label: string;
  readonly detail: string;
  readonly command: string;
}

export function ways(windows: boolean): readonly Way[] {
  const python = windows ? 'py' : 'python3';
  return [
    { label: 'pipx', detail: 'For you, in an environment of its own', command: 'pipx install hardlint' },
    { label: 'uv', detail: 'For you, in an environment of its own', command: 'uv tool install hardlint' },
    { label: 'pip, in .venv', detail: 'For this workspace only', command: venv(python, windows) },
    { label: 'cargo', detail: 'Built from source, with Rust', command: 'cargo install --locked hardlint' },
  ];
}

function venv(python: string, windows: boolean): string {
  return windows
    ? // PowerShell 5 has no `&&`.
      `${python} -m venv .venv; .venv\\Scripts\\python -m pip install hardlint`
    : `${python} -m venv .venv && .venv/bin/python -m pip install hardlint`;
}
