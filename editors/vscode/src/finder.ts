/**
 * Where the program is that this extension runs. Nothing is run here, and nothing below an untrusted workspace is ever
 * found: whoever wrote the workspace could have put it there.
 */
import * as path from 'node:path';

/** What the answer depends on. */
export interface Place {
  /** `hardlint.path` as the settings of the user have it. */
  readonly user: string | undefined;
  /** `hardlint.path` as the settings of the workspace have it. */
  readonly workspace: string | undefined;
  readonly trusted: boolean;
  /** The folders that are open. */
  readonly folders: readonly string[];
  /** The variable `PATH`. */
  readonly search: string;
  readonly home: string;
  readonly windows: boolean;
}

/** The disk, as far as it is asked. */
export interface Disk {
  /** Whether this is a file that can be run. */
  runs(file: string): boolean;
  /** The path without symbolic links, or the same if there is no such file. */
  real(file: string): string;
}

export interface Found {
  /** The program, or why there is none. */
  readonly program: { readonly path: string; readonly from: string } | { readonly missing: string };
  /** What was passed over for want of trust. */
  readonly withheld: readonly string[];
}

/** The setting goes before the workspace's virtual environment, and that before the `PATH`. */
export function find(place: Place, disk: Disk): Found {
  const withheld: string[] = [];
  const inside = (file: string): boolean =>
    place.folders.some((folder) => below(disk.real(folder), disk.real(file)) || below(folder, file));
  const allowed = (file: string): boolean => {
    if (place.trusted || !inside(file)) return true;
    if (disk.runs(file)) withheld.push(`${file} stands in the workspace, which is not trusted`);
    return false;
  };
  if (place.workspace && !place.trusted) {
    withheld.push('hardlint.path is set by the workspace, which is not trusted');
  }
  const set = place.trusted && place.workspace ? place.workspace : place.user;
  if (set) return { program: named(set, place, disk, allowed), withheld };

  for (const folder of place.folders) {
    for (const venv of ['.venv', 'venv']) {
      const file = path.join(folder, venv, place.windows ? 'Scripts' : 'bin', executable('hardlint', place));
      if (allowed(file) && disk.runs(file))
        return { program: { path: file, from: `the workspace's ${venv}` }, withheld };
    }
  }
  const file = searched('hardlint', place, disk, allowed);
  if (file) return { program: { path: file, from: 'PATH' }, withheld };
  return { program: { missing: 'hardlint is not on the PATH, and hardlint.path is not set' }, withheld };
}

/** What a setting names. It is not passed over if there is nothing: whoever set it means it. */
function named(set: string, place: Place, disk: Disk, allowed: (file: string) => boolean): Found['program'] {
  const first = place.folders[0];
  let file = set.trim();
  if (file.includes('${workspaceFolder}')) {
    if (!first) return { missing: `hardlint.path names a folder of the workspace, and none is open: ${set}` };
    file = file.replaceAll('${workspaceFolder}', first);
  }
  if (file === '~' || file.startsWith('~/') || (place.windows && file.startsWith('~\\'))) {
    file = path.join(place.home, file.slice(1));
  }
  if (!path.isAbsolute(file)) {
    if (!/[/\\]/.test(file)) {
      const found = searched(file, place, disk, allowed);
      return found
        ? { path: found, from: 'hardlint.path and PATH' }
        : { missing: `hardlint.path names ${file}, which is not on the PATH` };
    }
    if (!first) return { missing: `hardlint.path is relative, and no folder is open: ${set}` };
    file = path.join(first, file);
  }
  if (!allowed(file)) return { missing: `hardlint.path names ${file}, in a workspace that is not trusted` };
  if (!disk.runs(file)) return { missing: `hardlint.path names ${file}, which is not a program` };
  return { path: file, from: 'hardlint.path' };
}

/** Relative folders of the `PATH` are passed over: they would be the workspace's. */
function searched(name: string, place: Place, disk: Disk, allowed: (file: string) => boolean): string | undefined {
  return place.search
    .split(place.windows ? ';' : ':')
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, executable(name, place)))
    .find((file) => allowed(file) && disk.runs(file));
}

function executable(name: string, place: Place): string {
  return place.windows && !name.toLowerCase().endsWith('.exe') ? `${name}.exe` : name;
}

function below(folder: string, file: string): boolean {
  const between = path.relative(folder, file);
  return between !== '' && between !== '..' && !between.startsWith(`..${path.sep}`) && !path.isAbsolute(between);
}
