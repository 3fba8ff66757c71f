/** What the status bar says. */

export type State =
  | { readonly is: 'starting' }
  | { readonly is: 'running'; readonly version: string; readonly program: string }
  | { readonly is: 'stopped' }
  | { readonly is: 'missing'; readonly why: string }
  | { readonly is: 'failed'; readonly why: string };

/** Findings by how bad they are, in all files that the server tells of. */
export interface Counts {
  readonly errors: number;
  readonly warnings: number;
  readonly others: number;
}

export interface Shown {
  readonly text: string;
  readonly tooltip: string;
  readonly alarm: 'error' | 'warning' | undefined;
}

export function shown(state: State, counts: Counts, withheld: readonly string[]): Shown {
  const notes = withheld.map((note) => `\n\nNot used: ${note}.`).join('');
  switch (state.is) {
    case 'starting':
      return { text: '$(loading~spin) hardlint', tooltip: `hardlint is starting${notes}`, alarm: undefined };
    case 'stopped':
      return { text: '$(circle-slash) hardlint', tooltip: `hardlint is stopped${notes}`, alarm: undefined };
    case 'missing':
      return { text: '$(shield) hardlint: not installed', tooltip: `${state.why}${notes}`, alarm: 'warning' };
    case 'failed':
      return { text: '$(shield) hardlint: failed', tooltip: `${state.why}${notes}`, alarm: 'error' };
    case 'running': {
      const all = counts.errors + counts.warnings + counts.others;
      const parts = [plural(counts.errors, 'error'), plural(counts.warnings, 'warning'), `${counts.others} below`];
      const found = all === 0 ? 'nothing found' : `${plural(all, 'finding')}: ${parts.join(', ')}`;
      const tooltip = `hardlint ${state.version}: ${found}\n\n${state.program}${notes}`;
      return { text: `$(shield) ${all}`, tooltip, alarm: undefined };
    }
  }
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
