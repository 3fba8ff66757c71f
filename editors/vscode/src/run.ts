/** Runs the program once, and gives what it says. There is no shell in between. */
import { execFile } from 'node:child_process';

export interface Said {
  /** The exit status; undefined if the program could not be run, or took too long. */
  readonly status: number | undefined;
  readonly out: string;
  readonly err: string;
}

const LONGEST_MS = 60_000;
const LARGEST = 64 * 1024 * 1024;

export function run(program: string, args: readonly string[], folder: string, longest = LONGEST_MS): Promise<Said> {
  return new Promise((resolve) => {
    const options = { cwd: folder, timeout: longest, maxBuffer: LARGEST, windowsHide: true };
    execFile(program, [...args], options, (error, out, err) => {
      if (!error) resolve({ status: 0, out, err });
      else if (typeof error.code === 'number') resolve({ status: error.code, out, err });
      else resolve({ status: undefined, out, err: error.killed ? `${program} took too long` : error.message });
    });
  });
}

/** A path as an argument: never taken for an option. */
export function argument(file: string): string {
  return file.startsWith('-') ? `./${file}` : file;
}
